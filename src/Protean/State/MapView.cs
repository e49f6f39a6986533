using Protean.Codec;
using Protean.Cryptography;

namespace Protean.State;

/// <summary>A map's content at one moment, to be read and proven: the map at a committed height, or with uncommitted changes over
/// it.</summary>
/// <remarks>A compressed binary trie over the bits of the keys: every branch has two children, so its shape follows from the keys alone and
/// equal content has an equal root, in whatever order it came about (protocols 8.6).</remarks>
public abstract class MapView
{
    private protected MapView(NodeStore nodes) => Nodes = nodes;

    private protected NodeStore Nodes { get; }
    private protected abstract TrieLink? RootLink { get; }

    /// <summary>32 zero bytes where the map is empty.</summary>
    public Digest Root => RootLink?.Hash ?? TrieHash.Empty;

    public virtual MapEntry? Get(Bytes key) => Find(RootLink, key);

    /// <summary>Entries whose key starts with <paramref name="prefix"/> and is not below <paramref name="from"/>, bytewise in order of
    /// keys. Later changes of this view do not show in a scan under way.</summary>
    public IEnumerable<MapEntry> Scan(Bytes prefix, Bytes from = default)
    {
        var start = BitPath.OfKey(from.Span);
        var left = new Stack<TrieLink>();
        if (Subtree(prefix) is { } top) left.Push(top);
        while (left.TryPop(out var link))
        {
            var node = Nodes.Load(link);
            if (node.Path.IsWhollyBefore(start)) continue;
            if (node is TrieLeaf leaf) yield return leaf.Entry;
            if (node is not TrieBranch branch) continue;
            left.Push(branch.Right);
            left.Push(branch.Left);
        }
    }

    /// <summary>The hash of the subtree that holds exactly the keys starting with <paramref name="prefix"/>: equal if and only if these
    /// entries are equal, whatever else is in the map. 32 zero bytes where there are none; the root where the prefix is empty.</summary>
    public Digest SubtreeHash(Bytes prefix) => Subtree(prefix)?.Hash ?? TrieHash.Empty;

    /// <summary>Opens this view's trie so far that each key is shown with its entry or to be absent, and each prefix with all its
    /// entries.</summary>
    public MapProof Prove(IEnumerable<Bytes> keys, IEnumerable<Bytes> prefixes)
    {
        var paths = keys.Select(key => BitPath.OfKey(key.Span)).Concat(prefixes.Select(prefix => BitPath.OfPrefix(prefix.Span))).ToList();
        return new MapProof(RootLink is null ? [] : ProofBuilder.Open(RootLink, paths, Nodes));
    }

    /// <summary>Opens this view's trie at the entries after a key, as many as are meant to travel together.</summary>
    /// <param name="after">Null: from the first entry on.</param>
    public MapProof ProveAfter(Bytes? after) => new(RootLink is null ? [] : ProofBuilder.OpenAfter(RootLink, after, Nodes));

    private protected MapEntry? Find(TrieLink? root, Bytes key)
    {
        var path = BitPath.OfKey(key.Span);
        return Seek(root, path) is { } link && Nodes.Load(link) is TrieLeaf leaf && leaf.Path.Equals(path) ? leaf.Entry : null;
    }

    private TrieLink? Subtree(Bytes prefix)
    {
        var path = BitPath.OfPrefix(prefix.Span);
        return Seek(RootLink, path) is { } link && Nodes.Load(link).Path.StartsWith(path) ? link : null;
    }

    // Goes by the path's bits at the branches alone: the node it ends at is the only one that can lie under the path, if any does.
    private TrieLink? Seek(TrieLink? link, BitPath path)
    {
        while (link is not null && Nodes.Load(link) is TrieBranch branch && branch.Path.Length < path.Length)
            link = branch.Child(path[branch.Path.Length]);
        return link;
    }
}

/// <summary>The map as it was committed at one height. Readable while the map keeps that height.</summary>
public sealed class MapSnapshot : MapView
{
    internal MapSnapshot(NodeStore nodes, ulong? height, TrieLink? root) : base(nodes) => (Height, RootLink) = (height, root);

    /// <summary>Null where nothing was committed yet.</summary>
    public ulong? Height { get; }

    private protected override TrieLink? RootLink { get; }
}
