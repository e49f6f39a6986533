using System.Diagnostics.CodeAnalysis;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.State;

/// <summary>A map's trie opened in places: shows for any number of keys and prefixes what the map holds there, all against one root.</summary>
/// <remarks>One form serves membership, absence, whole prefixes and all of them together; what they share is written once. Every byte is bound by
/// <see cref="Root"/>: read from it only after comparing that with a root that is trusted.</remarks>
public sealed class MapProof : ICanonical<MapProof>, IEquatable<MapProof>
{
    private readonly ProofNode? _root;

    internal MapProof(ProofNode? root) => _root = root;

    /// <summary>The root of every map for which this proof is true.</summary>
    public Digest Root => _root?.Hash ?? TrieHash.Empty;

    /// <summary>Reads one key.</summary>
    /// <param name="entry">Null where the key is shown to be absent.</param>
    /// <returns>False where the proof does not tell.</returns>
    public bool TryGet(Bytes key, out MapEntry? entry)
    {
        var covered = TryFind(BitPath.OfKey(key.Span), out var node) && node is null or { IsWhole: true };
        entry = covered ? (node as OpenLeaf)?.Entry : null;
        return covered;
    }

    /// <summary>Reads all entries whose key starts with <paramref name="prefix"/>, in order of keys.</summary>
    /// <returns>False where the proof does not show all of them.</returns>
    public bool TryScan(Bytes prefix, [NotNullWhen(true)] out IReadOnlyList<MapEntry>? entries)
    {
        var covered = TryFind(BitPath.OfPrefix(prefix.Span), out var node) && node is null or { IsWhole: true };
        entries = covered ? Entries(node) : null;
        return covered;
    }

    /// <summary>What <see cref="MapView.SubtreeHash"/> of the map is.</summary>
    /// <returns>False where the proof does not tell.</returns>
    public bool TrySubtreeHash(Bytes prefix, out Digest hash)
    {
        var covered = TryFind(BitPath.OfPrefix(prefix.Span), out var node);
        hash = node?.Hash ?? TrieHash.Empty;
        return covered;
    }

    /// <summary>Every entry that the proof shows with its value, in order of keys.</summary>
    public IReadOnlyList<MapEntry> Entries() => Entries(_root);

    // Finds what lies under a path: null is nothing. False: a closed node hides it.
    private bool TryFind(BitPath path, out ProofNode? found)
    {
        for (found = _root; ; found = ((OpenBranch)found).Child(path[((OpenBranch)found).Path.Length]))
        {
            if (found is ClosedNode) return false;
            if (found is null || PathOf(found).StartsWith(path)) return true;
            if (found is OpenBranch branch && path.StartsWith(branch.Path)) continue;
            found = null;
            return true;
        }
    }

    private static BitPath PathOf(ProofNode node) => node is OpenLeaf leaf ? leaf.Path : ((OpenBranch)node).Path;

    private static List<MapEntry> Entries(ProofNode? top)
    {
        var entries = new List<MapEntry>();
        var left = new Stack<ProofNode>();
        if (top is not null) left.Push(top);
        while (left.TryPop(out var node))
        {
            if (node is OpenLeaf { IsWhole: true } leaf) entries.Add(leaf.Entry);
            if (node is not OpenBranch branch) continue;
            left.Push(branch.Right);
            left.Push(branch.Left);
        }
        return entries;
    }

    public void Encode(Encoder to)
    {
        to.Bool(_root is not null);
        _root?.Encode(0, new ProofEncoder(to));
    }

    public static MapProof Decode(ref Decoder from) => new(from.Bool() ? ProofNode.Decode(default, ref from, new ProofContext()) : null);

    public bool Equals(MapProof? other) => other is not null && Canonical.Encode(this).AsSpan().SequenceEqual(Canonical.Encode(other));
    public override bool Equals(object? obj) => Equals(obj as MapProof);
    public override int GetHashCode() => Root.GetHashCode();
}
