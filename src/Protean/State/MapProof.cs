using System.Diagnostics.CodeAnalysis;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.State;

/// <summary>A map's trie opened in places: shows for any number of keys and prefixes what the map holds there, all against one
/// root.</summary>
/// <remarks>One form serves membership, absence, whole prefixes and all of them together; what they share is written once. Every byte is
/// bound by <see cref="Root"/>: read from it only after comparing that with a root that is trusted.</remarks>
public sealed class MapProof : ICanonical<MapProof>, IEquatable<MapProof>
{
    // Each node before those below it, left before right: a branch's left side stands right after it, and its right side after the left
    // one's end.
    private readonly IReadOnlyList<ProofNode> _nodes;
    private readonly int[] _ends;
    private readonly bool[] _whole;
    private readonly Digest[] _hashes;

    internal MapProof(IReadOnlyList<ProofNode> nodes)
    {
        _nodes = nodes;
        (_ends, _whole, _hashes) = (new int[nodes.Count], new bool[nodes.Count], new Digest[nodes.Count]);
        for (var i = nodes.Count - 1; i >= 0; i--) (_ends[i], _whole[i], _hashes[i]) = Summarize(i);
    }

    /// <summary>The root of every map for which this proof is true.</summary>
    public Digest Root => _nodes.Count == 0 ? TrieHash.Empty : _hashes[0];

    /// <summary>Every entry that the proof shows with its value, in order of keys.</summary>
    public IReadOnlyList<MapEntry> Entries => Shown(0, _nodes.Count);

    /// <summary>Reads one key.</summary>
    /// <param name="entry">Null where the key is shown to be absent.</param>
    /// <returns>False where the proof does not tell.</returns>
    public bool TryGet(Bytes key, out MapEntry? entry)
    {
        var covered = TryFind(BitPath.OfKey(key.Span), out var at) && (at is null || _whole[at.Value]);
        entry = covered && at is not null ? ((OpenLeaf)_nodes[at.Value]).Entry : null;
        return covered;
    }

    /// <summary>Reads all entries whose key starts with <paramref name="prefix"/>, in order of keys.</summary>
    /// <returns>False where the proof does not show all of them.</returns>
    public bool TryScan(Bytes prefix, [NotNullWhen(true)] out IReadOnlyList<MapEntry>? entries)
    {
        var covered = TryFind(BitPath.OfPrefix(prefix.Span), out var at) && (at is null || _whole[at.Value]);
        entries = !covered ? null : at is null ? [] : Shown(at.Value, _ends[at.Value]);
        return covered;
    }

    /// <summary>Reads the entries after a key, as far as the proof shows them without a gap.</summary>
    /// <param name="after">Null: from the first entry on.</param>
    /// <param name="complete">Whether no entry comes after them.</param>
    /// <returns>False where the proof shows none, though there may be some.</returns>
    public bool TryReadAfter(Bytes? after, out IReadOnlyList<MapEntry> entries, out bool complete)
    {
        var shown = new List<MapEntry>();
        (entries, complete) = (shown, false);
        var positions = new Stack<BitPath>([default]);
        foreach (var node in _nodes)
        {
            var position = positions.Pop();
            if (node is ClosedNode && !ProofBuilder.IsBefore(position, after)) return shown.Count > 0;
            if (node is OpenLeaf leaf && (after is not { } key || leaf.Entry.Key > key))
            {
                if (!leaf.ShowsValue) return shown.Count > 0;
                shown.Add(leaf.Entry);
            }
            if (node is not OpenBranch branch) continue;
            positions.Push(branch.Path.Append(true));
            positions.Push(branch.Path.Append(false));
        }
        complete = true;
        return true;
    }

    /// <summary>Reads what <see cref="MapView.SubtreeHash"/> of the map is.</summary>
    /// <returns>False where the proof does not tell.</returns>
    public bool TrySubtreeHash(Bytes prefix, out Digest hash)
    {
        var covered = TryFind(BitPath.OfPrefix(prefix.Span), out var at);
        hash = at is null ? TrieHash.Empty : _hashes[at.Value];
        return covered;
    }

    // Finds the node that holds exactly what lies under a path: null where nothing does. False: a closed node hides it.
    private bool TryFind(BitPath path, out int? found)
    {
        found = null;
        if (_nodes.Count == 0) return true;
        for (var at = 0; ;)
        {
            if (_nodes[at] is ClosedNode) return false;
            var here = _nodes[at] is OpenLeaf leaf ? leaf.Path : ((OpenBranch)_nodes[at]).Path;
            if (here.StartsWith(path)) found = at;
            if (found is not null || _nodes[at] is OpenLeaf || !path.StartsWith(here)) return true;
            at = path[here.Length] ? _ends[at + 1] : at + 1;
        }
    }

    private (int End, bool Whole, Digest Hash) Summarize(int at)
    {
        if (_nodes[at] is ClosedNode closed) return (at + 1, false, closed.Hash);
        if (_nodes[at] is OpenLeaf { Entry: var entry } leaf)
            return (at + 1, leaf.ShowsValue, TrieHash.Leaf(entry.Key, entry.Version, entry.Owner, leaf.ValueHash));
        var (left, right) = (at + 1, _ends[at + 1]);
        return (_ends[right], _whole[left] && _whole[right], TrieHash.Branch(((OpenBranch)_nodes[at]).Path, _hashes[left], _hashes[right]));
    }

    private List<MapEntry> Shown(int start, int end)
    {
        var entries = new List<MapEntry>();
        for (var i = start; i < end; i++)
            if (_nodes[i] is OpenLeaf { ShowsValue: true } leaf) entries.Add(leaf.Entry);
        return entries;
    }

    public void Encode(Encoder to)
    {
        to.Bool(_nodes.Count > 0);
        if (_nodes.Count > 0) ProofFormat.Encode(_nodes, to);
    }

    public static MapProof Decode(ref Decoder from) => new(from.Bool() ? ProofFormat.Decode(ref from) : []);

    public bool Equals(MapProof? other) => other is not null && Canonical.Encode(this).AsSpan().SequenceEqual(Canonical.Encode(other));
    public override bool Equals(object? obj) => Equals(obj as MapProof);
    public override int GetHashCode() => Root.GetHashCode();
}
