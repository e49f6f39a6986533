using Protean.Codec;

namespace Protean.State;

/// <summary>Changes over a map that are not committed: readable at once, hashed only when a hash is asked for, dropped by letting go of
/// them.</summary>
/// <remarks>A block is one edit; each of its transactions is an edit begun on it, merged where the transaction succeeds.</remarks>
public sealed class MapEdit : MapView
{
    private readonly MapEdit? _parent;
    private readonly List<NodeId> _replaced = [];
    private readonly List<(TrieLink Link, TrieBranch Branch, bool Bit)> _trail = [];
    private TrieLink? _base;

    internal MapEdit(NodeStore nodes, TrieLink? root, MapEdit? parent = null) : base(nodes, root)
    {
        _base = root;
        _parent = parent;
    }

    /// <summary>What the changes started from.</summary>
    internal TrieLink? Base => _base;

    /// <summary>What the changes end at.</summary>
    internal TrieLink? Result => RootLink;

    /// <summary>Stored nodes that the base has and the result has not; each once.</summary>
    internal IReadOnlyList<NodeId> Replaced => _replaced;

    /// <summary>Adds or replaces the entry of this key. An equal entry is no change.</summary>
    /// <exception cref="ArgumentException">A field is longer than its limit.</exception>
    public void Put(MapEntry entry)
    {
        if (entry.Owner.Length > Limits.MaxOwnerBytes || entry.Value.Length > Limits.MaxValue)
            throw new ArgumentException($"owner of {entry.Owner.Length}, value of {entry.Value.Length} bytes: over the limit", nameof(entry));
        RootLink = PutLeaf(new TrieLeaf(entry));
    }

    /// <returns>Whether the key was there.</returns>
    public bool Delete(Bytes key)
    {
        var before = RootLink;
        RootLink = RemoveLeaf(BitPath.OfKey(key.Span));
        return RootLink != before;
    }

    /// <summary>Changes over this edit, seen by it only once merged.</summary>
    public MapEdit Begin() => new(Nodes, RootLink, this);

    /// <summary>Moves the changes since the last merge into the edit that this one was begun on.</summary>
    /// <exception cref="InvalidOperationException">That edit has changed in between, or there is none.</exception>
    public void Merge()
    {
        if (_parent is null) throw new InvalidOperationException("an edit of a map itself is committed, not merged");
        if (_parent.RootLink != _base) throw new InvalidOperationException("the edit below has changed since this one was begun");
        _parent.RootLink = _base = RootLink;
        _parent._replaced.AddRange(_replaced);
        _replaced.Clear();
    }

    private TrieLink? PutLeaf(TrieLeaf leaf)
    {
        if (RootLink is null) return new TrieLink(leaf);
        var (link, node) = Descend(leaf.Path);
        var common = node.Path.CommonLength(leaf.Path);
        if (common < node.Path.Length) return Rebuild(Split(link, leaf, common));
        if (((TrieLeaf)node).Entry == leaf.Entry) return RootLink;
        Forget(link);
        return Rebuild(new TrieLink(leaf));
    }

    // Where a branch is left with one child, the child takes its place unchanged, since its hash binds its own path and not where it hangs.
    private TrieLink? RemoveLeaf(BitPath path)
    {
        if (RootLink is null) return null;
        var (link, node) = Descend(path);
        if (!node.Path.Equals(path)) return RootLink;
        Forget(link);
        if (_trail.Count == 0) return null;
        var (above, branch, bit) = _trail[^1];
        _trail.RemoveAt(_trail.Count - 1);
        Forget(above);
        return Rebuild(branch.Child(!bit));
    }

    // Down to the leaf with this path, or to the first node that does not begin it; the branches passed are in the trail.
    private (TrieLink Link, TrieNode Node) Descend(BitPath path)
    {
        _trail.Clear();
        for (var link = RootLink!; ;)
        {
            var node = Nodes.Load(link);
            if (node is not TrieBranch branch || !path.StartsWith(branch.Path)) return (link, node);
            var bit = path[branch.Path.Length];
            _trail.Add((link, branch, bit));
            link = branch.Child(bit);
        }
    }

    // Users choose the keys, and so how deep a trie is: hence a trail, and no recursion.
    private TrieLink Rebuild(TrieLink below)
    {
        for (var i = _trail.Count - 1; i >= 0; i--)
        {
            var (link, branch, bit) = _trail[i];
            Forget(link);
            below = new TrieLink(branch.With(bit, below));
        }
        return below;
    }

    private static TrieLink Split(TrieLink link, TrieLeaf leaf, int common)
    {
        var (added, path) = (new TrieLink(leaf), leaf.Path.Take(common));
        return new TrieLink(leaf.Path[common] ? new TrieBranch(path, link, added) : new TrieBranch(path, added, link));
    }

    private void Forget(TrieLink link)
    {
        if (link.New is null) _replaced.Add(link.Id);
    }
}
