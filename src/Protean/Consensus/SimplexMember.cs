using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Effects = Protean.Runtime.IEffects<Protean.Consensus.ConsensusMessage, Protean.Consensus.FinalizedBlock>;

namespace Protean.Consensus;

/// <summary>One member of Simplex (Chan and Pass, TCC 2023) with separate notarize, nullify and finalize votes: orders a unit's
/// entries.</summary>
/// <remarks>Line numbers in comments are those of docs/protocols/simplex.md. Safe while #byzantine &lt;= 2q-n-1, live after the network
/// heals while
/// #faulty &lt;= n-q (protocols 1.6). Silent while there is nothing to do.</remarks>
public sealed partial class SimplexMember : IProtocol<ConsensusMessage, FinalizedBlock>
{
    private readonly UnitContext _context;
    private readonly Committee _committee;
    private readonly MemberId _self;
    private readonly LeaderSchedule _leaders;
    private readonly ConsensusTimers _timers;
    private readonly ISignatureScheme _scheme;
    private readonly SigningKey _key;
    private readonly IApplication _application;
    private readonly ChainStart _start;
    private readonly FinalizedHeight _executed;

    private readonly ChainStore _store;
    private readonly Chain _chain;
    private readonly VoteBook _book;
    private readonly PendingPool _pool;
    private readonly CatchUp _catchUp;
    private readonly Peers _peers;
    private readonly SortedDictionary<(MemberId Culprit, EvidenceKind Kind), Evidence> _evidence = [];

    private ulong _view = 1;
    private readonly bool _recalls;
    private bool _silent;
    private bool _ended;

    public SimplexMember(ConsensusSetup setup, SigningKey key, ISignatureScheme scheme, IApplication application, IStore store)
    {
        (_context, _committee, _self, _timers, _executed, _recalls) =
            (setup.Context, setup.Committee, setup.Self, setup.Timers, setup.Executed, setup.Recalls);
        (_key, _scheme, _application, _start) = (key, scheme, application, setup.Start);
        _leaders = new LeaderSchedule(_committee, setup.LeaderSeed);
        _store = new ChainStore(store, _context.Epoch);
        _chain = new Chain(_store, setup.Start);
        _book = new VoteBook(_context, _committee, _scheme, Counters, Keep);
        _pool = new PendingPool(_committee.Size);
        _catchUp = new CatchUp(_self);
        _peers = new Peers(_committee.Size);
        _tip = _chain.Final;
        _silent = setup.Silent || _store.IsSilent;
    }

    /// <summary>The conditions under which this member notarises. A test may leave one out.</summary>
    public IReadOnlyList<ProposalRule> Rules { get; init; } = ProposalRules.All;

    /// <summary>How often what happened: signatures verified, messages refused by reason.</summary>
    public Counters Counters { get; } = new();

    /// <summary>Members that contradicted themselves, with the proof.</summary>
    public IEnumerable<Evidence> Evidence => _evidence.Values;

    public ulong View => _view;

    /// <summary>The last final height.</summary>
    public ulong FinalHeight => _chain.Final.Height;

    /// <summary>A broken invariant: two final blocks at one height. The member stopped itself; null while all is well.</summary>
    public string? Halted { get; private set; }

    /// <summary>Entries that wait for a block.</summary>
    public int Pending => _pool.Count;

    /// <summary>The application refused a final entry. Nothing remembers its verdict, and another time's may differ: the same bytes may be
    /// ordered again.</summary>
    public void Refused(Digest entry) => _pool.Forget(entry);

    /// <summary>Offers an entry; accepted ones go to all members' pools at once.</summary>
    public Submission Submit(Entry entry, Effects effects)
    {
        if (entry.Body.Length > Limits.MaxEntry || !_application.IsValid(entry)) return Submission.Invalid;
        var result = _pool.Add(entry, _self);
        if (result != Submission.Accepted || Halted is not null) return result;
        effects.Broadcast(new Gossip(entry));
        Settle(effects);
        return result;
    }

    /// <summary>Final blocks up to this height have served: nobody will be given them any more.</summary>
    public void ForgetBlocks(ulong upTo)
    {
        _store.DropFinal(upTo);
        _store.DropEpochsBefore(_context.Epoch - Math.Min(_context.Epoch, 1));
    }

    /// <summary>Whether a member whose last final height is this one can be given the block after it.</summary>
    public bool CanServeAfter(ulong height) => height >= _chain.Final.Height || _store.Final(height + 1) is not null;

    /// <summary>Tells that what the application answers (next due time, last seal) may have changed.</summary>
    public void ApplicationChanged(Effects effects)
    {
        if (Halted is null) Settle(effects);
    }

    public void Start(Effects effects)
    {
        Restore();
        BeginRecall(effects);
        Replay(effects);
        Resend(effects);
        TryFinalize(effects); // a finalisation known before the restart, whose blocks were still on their way
        Settle(effects);
    }

    public void Receive(MemberId from, ConsensusMessage message, Effects effects)
    {
        if (Halted is not null) return;
        if (!_committee.Contains(from) || from == _self)
        {
            Counters.Refuse("sender");
            return;
        }
        Take(from, message, effects);
        Settle(effects);
    }

    public void TimeOut(TimerId timer, Effects effects)
    {
        if (Halted is not null) return;
        OnTimer(timer, effects);
        Settle(effects);
    }

    private void Take(MemberId from, ConsensusMessage message, Effects effects)
    {
        switch (message)
        {
            case Proposal proposal: OnProposal(from, proposal, effects); break;
            case VoteMessage vote: OnVote(from, vote.Signed, effects); break;
            case CertificateMessage certificate: OnCertificateFrom(from, certificate.Certificate, effects); break;
            case Gossip gossip: OnGossip(from, gossip.Entry); break;
            case BlockMessage block: OnBlock(block.Block, effects); break;
            case FinalizedRun run: OnRun(run, effects); break;
            case EvidenceMessage evidence: OnEvidence(evidence.Evidence); break;
            case Recalled recalled: OnRecalled(from, recalled, effects); break;
            default: Serve(from, message, effects); break;
        }
    }

    /// <summary>Does all that the state now calls for. Rules only change state; everything that follows from a change follows
    /// here.</summary>
    private void Settle(Effects effects)
    {
        do
        {
            Drain(effects);
            Lead(effects);
            Consider(effects);
            GiveUpWhereDue(effects);
        }
        while (_book.Formed.Count > 0 && Halted is null);
        Pace(effects);
        _store.Commit();
    }

    private void Drain(Effects effects)
    {
        while (Halted is null && _book.Formed.TryDequeue(out var certificate)) OnCertificate(certificate, effects);
    }

    private void OnGossip(MemberId from, Entry entry)
    {
        if (!_application.IsValid(entry)) Counters.Refuse("entry/invalid");
        else if (_pool.Add(entry, from) == Submission.Full) Counters.Refuse("entry/full");
    }

    // One piece convicts: a second one about the same member and deed adds nothing.
    private void Keep(Evidence evidence)
    {
        if (!_evidence.TryAdd((evidence.Culprit, evidence.Kind), evidence)) return;
        _store.PutEvidence(evidence);
        Counters.Add("evidence/" + evidence.Kind);
    }

    private void OnEvidence(Evidence evidence)
    {
        if (_evidence.ContainsKey((evidence.Culprit, evidence.Kind))) return;
        if (evidence.Context == _context && evidence.Holds(_committee, _scheme)) Keep(evidence);
        else Counters.Refuse("evidence");
    }

    private void Halt(string reason)
    {
        Halted = reason;
        Counters.Add("halted");
    }
}
