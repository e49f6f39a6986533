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
