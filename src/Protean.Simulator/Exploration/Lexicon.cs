using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Simulator.Exploration;

/// <summary>One thing that a member can say: a vote, or a leader's block.</summary>
/// <param name="Vote">Null where a block is proposed.</param>
/// <param name="Block">The block proposed or voted for; null for nullify.</param>
internal sealed record Statement(Vote? Vote, Block? Block, ulong View)
{
    public override string ToString()
    {
        var what = $"{Vote?.Kind.ToString().ToLowerInvariant() ?? "proposal"} in view {View}";
        return Block is null ? what : $"{what}: block {Block.Id.ToString()[..6]} on {Block.Header.ParentHash.ToString()[..6]}";
    }
}

/// <summary>Everything that was said so far anywhere in a search, numbered, so that what a member has said is a set of bits.</summary>
internal sealed class Lexicon(World world, ulong views, MemberId byzantine)
{
    /// <summary>More statements than these do not fit a set.</summary>
    public const int Capacity = 128;

    private readonly List<Statement> _statements = [];
    private readonly List<UInt128> _conflicts = [];
    private readonly Dictionary<Vote, int> _votes = [];
    private readonly Dictionary<Digest, int> _blocks = [];
    private readonly Dictionary<Digest, int[]> _byzantineChildren = [];

    public ulong Views => views;
    public MemberId Byzantine => byzantine;
    public Statement this[int id] => _statements[id];
    public static UInt128 Bit(int id) => UInt128.One << id;

    /// <summary>The statements in which a block is proposed.</summary>
    public UInt128 Proposals { get; private set; }

    /// <returns>Null for what lies beyond the last view of the search.</returns>
    public int? Find(ConsensusMessage message) => message switch
    {
        VoteMessage { Signed.Vote: var vote } when vote.View <= views => Of(vote),
        Proposal proposal when proposal.View <= views => Of(proposal.Block),
        _ => null,
    };

    public int Of(Vote vote)
    {
        if (_votes.TryGetValue(vote, out var id)) return id;
        var block = vote.Kind == VoteKind.Nullify ? null : _statements[_blocks[vote.BlockId]].Block;
        return _votes[vote] = Add(new Statement(vote, block, vote.View));
    }

    public int Of(Block block)
    {
        if (_blocks.TryGetValue(block.Id, out var id)) return id;
        id = _blocks[block.Id] = Add(new Statement(null, block, block.View));
        Proposals |= Bit(id);
        return id;
    }

    /// <summary>What the Byzantine leader of a later view may propose on a block, or on the start of the chain.</summary>
    public IReadOnlyList<int> ByzantineBlocksOn(Block? parent)
    {
        var key = parent?.Id ?? World.Start.BlockId;
        if (_byzantineChildren.TryGetValue(key, out var children)) return children;
        var blocks = new List<int>();
        for (var view = (parent?.View ?? 0) + 1; view <= views; view++)
            if (World.Leaders[view] == byzantine) blocks.AddRange(Forks(view, parent).Select(Of));
        return _byzantineChildren[key] = [.. blocks];
    }

    // Two blocks that differ, and one that calls its parent a block of the view before, so that it seems to skip none; where the epoch ends,
    // one that ends it, one that goes on, and one for after the end.
    private IEnumerable<Block> Forks(ulong view, Block? parent)
    {
        var parentView = parent?.View ?? 0;
        yield return Make(view, parent, parentView, 0, BlockKind.Normal, []);
        if (world.EndsEpoch)
        {
            yield return Make(view, parent, parentView, 0, BlockKind.Normal, [World.EpochEntry]);
            yield return Make(view, parent, parentView, 0, BlockKind.Tail, []);
            yield break;
        }
        yield return Make(view, parent, parentView, 1, BlockKind.Normal, []);
        if (parentView + 1 < view) yield return Make(view, parent, view - 1, 0, BlockKind.Normal, []);
    }

    private static Block Make(ulong view, Block? parent, ulong parentView, ulong variant, BlockKind kind, IReadOnlyList<Entry> entries) => new(
        new BlockHeader(
            World.Context, view, (parent?.Height ?? World.Start.Height) + 1, parentView, parent?.Id ?? World.Start.BlockId, World.TimeOf(view) + variant,
            World.Start.Height, World.Start.SealHash, Block.RootOf(entries), kind),
        entries);

    /// <summary>The votes of one kind and view among what was said.</summary>
    public List<int> VotesIn(UInt128 said, VoteKind kind, ulong view) =>
        [.. Members(said).Where(id => _statements[id].Vote is { } vote && vote.Kind == kind && vote.View == view)];

    /// <summary>The numbers in a set.</summary>
    public static List<int> Members(UInt128 set)
    {
        var ids = new List<int>();
        for (; set != 0; set &= set - 1) ids.Add((int)UInt128.TrailingZeroCount(set));
        return ids;
    }

    /// <summary>Whether a finalize certificate that can be had makes this block final.</summary>
    public bool IsFinal(Block block, UInt128 certifiable) => Members(certifiable).Any(id =>
        _statements[id] is { Vote.Kind: VoteKind.Finalize, Block: { } final } && Descends(final, block));

    /// <summary>Two certificates that can be had and that exclude each other.</summary>
    public string? Conflict(UInt128 certifiable)
    {
        foreach (var id in Members(certifiable))
            if ((_conflicts[id] & certifiable) is var conflicts && conflicts != 0)
                return $"certificates that exclude each other: {_statements[id]}, {_statements[Members(conflicts)[0]]}";
        return null;
    }

    public Block? Parent(Block block) => _blocks.TryGetValue(block.Header.ParentHash, out var id) ? _statements[id].Block : null;

    private int Add(Statement statement)
    {
        if (_statements.Count == Capacity) throw new InvalidOperationException($"more than {Capacity} statements: take fewer views");
        var (id, conflicts) = (_statements.Count, UInt128.Zero);
        _statements.Add(statement);
        _conflicts.Add(default);
        for (var other = 0; other <= id; other++)
        {
            if (!Conflict(statement, _statements[other])) continue;
            conflicts |= Bit(other);
            _conflicts[other] |= Bit(id);
        }
        _conflicts[id] |= conflicts;
        return id;
    }

    // Whether certificates of both votes would break safety; of one and the same vote: whether one alone would.
    private bool Conflict(Statement one, Statement other)
    {
        if (one.Vote is not { } first || other.Vote is not { } second) return false;
        if (one == other) return one.Block is not null && GoesOnAfterTheEnd(one.Block);
        if (first.View == second.View && (first.Kind, second.Kind) is (VoteKind.Notarize, VoteKind.Notarize)) return true;
        if (first.View == second.View && (IsSkippedFinal(first, second) || IsSkippedFinal(second, first))) return true;
        return IsFork(one, other) || IsFork(other, one);
    }

    private static bool IsSkippedFinal(Vote nullify, Vote finalize) => (nullify.Kind, finalize.Kind) is (VoteKind.Nullify, VoteKind.Finalize);

    private bool GoesOnAfterTheEnd(Block block) => Parent(block) is { EndsEpoch: true } && (block.Header.Kind != BlockKind.Tail || block.Entries.Count > 0);

    // A block that can be final, and one of the same view or a later one that can be built on and does not descend from it.
    private bool IsFork(Statement final, Statement built) =>
        final.Vote?.Kind == VoteKind.Finalize && built.Block is not null && built.View >= final.View && !Descends(built.Block, final.Block!);

    private bool Descends(Block from, Block ancestor)
    {
        for (var block = from; block is not null; block = Parent(block))
            if (block == ancestor) return true;
        return false;
    }
}
