using Protean.Codec;
using Protean.Cryptography;

namespace Protean.State;

/// <summary>A node of an opened trie (docs/protocols/state-map.md, "Proofs").</summary>
internal abstract record ProofNode;

/// <summary>A subtree of which only the hash is shown.</summary>
internal sealed record ClosedNode(Digest Hash) : ProofNode;

/// <summary>A branch; both sides follow, left first.</summary>
internal sealed record OpenBranch(BitPath Path) : ProofNode;

/// <param name="Entry">With an empty value where the value is not shown.</param>
/// <param name="ValueHash">Of the value, shown or not.</param>
/// <param name="ShowsValue">Where not, the leaf only shows that other keys are absent.</param>
internal sealed record OpenLeaf(BitPath Path, MapEntry Entry, Digest ValueHash, bool ShowsValue) : ProofNode;

/// <summary>The byte form of a proof's nodes. Where a node hangs is written by what stands above it, so each bit of a path is written once;
/// and an owner only where it differs from the leaf's before, since neighbours mostly have the same.</summary>
internal static class ProofFormat
{
    private const byte Closed = 0;
    private const byte Branch = 1;
    private const byte BareLeaf = 2;
    private const byte Leaf = 3;

    public static void Encode(IReadOnlyList<ProofNode> nodes, Encoder to)
    {
        var positions = new Stack<int>([0]);
        var lastOwner = Bytes.Empty;
        foreach (var node in nodes)
        {
            var position = positions.Pop();
            if (node is ClosedNode closed) to.U8(Closed).Digest(closed.Hash);
            if (node is OpenLeaf leaf) EncodeLeaf(leaf, position, ref lastOwner, to);
            if (node is not OpenBranch branch) continue;
            branch.Path.EncodeFrom(position, to.U8(Branch));
            positions.Push(branch.Path.Length + 1);
            positions.Push(branch.Path.Length + 1);
        }
    }

    private static void EncodeLeaf(OpenLeaf leaf, int position, ref Bytes lastOwner, Encoder to)
    {
        leaf.Path.EncodeFrom(position, to.U8(leaf.ShowsValue ? Leaf : BareLeaf));
        var owner = leaf.Entry.Owner;
        to.U64(leaf.Entry.Version).Bool(owner != lastOwner);
        if (owner != lastOwner) to.Bytes(owner.Span);
        lastOwner = owner;
        if (leaf.ShowsValue) to.Bytes(leaf.Entry.Value.Span);
        else to.Digest(leaf.ValueHash);
    }

    /// <exception cref="MalformedException">Not the canonical form, or more than <see cref="Limits.MaxProofNodes"/>.</exception>
    public static List<ProofNode> Decode(ref Decoder from)
    {
        var nodes = new List<ProofNode>();
        var lastOwner = Bytes.Empty;
        for (var positions = new Stack<BitPath>([default]); positions.TryPop(out var position);)
        {
            if (nodes.Count == Limits.MaxProofNodes) throw new MalformedException($"proof of more than {Limits.MaxProofNodes} nodes");
            var kind = from.U8();
            nodes.Add(kind switch
            {
                Closed => DecodeClosed(ref from),
                Branch => DecodeBranch(position, positions, ref from),
                Leaf or BareLeaf => DecodeLeaf(position, kind == Leaf, ref lastOwner, ref from),
                _ => throw new MalformedException($"proof node of kind {kind} at offset {from.Position - 1}"),
            });
        }
        return nodes;
    }

    private static ClosedNode DecodeClosed(ref Decoder from)
    {
        var hash = from.Digest();
        return hash != TrieHash.Empty ? new ClosedNode(hash) : throw new MalformedException("a branch has no empty side");
    }

    private static OpenBranch DecodeBranch(BitPath position, Stack<BitPath> positions, ref Decoder from)
    {
        var path = position.DecodeAfter(ref from);
        if (path.Length == BitPath.MaxLength) throw new MalformedException("a branch where every key has ended");
        positions.Push(path.Append(true));
        positions.Push(path.Append(false));
        return new OpenBranch(path);
    }

    private static OpenLeaf DecodeLeaf(BitPath position, bool showsValue, ref Bytes lastOwner, ref Decoder from)
    {
        var path = position.DecodeAfter(ref from);
        var (key, version) = (path.ToKey(), from.U64());
        if (from.Bool())
        {
            var owner = new Bytes(from.Bytes(Limits.MaxOwnerBytes));
            lastOwner = owner != lastOwner ? owner : throw new MalformedException("the owner of the leaf before is written again");
        }
        if (!showsValue) return new OpenLeaf(path, new MapEntry(key, version, lastOwner, default), from.Digest(), false);
        var value = new Bytes(from.Bytes(Limits.MaxValue));
        return new OpenLeaf(path, new MapEntry(key, version, lastOwner, value), TrieHash.Value(value), true);
    }
}
