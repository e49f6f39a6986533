namespace Protean.State;

/// <summary>Opens a trie as far as some paths need, and no further.</summary>
internal sealed class ProofBuilder(NodeStore nodes)
{
    /// <param name="paths">Of keys or of prefixes: all that lies under each is opened, or what shows that nothing does.</param>
    public ProofNode Open(TrieLink link, IReadOnlyList<BitPath> paths)
    {
        if (paths.Count == 0) return new ClosedNode(link.Hash);
        if (nodes.Load(link) is TrieBranch branch) return OpenAt(branch, paths);
        var leaf = (TrieLeaf)nodes.Load(link);
        return Open(leaf, paths.Any(path => leaf.Path.StartsWith(path)));
    }

    private OpenBranch OpenAt(TrieBranch branch, IReadOnlyList<BitPath> paths)
    {
        if (paths.Any(path => branch.Path.StartsWith(path))) return OpenWhole(branch);
        var below = paths.Where(path => path.StartsWith(branch.Path)).ToLookup(path => path[branch.Path.Length]);
        return new OpenBranch(branch.Path, Open(branch.Left, [.. below[false]]), Open(branch.Right, [.. below[true]]));
    }

    private OpenBranch OpenWhole(TrieBranch branch) => new(branch.Path, OpenWhole(branch.Left), OpenWhole(branch.Right));

    private ProofNode OpenWhole(TrieLink link) =>
        nodes.Load(link) is TrieBranch branch ? OpenWhole(branch) : Open((TrieLeaf)nodes.Load(link), showsValue: true);

    private static OpenLeaf Open(TrieLeaf leaf, bool showsValue) =>
        new(leaf.Path, showsValue ? leaf.Entry : leaf.Entry with { Value = default }, leaf.ValueHash, showsValue);
}
