using System.Numerics;
using CsCheck;
using Protean.Cryptography;
using Xunit;

namespace Protean.Tests.Cryptography;

public class MerkleTreeTests
{
    private static readonly Gen<byte[][]> Leaves = Gen.Byte.Array[0, 8].Array[1, 40];
    private static readonly Gen<(byte[][] Leaves, int Index)> LeafOfTree =
        Leaves.SelectMany(leaves => Gen.Int[0, leaves.Length - 1], (leaves, index) => (leaves, index));

    [Fact]
    public void The_root_is_that_of_the_recursive_definition() => Leaves.Sample(leaves =>
    {
        Span<byte> count = stackalloc byte[4];
        BitConverter.TryWriteBytes(count, leaves.Length);
        return MerkleTree.Root(leaves) == Hash.H("mr", count, Top(leaves).Span);
    });

    [Fact]
    public void The_root_of_nothing_binds_a_zero_top() =>
        Assert.Equal(Hash.H("mr", new byte[4], new byte[32]), MerkleTree.Root([]));

    [Fact]
    public void Every_leaf_has_a_path() => LeafOfTree.Sample(one =>
        MerkleTree.Verify(MerkleTree.Root(one.Leaves), (uint)one.Leaves.Length, (uint)one.Index, one.Leaves[one.Index],
            MerkleTree.Path(one.Leaves, one.Index)));

    [Fact]
    public void All_paths_of_one_tree_come_from_one_hashing() => Leaves.Sample(leaves =>
    {
        var (root, paths) = (MerkleTree.Root(leaves), new MerklePaths(leaves));
        for (var i = 0; i < leaves.Length; i++) Assert.True(MerkleTree.Verify(root, (uint)leaves.Length, (uint)i, leaves[i], paths.Of(i)));
    });

    [Fact]
    public void Another_count_index_leaf_or_path_is_refused() => LeafOfTree.Sample(one =>
    {
        var root = MerkleTree.Root(one.Leaves);
        var count = (uint)one.Leaves.Length;
        var index = (uint)one.Index;
        var leaf = one.Leaves[one.Index];
        var path = MerkleTree.Path(one.Leaves, one.Index);
        Assert.False(MerkleTree.Verify(root, count + 1, index, leaf, path));
        Assert.False(MerkleTree.Verify(root, count, count, leaf, path));
        Assert.False(MerkleTree.Verify(root, count, index, [.. leaf, 0], path));
        Assert.False(MerkleTree.Verify(root, count, index, leaf, [.. path, Digest.Zero]));
        if (path.Count > 0)
        {
            Assert.False(MerkleTree.Verify(root, count, index, leaf, [.. path.Take(path.Count - 1)]));
            Assert.False(MerkleTree.Verify(root, count, index, leaf, [Digest.Zero, .. path.Skip(1)]));
        }
    });

    [Fact]
    public void A_leaf_is_refused_at_any_other_index() => Leaves.Sample(leaves =>
    {
        byte[][] distinct = [.. leaves.Select((leaf, i) => (byte[])[.. BitConverter.GetBytes(i), .. leaf])];
        var root = MerkleTree.Root(distinct);
        for (var i = 0; i < distinct.Length; i++)
        {
            var path = MerkleTree.Path(distinct, i);
            for (var other = 0; other <= distinct.Length; other++)
                Assert.Equal(i == other, MerkleTree.Verify(root, (uint)distinct.Length, (uint)other, distinct[i], path));
        }
    }, iter: 10);

    [Fact]
    public void A_repeated_last_leaf_changes_the_root() => Leaves.Sample(leaves =>
        MerkleTree.Root(leaves) != MerkleTree.Root([.. leaves, leaves[^1]]));

    [Fact]
    public void An_index_beyond_the_largest_tree_does_not_wrap_around() =>
        Assert.False(MerkleTree.Verify(Digest.Zero, uint.MaxValue, uint.MaxValue - 1, [], []));

    // RFC 6962 section 2.1: split at the largest power of two below n.
    private static Digest Top(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1) return Hash.H("m0", leaves[0]);
        var split = (int)(BitOperations.RoundUpToPowerOf2((uint)leaves.Length) / 2);
        return Hash.H("m1", Top(leaves[..split]).Span, Top(leaves[split..]).Span);
    }
}
