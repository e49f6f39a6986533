using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;

namespace Protean.Tests.Consensus;

/// <summary>One member of four, with the test in the place of the world and of the other three.</summary>
internal sealed class Lone : IEffects<ConsensusMessage, FinalizedBlock>
{
    private static readonly CheapSignatures Scheme = new();
    private readonly LeaderSchedule _leaders;
    private readonly IStore _store;

    public Lone(ulong startHeight = 0, IReadOnlyList<ProposalRule>? rules = null, IStore? store = null)
    {
        Committee = Cluster.CommitteeOf(4);
        Context = new UnitContext(Hash.H("test/chain", []), Hash.H("test/unit", []), 1, Committee.Hash);
        _leaders = new LeaderSchedule(Committee, Digest.Zero);
        _store = store ?? new InMemoryStore();
        Self = _leaders[0]; // leads views 4, 8, 12: not the first ones
        Start = new ChainStart(startHeight, Hash.H("test/start", []), 0);
        Member = new SimplexMember(
            new ConsensusSetup(Context, Committee, Self, Digest.Zero, ConsensusTimers.Default, Start, new FinalizedHeight(startHeight)),
            Cluster.KeyOf(Self), Scheme, Application, _store)
        { Rules = rules ?? ProposalRules.All };
        Member.Start(this);
        Sent.Clear();
    }

    public Committee Committee { get; }
    public UnitContext Context { get; }
    public MemberId Self { get; }
    public ChainStart Start { get; }
    public SimplexMember Member { get; }
    public PlainApplication Application { get; } = new();
    public List<ConsensusMessage> Sent { get; } = [];
    public List<FinalizedBlock> Outputs { get; } = [];
    public UnixMs Now { get; set; } = new(1_800_000_000_000);
    public IEnumerable<Vote> Votes => Sent.OfType<VoteMessage>().Select(message => message.Signed.Vote);
    public MemberId[] Others => [.. Committee.Ids.Where(id => id != Self)];
    public MemberId Leader(ulong view) => _leaders[view];

    public void Send(MemberId to, ConsensusMessage message) => Sent.Add(message);
    public void Broadcast(ConsensusMessage message) => Sent.Add(message);
    public void SetTimer(TimerId timer, TimeSpan delay) { }
    public void Run(Job job) => job.Work()();
    public void Output(FinalizedBlock output) => Outputs.Add(output);

    public SignedVote Sign(MemberId member, Vote vote, UnitContext? context = null) =>
        new(vote, Scheme.Sign(Cluster.KeyOf(member), vote.SignedPayload(context ?? Context)));

    public void Receive(MemberId from, ConsensusMessage message) => Member.Receive(from, message, this);
    public void Vote(MemberId from, Vote vote) => Receive(from, new VoteMessage(Sign(from, vote)));

    /// <summary>The other three vote.</summary>
    public void AllVote(Vote vote)
    {
        foreach (var other in Others) Vote(other, vote);
    }

    public Certificate Certify(Vote vote, UnitContext? context = null, int signers = 3) => new(vote, QuorumSignature.Of(
        4, Others.Take(signers).Select(other => new KeyValuePair<MemberId, Signature>(other, Sign(other, vote, context).Signature))));

    /// <summary>A valid block of a view on the start of the chain, or on another block, changed as the test wants it.</summary>
    public Block Block(ulong view, Block? parent = null, Func<BlockHeader, BlockHeader>? change = null, params Entry[] entries)
    {
        var header = new BlockHeader(
            Context, view, (parent?.Height ?? Start.Height) + 1, parent?.View ?? 0, parent?.Id ?? Start.BlockId,
            Math.Max(Now.Value, (parent?.Header.TimeMs ?? 0) + 1),
            parent?.Header.SealedHeight ?? Start.Height, parent?.Header.SealedHash ?? Start.SealHash,
            Protean.Consensus.Block.RootOf(entries), BlockKind.Normal);
        return new Block(change?.Invoke(header) ?? header, entries);
    }

    public void Propose(Block block, SealedHeader? seal = null)
    {
        var leader = Leader(block.View);
        var proposal = new Proposal(block, Scheme.Sign(Cluster.KeyOf(leader), block.Header.SignedPayload()), null, [], seal);
        Receive(leader == Self ? Others[0] : leader, proposal);
    }

    /// <summary>Notarised blocks, one per view that another member leads, none of them final.</summary>
    public Block Notarize(int count, Block? parent = null)
    {
        for (var view = Member.View; count > 0; view = Member.View)
        {
            if (Leader(view) == Self)
            {
                AllVote(Protean.Consensus.Vote.Nullify(view));
                continue;
            }
            parent = Block(view, parent);
            Propose(parent);
            AllVote(Protean.Consensus.Vote.Notarize(view, parent.Id));
            count--;
        }
        return parent!;
    }
}
