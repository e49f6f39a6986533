using Protean.Codec;

namespace Protean.State;

/// <summary>Opens a trie as far as some paths need, and no further.</summary>
internal static class ProofBuilder
{
    /// <param name="paths">Of keys or of prefixes: all that lies under each is opened, or what shows that nothing does.</param>
    /// <returns>The nodes, each before those below it, left before right.</returns>
    public static List<ProofNode> Open(TrieLink root, IReadOnlyList<BitPath> paths, NodeStore nodes)
    {
        var opened = new List<ProofNode>();
        var left = new Stack<(TrieLink Link, IReadOnlyList<BitPath> Paths)>([(root, paths)]);
        while (left.TryPop(out var next))
        {
            if (next.Paths.Count == 0)
            {
                opened.Add(new ClosedNode(next.Link.Hash));
                continue;
            }
            var node = nodes.Load(next.Link);
            opened.Add(node is TrieLeaf leaf ? Open(leaf, next.Paths) : new OpenBranch(node.Path));
            if (node is not TrieBranch branch) continue;
            left.Push((branch.Right, Below(branch, true, next.Paths)));
            left.Push((branch.Left, Below(branch, false, next.Paths)));
        }
        return opened;
    }

    /// <summary>Opens the entries after a key, without a gap, up to what one chunk holds.</summary>
    public static List<ProofNode> OpenAfter(TrieLink root, Bytes? after, NodeStore nodes)
    {
        var opened = new List<ProofNode>();
        var (entries, bytes) = (0, 0L);
        var left = new Stack<(TrieLink Link, BitPath Position)>([(root, default)]);
        while (left.TryPop(out var next))
        {
            if (IsBefore(next.Position, after) || entries == Limits.MaxChunkEntries || bytes >= Limits.ChunkBytes)
            {
                opened.Add(new ClosedNode(next.Link.Hash));
                continue;
            }
            var node = nodes.Load(next.Link);
            if (node is TrieLeaf leaf)
            {
                var shows = after is not { } key || leaf.Entry.Key > key;
                opened.Add(new OpenLeaf(leaf.Path, shows ? leaf.Entry : leaf.Entry with { Value = default }, leaf.ValueHash, shows));
                if (!shows) continue;
                entries++;
                bytes += leaf.Entry.Key.Length + leaf.Entry.Owner.Length + leaf.Entry.Value.Length;
                continue;
            }
            var branch = (TrieBranch)node;
            opened.Add(new OpenBranch(branch.Path));
            left.Push((branch.Right, branch.Path.Append(true)));
            left.Push((branch.Left, branch.Path.Append(false)));
        }
        return opened;
    }

    /// <summary>Whether all keys under a path lie before a key.</summary>
    public static bool IsBefore(BitPath position, Bytes? key) => key is { } after && position.IsWhollyBefore(BitPath.OfKey(after.Span));

    private static OpenLeaf Open(TrieLeaf leaf, IReadOnlyList<BitPath> paths)
    {
        var shows = paths.Any(path => leaf.Path.StartsWith(path));
        return new OpenLeaf(leaf.Path, shows ? leaf.Entry : leaf.Entry with { Value = default }, leaf.ValueHash, shows);
    }

    // A path that ends at the branch or above it asks for both sides whole; one that parts from the branch's is answered by the branch
    // itself.
    private static List<BitPath> Below(TrieBranch branch, bool bit, IReadOnlyList<BitPath> paths)
    {
        var below = new List<BitPath>();
        foreach (var path in paths)
        {
            var common = path.CommonLength(branch.Path);
            if (common == path.Length) return [path];
            if (common == branch.Path.Length && path[common] == bit) below.Add(path);
        }
        return below;
    }
}
