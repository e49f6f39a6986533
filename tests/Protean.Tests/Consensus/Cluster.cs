using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.Simulator.Byzantine;
using Xunit;

namespace Protean.Tests.Consensus;

/// <summary>An application that takes every entry and has no business of its own, unless a test gives it some.</summary>
internal sealed class PlainApplication : IApplication
{
    public ulong Executed { get; set; }
    public UnixMs? NextDue { get; set; }
    public SealedHeader? LastSeal { get; set; }

    public bool IsValid(Entry entry) => entry.Body.Length > 0;
    public bool SealHolds(SealedHeader seal) => seal.Certificate.Signatures.Count > 0;
}

/// <summary>A committee of simplex members in the simulator, with a checker of agreement, order and validity over all they
/// output.</summary>
internal sealed class Cluster
{
    private static readonly SigningKey[] Keys =
        [.. Enumerable.Range(1, 10).Select(i => SigningKey.FromSeed(Hash.H("test/key", [(byte)i]).Span))];
    private static readonly Digest Unit = Hash.H("test/unit", []);

    private readonly PlainApplication[] _applications;
    private readonly Dictionary<ulong, Digest> _chain = [];
    private readonly HashSet<Digest> _submitted = [];
    private readonly HashSet<MemberId> _lost = [];
    private readonly HashSet<Certificate> _verified = [];
    private readonly Dictionary<(MemberId, int), ulong> _lastHeight = [];
    private readonly Dictionary<(MemberId, string, ulong), Digest> _signed = [];
    private readonly ISignatureScheme _scheme;

    public Cluster(
        ulong seed, int size, ISignatureScheme? scheme = null, ushort? quorum = null,
        Func<Incarnation, IProtocol<ConsensusMessage, FinalizedBlock>, IProtocol<ConsensusMessage, FinalizedBlock>>? disguise = null,
        IReadOnlyList<ProposalRule>? rules = null)
    {
        _scheme = scheme ?? new CheapSignatures();
        _applications = [.. Enumerable.Range(0, size).Select(_ => new PlainApplication())];
        Committee = CommitteeOf(size, quorum);
        Context = new UnitContext(Hash.H("test/chain", []), Unit, 1, Committee.Hash);
        Simulation = new Simulation<ConsensusMessage, FinalizedBlock>(seed, size, incarnation =>
        {
            var member = Member(incarnation, rules);
            return disguise?.Invoke(incarnation, member) ?? member;
        });
        Simulation.OnOutput = Check;
        Simulation.OnSent = Witness;
    }

    public Committee Committee { get; }
    public UnitContext Context { get; }
    public Simulation<ConsensusMessage, FinalizedBlock> Simulation { get; }

    /// <summary>What the checker found wrong; empty is what every test wants.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Members whose outputs are not judged.</summary>
    public HashSet<MemberId> Byzantine { get; } = [];

    public IReadOnlyDictionary<ulong, Digest> Chain => _chain;
    public HashSet<Digest> Finalized { get; } = [];
    public ulong Height => _chain.Count == 0 ? 0 : _chain.Keys.Max();

    public static SigningKey KeyOf(MemberId member) => Keys[member.Index - 1];

    public static Committee CommitteeOf(int size, ushort? quorum = null) => new(
        [.. Keys.Take(size).Select((key, i) => new Member(Hash.H("test/node", [(byte)i]), key.PublicKey, key.PublicKey, key.PublicKey))],
        quorum ?? Committee.DefaultQuorum(size), Committee.DefaultThreshold(size));

    public PlainApplication Application(MemberId member) => _applications[member.Index - 1];
    public SimplexMember this[int member] => Unwrap(Simulation[member].Protocol)!;
    public SimplexMember this[MemberId member] => this[member.Index];
    public IReadOnlyList<MemberId> OthersOf(MemberId member) => [.. Committee.Ids.Where(id => id != member)];
    public IEnumerable<MemberId> Honest => Committee.Ids.Where(id => !Byzantine.Contains(id));

    /// <summary>A member damages gossip, which makes entries of its own.</summary>
    public bool AnyEntryGoes { get; set; }

    /// <summary>Seals stay where they are until a test moves them.</summary>
    public bool SealsLag { get; set; }
    public MemberId Leader(ulong view) => new LeaderSchedule(Committee, Digest.Zero)[view];
    public ulong HeightOf(MemberId member) => Application(member).Executed;
    public bool AllReached(ulong height) => Honest.All(id => HeightOf(id) >= height);

    public SimplexMember Member(Incarnation incarnation, IReadOnlyList<ProposalRule>? rules = null)
    {
        var id = incarnation.Member;
        var application = Application(id);
        if (incarnation.LostDisk && _lost.Add(id)) application.Executed = 0;
        _lastHeight[(id, incarnation.Restarts)] = application.Executed;
        var setup = new ConsensusSetup(
            Context, Committee, id, Digest.Zero, ConsensusTimers.Default, new ChainStart(0, Hash.H("test/start", []), 0),
            new FinalizedHeight(application.Executed), Silent: incarnation.LostDisk);
        return new SimplexMember(setup, KeyOf(id), _scheme, application, incarnation.Store) { Rules = rules ?? ProposalRules.All };
    }

    public static Entry Entry(int number) => new(EntryKind.Request, Bytes.Of($"entry {number}"));

    public void Submit(int member, Entry entry)
    {
        _submitted.Add(entry.Hash);
        Do(member, "submit", (inner, effects) => inner.Submit(entry, effects));
    }

    public void Do(int member, string what, Action<SimplexMember, IEffects<ConsensusMessage, FinalizedBlock>> input) =>
        Simulation[member].Do(what, (protocol, effects) =>
    {
        if (Unwrap(protocol) is { } inner)
            input(inner, protocol is Interceptor<ConsensusMessage, FinalizedBlock> between ? between.Through(effects) : effects);
    });

    /// <summary>A seal that every member's application takes for good.</summary>
    public SealedHeader Seal(ulong height, Digest blockId) => new(
        new SealHeader(Context, height, blockId, 0, Digest.Zero, Digest.Zero, Digest.Zero, 0),
        new QuorumSignature(Bytes.Empty, [default]));

    public void SetSeal(MemberId member, SealedHeader seal)
    {
        Application(member).LastSeal = seal;
        Do(member.Index, "sealed", (inner, effects) => inner.ApplicationChanged(effects));
    }

    public void Submit(int member, int number) => Submit(member, Entry(number));
    public bool IsFinal(int number) => Finalized.Contains(Entry(number).Hash);

    /// <summary>Fails with the seed, so that the run can be had again.</summary>
    public void AssertSafe() =>
        Assert.True(Violations.Count == 0, $"seed {Simulation.Seed}, n={Committee.Size}: {string.Join("; ", Violations.Take(3))}");

    public void AssertWithin(TimeSpan span, Func<bool> condition, string what)
    {
        Assert.True(
            Simulation.RunUntil(condition, span), $"seed {Simulation.Seed}, n={Committee.Size}: not within {span}: {what}. {State()}");
        AssertSafe();
    }

    public string State() => string.Join(" | ", Committee.Ids.Select(id => Unwrap(Simulation[id].Protocol) is { } member
        ? $"{id}: view {member.View} final {member.FinalHeight} pending {member.Pending} {member.WaitingNow(new UnixMs(Simulation.Time))}"
        : $"{id}: down"));

    private void Check(MemberId member, int restarts, FinalizedBlock output)
    {
        var block = output.Block;
        if (!Byzantine.Contains(member))
        {
            if (_lastHeight[(member, restarts)] + 1 != block.Height)
                Violations.Add($"member {member} output height {block.Height} after {_lastHeight[(member, restarts)]}");
            if (!_chain.TryAdd(block.Height, block.Id) && _chain[block.Height] != block.Id)
                Violations.Add($"member {member} has another block at height {block.Height}");
            if (block.Height > 1 && _chain.TryGetValue(block.Height - 1, out var parent) && parent != block.Header.ParentHash)
                Violations.Add($"height {block.Height} does not extend height {block.Height - 1}");
            if (!AnyEntryGoes && block.Entries.Any(entry => !_submitted.Contains(entry.Hash)))
                Violations.Add($"height {block.Height} holds an entry that nobody submitted");
            if (_verified.Add(output.Finality)
                && (output.Finality.Vote.Kind != VoteKind.Finalize || !output.Finality.Holds(Context, Committee, _scheme)))
                Violations.Add($"height {block.Height} came without its certificate");
            foreach (var entry in block.Entries) Finalized.Add(entry.Hash);
        }
        _lastHeight[(member, restarts)] = block.Height;
        Application(member).Executed = Math.Max(Application(member).Executed, block.Height);
        if (!SealsLag) Simulation.After(1, () => SetSeal(member, Seal(block.Height, block.Id)));
    }

    private static SimplexMember? Unwrap(IProtocol<ConsensusMessage, FinalizedBlock>? protocol) =>
        protocol as SimplexMember ?? (protocol as Interceptor<ConsensusMessage, FinalizedBlock>)?.Inner as SimplexMember;

    // Across restarts: what an honest member signs may never contradict what it signed before.
    private void Witness(MemberId member, ConsensusMessage message)
    {
        if (Byzantine.Contains(member)) return;
        if (message is Proposal proposal && Leader(proposal.View) == member) Signed(member, "proposal", proposal.View, proposal.Block.Id);
        if (message is VoteMessage { Signed.Vote: var vote })
            Signed(member, vote.Kind == VoteKind.Notarize ? "notarize" : "give up or finalize", vote.View, vote.BlockId);
    }

    private void Signed(MemberId member, string what, ulong view, Digest id)
    {
        if (!_signed.TryAdd((member, what, view), id) && _signed[(member, what, view)] != id)
            Violations.Add($"member {member} contradicts itself in view {view}: {what}");
    }
}
