using Protean.Codec;
using Protean.Cryptography;
using Protean.State;
using Xunit;

namespace Protean.Tests.State;

/// <summary>Proofs that a prover would write by hand, byte by byte as docs/protocols/state-map.md lays them out.</summary>
public sealed class ProofAttackTests
{
    private const byte Closed = 0, Branch = 1, BareLeaf = 2, Leaf = 3;

    // "a" is 0x61 and "c" 0x63: paths 1 01100001 0 and 1 01100011 0, which part after seven bits, so that below the branch both go on 10.
    private static readonly MapEntry A = Maps.Entry("a"), C = Maps.Entry("c");
    private static readonly MapSnapshot Map = Maps.With(A, C).Map.Current;

    private static Encoder Open() => new Encoder().Bool(true).U8(Branch).U16(7).U8(0b1011_0000);
    private static Encoder Shown(Encoder to, bool first) =>
        to.U8(Leaf).U16(2).U8(0b1000_0000).U64(1).Bool(first).Raw(first ? Owner : []).Bytes(A.Value.Span);
    private static byte[] Owner => new Encoder().Bytes(A.Owner.Span).ToArray();
    private static MapProof Decode(Encoder bytes) => Canonical.Decode<MapProof>(bytes.Written);

    private static void Malformed(Encoder bytes) => Assert.Throws<MalformedException>(() => Decode(bytes));

    [Fact]
    public void The_layout_is_as_documented()
    {
        var proof = Map.Prove([A.Key, C.Key], []);
        Assert.Equal(Convert.ToHexString(Canonical.Encode(proof)), Convert.ToHexString(Shown(Shown(Open(), true), false).Written));
        Assert.Equal(Map.Root, proof.Root);
    }

    [Fact]
    public void A_leaf_is_no_branch_and_a_branch_no_leaf()
    {
        // What a branch hashes, handed out as what a leaf hashes, has another domain; so has the reverse.
        var preimage = new Encoder().Bytes(A.Key.Span).U64(1).Bytes(A.Owner.Span).Digest(Hash.H("mv", A.Value.Span)).ToArray();
        Assert.Equal(Maps.With(A).Map.Current.Root, Hash.H("ml", preimage));
        Assert.NotEqual(Hash.H("mt", preimage), Hash.H("ml", preimage));
        var leaf = Hash.H("ml", preimage);
        var other = Hash.H("ml", new Encoder().Bytes(C.Key.Span).U64(1).Bytes(C.Owner.Span).Digest(Hash.H("mv", C.Value.Span)).Written);
        Assert.Equal(Map.Root, Hash.H("mt", new Encoder().U16(7).U8(0b1011_0000).Digest(leaf).Digest(other).Written));
    }

    [Fact]
    public void An_absence_with_its_neighbours_swapped_does_not_have_the_root()
    {
        // "b" parts from "a" below the branch's left side. Swapping the sides would put "c" where "b" has to be looked for.
        var bare = new Encoder().U8(Closed).Digest(Map.SubtreeHash(A.Key)).ToArray();
        var swapped = Open().U8(BareLeaf).U16(2).U8(0b1000_0000).U64(1).Bool(true).Raw(Owner).Digest(Hash.H("mv", C.Value.Span)).Raw(bare);
        Assert.NotEqual(Map.Root, Decode(swapped).Root);
        var closed = Open().U8(Closed).Digest(Map.SubtreeHash(C.Key)).U8(Closed).Digest(Map.SubtreeHash(A.Key));
        Assert.NotEqual(Map.Root, Decode(closed).Root);
    }

    [Fact]
    public void A_branch_has_no_empty_side() => Malformed(Open().U8(Closed).Digest(Digest.Zero).U8(Closed).Digest(Map.SubtreeHash(C.Key)));

    [Fact]
    public void A_closed_node_tells_nothing_and_a_bare_leaf_nothing_of_its_own_key()
    {
        var proof = Map.Prove([Maps.Key("b")], []);
        Assert.Equal(Map.Root, proof.Root);
        Assert.True(proof.TryGet(Maps.Key("b"), out var entry));
        Assert.Null(entry);
        Assert.False(proof.TryGet(A.Key, out _));
        Assert.False(proof.TryGet(C.Key, out _));
        Assert.False(proof.TryScan(default, out _));
        Assert.Empty(proof.Entries);
    }

    [Fact]
    public void An_empty_map_shows_every_absence()
    {
        var proof = Decode(new Encoder().Bool(false));
        Assert.Equal(Digest.Zero, proof.Root);
        Assert.True(proof.TryGet(A.Key, out var entry));
        Assert.Null(entry);
        Assert.True(proof.TryScan(default, out var entries));
        Assert.Empty(entries);
    }

    [Fact]
    public void Bytes_that_are_not_the_one_form_are_refused()
    {
        Malformed(new Encoder().Bool(true).U8(4));
        Malformed(new Encoder().Bool(true).U8(Branch).U16(7).U8(0b1011_0001).U8(Closed).Digest(Map.Root).U8(Closed).Digest(Map.Root));
        Malformed(new Encoder().Bool(true).U8(Branch).U16(9 * Limits.MaxKeyBytes + 2));
        // A leaf whose path ends no key: two bits short; going on after the key's end.
        Malformed(new Encoder().Bool(true).U8(Leaf).U16(8).U8(0b1011_0000).U64(1).Bool(false).Bytes(A.Value.Span));
        Malformed(new Encoder().Bool(true).U8(Leaf).U16(10).U8(0b0011_0000).U8(0b1000_0000).U64(1).Bool(false).Bytes(A.Value.Span));
        Malformed(new Encoder().Bool(true).U8(Leaf).U16(10).U8(0b1011_0000).U8(0b1100_0000).U64(1).Bool(false).Bytes(A.Value.Span));
        // The owner of the leaf before, written again.
        Malformed(Shown(Shown(Open(), true), true));
    }

    [Fact]
    public void The_deepest_trie_there_can_be_is_edited_proven_and_verified_on_a_small_stack()
    {
        // Every key that is the beginning of the longest one, and every key that leaves it at one of its bits.
        var longest = new byte[Limits.MaxKeyBytes];
        var keys = Enumerable.Range(0, longest.Length + 1).Select(length => new Bytes(longest.AsSpan(0, length)))
            .Concat(Enumerable.Range(0, 8 * longest.Length).Select(bit =>
            {
                var key = longest.AsSpan(0, bit / 8 + 1).ToArray();
                key[bit / 8] |= (byte)(0x80 >> (bit % 8));
                return Bytes.Wrap(key);
            }));
        Exception? fault = null;
        var thread = new Thread(() => fault = Record.Exception(() =>
        {
            var maps = Maps.With(keys.Select(key => new MapEntry(key, 1, default, default)));
            maps.Commit(2, edit => edit.Delete(new Bytes(longest)));
            var map = maps.Map.Current;
            var proof = Canonical.Decode<MapProof>(Canonical.Encode(map.Prove([new Bytes(longest)], [])));
            Assert.Equal(map.Root, proof.Root);
            Assert.True(proof.TryGet(new Bytes(longest), out var entry));
            Assert.Null(entry);
            Assert.Equal(map.Root, Canonical.Decode<MapProof>(Canonical.Encode(map.Prove([], [default]))).Root);
        }), maxStackSize: 128 << 10);
        thread.Start();
        thread.Join();
        Assert.Null(fault);
    }
}
