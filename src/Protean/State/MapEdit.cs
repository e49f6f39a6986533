using Protean.Codec;

namespace Protean.State;

/// <summary>Changes over a map that are not committed: readable at once, hashed only when a hash is asked for, dropped by letting go of them.</summary>
/// <remarks>A block is one edit; each of its transactions is an edit begun on it, merged where the transaction succeeds.</remarks>
public sealed class MapEdit : MapView
{
    private readonly MapEdit? _parent;
    private readonly List<NodeId> _replaced = [];
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
            throw new ArgumentException($"owner of {entry.Owner.Length} and value of {entry.Value.Length} bytes: over the limit", nameof(entry));
        RootLink = Put(RootLink, new TrieLeaf(entry));
    }

    /// <returns>Whether the key was there.</returns>
    public bool Delete(Bytes key)
    {
        var before = RootLink;
        if (before is not null) RootLink = Remove(before, BitPath.OfKey(key.Span));
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

    private TrieLink Put(TrieLink? link, TrieLeaf leaf)
    {
        if (link is null) return new TrieLink(leaf);
        var node = Nodes.Load(link);
        var common = node.Path.CommonLength(leaf.Path);
        if (common < node.Path.Length) return Split(link, leaf, common);
        if (node is TrieLeaf old) return old.Entry == leaf.Entry ? link : Replace(link, leaf);
        var branch = (TrieBranch)node;
        var bit = leaf.Path[common];
        var child = branch.Child(bit);
        var changed = Put(child, leaf);
        return changed == child ? link : Replace(link, branch.With(bit, changed));
    }

    private static TrieLink Split(TrieLink link, TrieLeaf leaf, int common)
    {
        var added = new TrieLink(leaf);
        return new TrieLink(leaf.Path[common] ? new TrieBranch(leaf.Path.Take(common), link, added) : new TrieBranch(leaf.Path.Take(common), added, link));
    }

    // Where a branch is left with one child, the child takes its place unchanged, since its hash binds its own path and not where it hangs.
    private TrieLink? Remove(TrieLink link, BitPath path)
    {
        var node = Nodes.Load(link);
        if (node is TrieLeaf leaf)
        {
            if (!leaf.Path.Equals(path)) return link;
            Forget(link);
            return null;
        }
        var branch = (TrieBranch)node;
        if (branch.Path.Length >= path.Length) return link;
        var bit = path[branch.Path.Length];
        var child = branch.Child(bit);
        var changed = Remove(child, path);
        if (changed == child) return link;
        if (changed is not null) return Replace(link, branch.With(bit, changed));
        Forget(link);
        return branch.Child(!bit);
    }

    private TrieLink Replace(TrieLink link, TrieNode node)
    {
        Forget(link);
        return new TrieLink(node);
    }

    private void Forget(TrieLink link)
    {
        if (link.New is null) _replaced.Add(link.Id);
    }
}
