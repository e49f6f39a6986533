using Protean.Codec;
using Protean.Cryptography;

namespace Protean.State;

/// <summary>Names a stored node: the height that wrote it and its number in that commit. Never used twice.</summary>
internal readonly record struct NodeId(ulong Height, uint Number);

/// <summary>A node of a map's trie. Immutable, so versions and overlays share what they have in common.</summary>
internal abstract class TrieNode
{
    private const byte LeafRecord = 1;
    private const byte BranchRecord = 2;

    /// <summary>Rough bytes of an object with its references, for the cache's account.</summary>
    protected const int ObjectWeight = 160;

    /// <summary>A leaf's whole path; what all keys under a branch begin with.</summary>
    public abstract BitPath Path { get; }

    /// <summary>Rough bytes of memory.</summary>
    public abstract int Weight { get; }

    public abstract Digest Hash();

    public byte[] ToRecord()
    {
        var to = new Encoder(128);
        if (this is TrieLeaf leaf) return to.U8(LeafRecord).Value(leaf.Entry).ToArray();
        var branch = (TrieBranch)this;
        to.U8(BranchRecord);
        branch.Path.EncodeFrom(0, to);
        branch.Left.Encode(to);
        branch.Right.Encode(to);
        return to.ToArray();
    }

    public static TrieNode FromRecord(ReadOnlySpan<byte> record)
    {
        var from = new Decoder(record);
        TrieNode node = from.U8() switch
        {
            LeafRecord => new TrieLeaf(from.Value<MapEntry>()),
            BranchRecord => new TrieBranch(default(BitPath).DecodeAfter(ref from), TrieLink.Decode(ref from), TrieLink.Decode(ref from)),
            var kind => throw new MalformedException($"node record of kind {kind}"),
        };
        from.End();
        return node;
    }
}

internal sealed class TrieLeaf(MapEntry entry) : TrieNode
{
    public MapEntry Entry { get; } = entry;
    public Digest ValueHash { get; } = TrieHash.Value(entry.Value);
    public override BitPath Path { get; } = BitPath.OfKey(entry.Key.Span);
    public override int Weight => ObjectWeight + 2 * Entry.Key.Length + Entry.Owner.Length + Entry.Value.Length;
    public override Digest Hash() => TrieHash.Leaf(Entry.Key, Entry.Version, Entry.Owner, ValueHash);
}

/// <param name="path">What all keys below begin with; at the next bit they differ.</param>
/// <param name="left">The keys that go on with 0.</param>
/// <param name="right">The keys that go on with 1.</param>
internal sealed class TrieBranch(BitPath path, TrieLink left, TrieLink right) : TrieNode
{
    public override BitPath Path { get; } = path;
    public TrieLink Left { get; private set; } = left;
    public TrieLink Right { get; private set; } = right;
    public override int Weight => 2 * ObjectWeight + Path.ByteCount;
    public TrieLink Child(bool bit) => bit ? Right : Left;
    public TrieBranch With(bool bit, TrieLink child) => bit ? new TrieBranch(Path, Left, child) : new TrieBranch(Path, child, Right);

    /// <summary>In place: only where nobody else has the branch, and its hash was never asked for.</summary>
    public void Change(bool bit, TrieLink child)
    {
        if (bit) Right = child;
        else Left = child;
    }

    public override Digest Hash() => TrieHash.Branch(Path, Left.Hash, Right.Hash);
}

/// <summary>A reference to a node: a new node itself until it is committed, then its name in the store and its hash, and the node as long as the
/// <see cref="NodeStore"/> holds it in memory.</summary>
internal sealed class TrieLink
{
    private Digest _hash;
    private bool _hashed;

    public TrieLink(TrieNode node) => (Node, IsNew) = (node, true);

    private TrieLink(NodeId id, Digest hash)
    {
        Id = id;
        _hash = hash;
        _hashed = true;
    }

    /// <summary>Null where it is in the store only; its one other writer is the <see cref="NodeStore"/>.</summary>
    public TrieNode? Node { get; set; }

    /// <summary>Not committed: <see cref="Node"/> is all there is.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Names the changes that made it; they may change it as long as they go on.</summary>
    public object? MadeIn { get; init; }

    /// <summary>Whether it was followed lately.</summary>
    public bool Touched { get; set; }

    /// <summary>Only of what is committed.</summary>
    public NodeId Id { get; private set; }

    /// <summary>Computed once, and only when asked for: what a block changes twice is hashed once.</summary>
    public Digest Hash
    {
        get
        {
            if (_hashed) return _hash;
            foreach (var link in Upwards(static link => !link._hashed))
            {
                link._hash = link.Node!.Hash();
                link._hashed = true;
            }
            return _hash;
        }
    }

    /// <summary>The links for which <paramref name="open"/> holds, found downwards from this one as long as it holds, children before their
    /// parents. It must hold no more after a link was given out. Without recursion: users choose the keys, and so how deep a trie
    /// is.</summary>
    public IEnumerable<TrieLink> Upwards(Func<TrieLink, bool> open)
    {
        if (!open(this)) yield break;
        var trail = new Stack<TrieLink>();
        trail.Push(this);
        while (trail.TryPeek(out var link))
        {
            var branch = link.IsNew ? link.Node as TrieBranch : null;
            if (branch is not null && open(branch.Left)) trail.Push(branch.Left);
            else if (branch is not null && open(branch.Right)) trail.Push(branch.Right);
            else yield return trail.Pop();
        }
    }

    public void Stored(NodeId id)
    {
        _ = Hash;
        Id = id;
        IsNew = false;
    }

    public void Encode(Encoder to) => to.U64(Id.Height).U32(Id.Number).Digest(Hash);
    public static TrieLink Decode(ref Decoder from) => new(new NodeId(from.U64(), from.U32()), from.Digest());
}
