using Protean.Codec;

namespace Protean.State;

/// <summary>Changes over a map that are not committed: readable at once, brought into the trie and hashed only when that is asked for,
/// dropped by letting go of them.</summary>
/// <remarks>A block is one edit; each of its transactions is an edit begun on it, merged where the transaction succeeds.</remarks>
public sealed class MapEdit : MapView
{
    private readonly MapEdit? _parent;
    private readonly List<TrieLink> _replaced = [];
    private readonly List<(TrieLink Link, TrieBranch Branch, bool Bit)> _trail = [];

    // By key: the entry, or null where it is deleted. Most of a block's changes meet in the trie's upper branches, so they go into it together.
    private readonly Dictionary<Bytes, MapEntry?> _pending = [];
    private TrieLink? _root;
    private TrieLink? _base;

    // Whether the trie is this edit's own: one that was begun on another reads that one's as long as it can.
    private bool _detached;
    private int _changes;
    private int _parentChanges;

    // Made by the changes that go into the trie now: nobody else has seen what hangs there, so it is changed in place.
    private object? _turn;

    internal MapEdit(NodeStore nodes, TrieLink? root) : base(nodes) => (_root, _base, _detached) = (root, root, true);

    private MapEdit(MapEdit parent) : base(parent.Nodes) => (_parent, _parentChanges) = (parent, parent._changes);

    /// <summary>What the changes started from.</summary>
    internal TrieLink? Base => _base;

    /// <summary>What the changes end at.</summary>
    internal TrieLink? Result => RootLink;

    /// <summary>Stored nodes that the base has and the result has not; each once.</summary>
    internal IReadOnlyList<TrieLink> Replaced
    {
        get
        {
            Apply();
            return _replaced;
        }
    }

    private protected override TrieLink? RootLink
    {
        get
        {
            Apply();
            return _root;
        }
    }

    public override MapEntry? Get(Bytes key)
    {
        if (_pending.TryGetValue(key, out var entry)) return entry;
        return _detached ? Find(_root, key) : _parent!.Get(key);
    }

    /// <summary>Adds or replaces the entry of this key. An equal entry is no change.</summary>
    /// <exception cref="ArgumentException">A field is longer than its limit.</exception>
    public void Put(MapEntry entry)
    {
        if (entry.Key.Length > Limits.MaxKeyBytes || entry.Owner.Length > Limits.MaxOwnerBytes || entry.Value.Length > Limits.MaxValue)
            throw new ArgumentException(
                $"key of {entry.Key.Length}, owner of {entry.Owner.Length}, value of {entry.Value.Length} bytes: over the limit", nameof(entry));
        Change(entry.Key, entry);
    }

    /// <returns>Whether the key was there.</returns>
    public bool Delete(Bytes key)
    {
        if (Get(key) is null) return false;
        Change(key, null);
        return true;
    }

    /// <summary>Changes over this edit, seen by it only once merged.</summary>
    public MapEdit Begin() => new(this);

    /// <summary>Moves the changes since the last merge into the edit that this one was begun on.</summary>
    /// <exception cref="InvalidOperationException">That edit has changed in between, or there is none.</exception>
    public void Merge()
    {
        if (_parent is null) throw new InvalidOperationException("an edit of a map itself is committed, not merged");
        if (_parent._changes != _parentChanges) throw new InvalidOperationException("the edit below has changed since this one was begun");
        if (_detached)
        {
            _parent._root = _base = RootLink;
            _parent._replaced.AddRange(_replaced);
            _replaced.Clear();
        }
        foreach (var (key, entry) in _pending) _parent._pending[key] = entry;
        _pending.Clear();
        _parent._changes += _changes;
        (_parentChanges, _changes) = (_parent._changes, 0);
    }

    private void Change(Bytes key, MapEntry? entry)
    {
        _pending[key] = entry;
        _changes++;
    }

    private void Apply()
    {
        if (!_detached) (_base, _detached) = (_root = _parent!.RootLink, true);
        if (_pending.Count == 0) return;
        _turn = new object();
        foreach (var (key, entry) in _pending) _root = entry is null ? RemoveLeaf(BitPath.OfKey(key.Span)) : PutLeaf(new TrieLeaf(entry));
        _turn = null;
        _pending.Clear();
    }

    private TrieLink? PutLeaf(TrieLeaf leaf)
    {
        if (_root is null) return new TrieLink(leaf);
        var (link, node) = Descend(_root, leaf.Path);
        var common = node.Path.CommonLength(leaf.Path);
        if (common < node.Path.Length) return Rebuild(Split(link, leaf, common));
        if (((TrieLeaf)node).Entry == leaf.Entry) return _root;
        Forget(link);
        return Rebuild(new TrieLink(leaf));
    }

    // Where a branch is left with one child, the child takes its place unchanged, since its hash binds its own path and not where it hangs.
    private TrieLink? RemoveLeaf(BitPath path)
    {
        if (_root is null) return null;
        var (link, node) = Descend(_root, path);
        if (!node.Path.Equals(path)) return _root;
        Forget(link);
        if (_trail.Count == 0) return null;
        var (above, branch, bit) = _trail[^1];
        _trail.RemoveAt(_trail.Count - 1);
        Forget(above);
        return Rebuild(branch.Child(!bit));
    }

    // Down to the leaf with this path, or to the first node that does not begin it; the branches passed are in the trail.
    private (TrieLink Link, TrieNode Node) Descend(TrieLink root, BitPath path)
    {
        _trail.Clear();
        for (var link = root; ;)
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
            if (link.MadeIn == _turn)
            {
                branch.Change(bit, below); // and all above it was made in this turn too
                return _root!;
            }
            Forget(link);
            below = new TrieLink(branch.With(bit, below)) { MadeIn = _turn };
        }
        return below;
    }

    private TrieLink Split(TrieLink link, TrieLeaf leaf, int common)
    {
        var (added, path) = (new TrieLink(leaf), leaf.Path.Take(common));
        return new TrieLink(leaf.Path[common] ? new TrieBranch(path, link, added) : new TrieBranch(path, added, link)) { MadeIn = _turn };
    }

    private void Forget(TrieLink link)
    {
        if (!link.IsNew) _replaced.Add(link);
    }
}
