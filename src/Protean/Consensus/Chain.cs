using Protean.Cryptography;

namespace Protean.Consensus;

/// <summary>A place in the chain that a block may extend.</summary>
/// <param name="Ended">Only tail blocks may follow.</param>
public sealed record ChainPoint(ulong View, ulong Height, Digest Id, ulong TimeMs, ulong SealedHeight, Digest SealedHash, bool Ended)
{
    public static ChainPoint Of(Block block) => new(
        block.View, block.Height, block.Id, block.Header.TimeMs, block.Header.SealedHeight, block.Header.SealedHash, block.EndsEpoch);
}

/// <summary>The last final block and the tree of blocks above it. Headers and entry names stay in memory, bodies in the store; those added
/// last, which are most likely to be asked for, in both.</summary>
internal sealed class Chain
{
    private readonly ChainStore _store;
    private readonly SortedDictionary<Digest, Node> _nodes = [];
    private readonly Queue<Block> _bodies = [];
    private (Digest Tip, Digest Final, HashSet<Digest> Entries)? _entriesTo;

    private sealed record Node(ChainPoint Point, Digest Parent, Digest[] Entries);

    public Chain(ChainStore store, ChainStart start)
    {
        _store = store;
        Final = start.ToPoint();
        if (store.LastFinal is { } height && height > start.Height) Final = ChainPoint.Of(store.FinalBlock(height)!);
        Finality = store.Finality(Final.Height);
        foreach (var block in store.Tentative())
            if (block.Height > Final.Height && block.View > Final.View) Insert(block);
    }

    public ChainPoint Final { get; private set; }

    /// <summary>The certificate of <see cref="Final"/>; null at the start of the epoch.</summary>
    public Certificate? Finality { get; private set; }

    public bool Knows(Digest id) => id == Final.Id || _nodes.ContainsKey(id);
    public ChainPoint? Find(Digest id) => id == Final.Id ? Final : _nodes.GetValueOrDefault(id)?.Point;

    /// <summary>Adds a block above the final one to the tree and to the store.</summary>
    public void Add(Block block)
    {
        if (Knows(block.Id) || block.Height <= Final.Height) return;
        Insert(block);
        _store.PutTentative(block);
        _bodies.Enqueue(block);
        if (_bodies.Count > Limits.HeightsInMemory) _bodies.Dequeue();
    }

    /// <summary>A block of the tree or of the final chain, as far as this member has it.</summary>
    public Block? Body(Digest id)
    {
        if (_bodies.FirstOrDefault(block => block.Id == id) is { } known) return known;
        _store.Commit(); // the body may be of this very input
        return _store.Block(id);
    }

    /// <summary>Entries of the blocks above the final one, up to and with this one.</summary>
    public IReadOnlySet<Digest> EntriesTo(Digest tip)
    {
        if (_entriesTo is { } cached && cached.Tip == tip && cached.Final == Final.Id) return cached.Entries;
        var entries = new HashSet<Digest>();
        for (var id = tip; _nodes.TryGetValue(id, out var node); id = node.Parent) entries.UnionWith(node.Entries);
        _entriesTo = (tip, Final.Id, entries);
        return entries;
    }

    /// <summary>The way from the last final block up to this one.</summary>
    /// <param name="missing">The block that has to be fetched first, if one is missing.</param>
    /// <returns>Null where a block is missing, or where the way leads past the last final block: then <paramref name="missing"/> is null
    /// too.</returns>
    public IReadOnlyList<Digest>? PathTo(Digest id, out Digest? missing)
    {
        var path = new List<Digest>();
        missing = null;
        while (id != Final.Id)
        {
            if (!_nodes.TryGetValue(id, out var node))
            {
                var below = path.Count > 0 && _nodes[path[^1]].Point.Height <= Final.Height + 1;
                if (!below) missing = id;
                return null;
            }
            path.Add(id);
            id = node.Parent;
        }
        path.Reverse();
        return path;
    }

    /// <summary>Makes the blocks of a path final and forgets the branches they cut off.</summary>
    /// <returns>The blocks, in height order, with the names of their entries.</returns>
    public IReadOnlyList<Block> Finalize(IReadOnlyList<Digest> path, Certificate certificate)
    {
        var blocks = new List<Block>();
        foreach (var id in path)
        {
            var block = Body(id)!;
            blocks.Add(block);
            _store.PutFinal(block);
            _nodes.Remove(id);
        }
        Final = ChainPoint.Of(blocks[^1]);
        Finality = certificate;
        _store.PutFinality(Final.Height, certificate);
        DropBranches();
        _store.PruneViews(Final.View);
        return blocks;
    }

    private void DropBranches()
    {
        foreach (var (id, node) in _nodes.ToArray())
        {
            if (node.Point.View > Final.View && node.Point.Height > Final.Height) continue;
            _nodes.Remove(id);
            _store.DropTentative(node.Point.View, id);
        }
    }

    private void Insert(Block block) =>
        _nodes[block.Id] = new Node(ChainPoint.Of(block), block.Header.ParentHash, [.. block.Entries.Select(entry => entry.Hash)]);
}
