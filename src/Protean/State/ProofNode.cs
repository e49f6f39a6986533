using Protean.Codec;
using Protean.Cryptography;

namespace Protean.State;

/// <summary>A node of an opened trie. Where it hangs is written by what stands above it, so each bit of a path is written once
/// (docs/protocols/state-map.md, "Proofs").</summary>
internal abstract class ProofNode
{
    protected const byte ClosedKind = 0;
    protected const byte BranchKind = 1;
    protected const byte BareLeafKind = 2;
    protected const byte LeafKind = 3;

    public abstract Digest Hash { get; }

    /// <summary>Whether every entry below is shown with its value.</summary>
    public abstract bool IsWhole { get; }

    public abstract void Encode(int position, ProofEncoder to);

    public static ProofNode Decode(BitPath position, ref Decoder from, ProofContext context)
    {
        context.CountNode();
        var kind = from.U8();
        return kind switch
        {
            ClosedKind => ClosedNode.DecodeBody(ref from),
            BranchKind => OpenBranch.DecodeBody(position, ref from, context),
            BareLeafKind or LeafKind => OpenLeaf.DecodeBody(position, kind == LeafKind, ref from, context),
            _ => throw new MalformedException($"proof node of kind {kind} at offset {from.Position - 1}"),
        };
    }
}

/// <summary>A subtree of which only the hash is shown.</summary>
internal sealed class ClosedNode(Digest hash) : ProofNode
{
    public override Digest Hash { get; } = hash;
    public override bool IsWhole => false;
    public override void Encode(int position, ProofEncoder to) => to.Bytes.U8(ClosedKind).Digest(Hash);

    public static ClosedNode DecodeBody(ref Decoder from)
    {
        var hash = from.Digest();
        return hash != TrieHash.Empty ? new ClosedNode(hash) : throw new MalformedException("a branch has no empty side");
    }
}

internal sealed class OpenBranch(BitPath path, ProofNode left, ProofNode right) : ProofNode
{
    public BitPath Path { get; } = path;
    public ProofNode Left { get; } = left;
    public ProofNode Right { get; } = right;
    public override Digest Hash { get; } = TrieHash.Branch(path, left.Hash, right.Hash);
    public override bool IsWhole { get; } = left.IsWhole && right.IsWhole;
    public ProofNode Child(bool bit) => bit ? Right : Left;

    public override void Encode(int position, ProofEncoder to)
    {
        to.Bytes.U8(BranchKind);
        Path.EncodeFrom(position, to.Bytes);
        Left.Encode(Path.Length + 1, to);
        Right.Encode(Path.Length + 1, to);
    }

    // Each branch takes at least one bit of a path whose length is bounded, and so the recursion is.
    public static OpenBranch DecodeBody(BitPath position, ref Decoder from, ProofContext context)
    {
        var path = position.DecodeAfter(ref from);
        if (path.Length == BitPath.MaxLength) throw new MalformedException("a branch where every key has ended");
        var left = Decode(path.Append(false), ref from, context);
        return new OpenBranch(path, left, Decode(path.Append(true), ref from, context));
    }
}

/// <param name="path">The key's path.</param>
/// <param name="entry">With an empty value where the value is not shown.</param>
/// <param name="valueHash">Of the value, shown or not.</param>
/// <param name="showsValue">Where not, the leaf only shows that other keys are absent.</param>
internal sealed class OpenLeaf(BitPath path, MapEntry entry, Digest valueHash, bool showsValue) : ProofNode
{
    public BitPath Path { get; } = path;
    public MapEntry Entry { get; } = entry;
    public override Digest Hash { get; } = TrieHash.Leaf(entry.Key, entry.Version, entry.Owner, valueHash);
    public override bool IsWhole => showsValue;

    public override void Encode(int position, ProofEncoder to)
    {
        to.Bytes.U8(showsValue ? LeafKind : BareLeafKind);
        Path.EncodeFrom(position, to.Bytes);
        to.Bytes.U64(Entry.Version);
        to.Owner(Entry.Owner);
        if (showsValue) to.Bytes.Bytes(Entry.Value.Span);
        else to.Bytes.Digest(valueHash);
    }

    public static OpenLeaf DecodeBody(BitPath position, bool showsValue, ref Decoder from, ProofContext context)
    {
        var path = position.DecodeAfter(ref from);
        var (key, version, owner) = (path.ToKey(), from.U64(), context.Owner(ref from));
        if (!showsValue) return new OpenLeaf(path, new MapEntry(key, version, owner, Bytes.Empty), from.Digest(), false);
        var value = new Bytes(from.Bytes(Limits.MaxValue));
        return new OpenLeaf(path, new MapEntry(key, version, owner, value), TrieHash.Value(value), true);
    }
}

/// <summary>Writes a proof; an owner is written only where it differs from the leaf's before, as neighbours mostly have the same one.</summary>
internal sealed class ProofEncoder(Encoder bytes)
{
    private Bytes _lastOwner;

    public Encoder Bytes => bytes;

    public void Owner(Bytes owner)
    {
        bytes.Bool(owner != _lastOwner);
        if (owner != _lastOwner) bytes.Bytes(owner.Span);
        _lastOwner = owner;
    }
}

/// <summary>What is carried from node to node while a proof is read.</summary>
internal sealed class ProofContext
{
    private Bytes _lastOwner;
    private int _nodes;

    public void CountNode()
    {
        if (++_nodes > Limits.MaxProofNodes) throw new MalformedException($"proof of more than {Limits.MaxProofNodes} nodes");
    }

    public Bytes Owner(ref Decoder from)
    {
        if (!from.Bool()) return _lastOwner;
        var owner = new Bytes(from.Bytes(Limits.MaxOwnerBytes));
        if (owner == _lastOwner) throw new MalformedException("the owner of the leaf before is written again");
        return _lastOwner = owner;
    }
}
