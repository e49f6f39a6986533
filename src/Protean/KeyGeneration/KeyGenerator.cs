using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;

namespace Protean.KeyGeneration;

/// <summary>The generation of one key on the unit's own log, as a function of the log: joint Feldman with publicly encrypted shares and
/// publicly verifiable complaints (protocols 3.1-3.4; Pedersen 1991, ETHDKG 2019/985).</summary>
/// <remarks>Its whole state stands in the unit's authenticated map of keys, so it survives restarts and is under every seal. The caller
/// gives it the contributions of <see cref="IsTopic"/> in log order and, after them, the time of each block. What this member itself owes
/// is <see cref="KeyHolder"/>'s.</remarks>
public sealed class KeyGenerator
{
    public const string DealingTopic = "key/dealing", AcknowledgementTopic = "key/ack",
        ComplaintTopic = "key/complaint", RevealTopic = "key/reveal";

    private readonly GenerationMap _map;
    private readonly GenerationWindows _windows;

    // What was computed from bytes of the map, kept with these bytes: true whatever state is asked about.
    private readonly SortedDictionary<MemberId, (Bytes Payload, VerifiedDealing Dealing)> _verified = [];
    private (Bytes Outputs, GeneratedKey Key)? _read;
    private DkgSession _session;

    /// <param name="purpose">What alone the key is for; letters, digits and dashes.</param>
    /// <param name="context">Of the current epoch, or of the one that generated the key: see <see cref="EpochOf"/>.</param>
    /// <param name="committee">Of that epoch.</param>
    /// <exception cref="MalformedException">An encryption key of the committee is no point.</exception>
    public KeyGenerator(string purpose, UnitContext context, Committee committee, GenerationWindows windows)
    {
        if (purpose.Length is 0 or > Limits.MaxName || purpose.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"'{purpose}' is no purpose of a key", nameof(purpose));
        Purpose = purpose;
        Context = context;
        Committee = committee;
        _windows = windows;
        _map = new GenerationMap(purpose);
        _session = Sessions.Of(Sessions.Sid(context, committee, purpose, attempt: 0), committee);
    }

    public string Purpose { get; }
    public UnitContext Context { get; }
    public Committee Committee { get; }

    private string Place => $"key '{Purpose}'";

    /// <summary>n - f: what members that are not faulty can always bring together.</summary>
    private int Honest => Committee.Size - Committee.Faulty;

    /// <summary>n - 2f dealings: one of them at least is honest, and that many are left when n - f were dealt.</summary>
    internal static int LeastQualified(Committee committee) => committee.Size - 2 * committee.Faulty;

    /// <summary>Whether a contribution of this topic is for a key generation.</summary>
    public static bool IsTopic(string topic) => topic is DealingTopic or AcknowledgementTopic or ComplaintTopic or RevealTopic;

    /// <summary>The epoch whose committee generated the key, and whose context the generator is built with from then on; null while
    /// there is no key, when it is built with the current epoch's.</summary>
    public static ulong? EpochOf(MapView keys, string purpose) =>
        new GenerationMap(purpose).State(keys) is { Phase: GenerationPhase.Done } state ? state.Epoch : null;

    /// <summary>The state, or null before <see cref="Begin"/>.</summary>
    public GenerationState? State(MapView keys) => _map.State(keys);

    /// <summary>Names the attempt under way, or the one that made the key.</summary>
    public Digest Session(GenerationState state) => SessionOf(state).Sid;

    internal DkgSession SessionOf(GenerationState state)
    {
        var sid = Sessions.Sid(Context, Committee, Purpose, state.Attempt);
        if (_session.Sid != sid) _session = Sessions.Of(sid, Committee);
        return _session;
    }

    /// <summary>What convicted whom.</summary>
    public IReadOnlyList<Evidence> Evidence(MapView keys) => [.. _map.Evidence(keys)];

    /// <summary>Begins, at the time of the block, where it has not begun, or was not done by the end of its epoch.</summary>
    public void Begin(MapEdit keys, ulong timeMs)
    {
        var state = _map.State(keys);
        if (state is not null && (state.Phase == GenerationPhase.Done || state.Epoch == Context.Epoch)) return;
        foreach (var dealer in state?.Dealt.Members ?? []) _map.DeleteDealing(keys, dealer);
        _map.PutState(keys, GenerationState.Begin(Context.Epoch, timeMs));
    }

    /// <summary>Takes one contribution at its place in the log; that the member signed it, the caller has checked, as of every
    /// contribution.</summary>
    /// <returns>Null where it counts; otherwise why not. A second dealing does not count, and convicts its dealer.</returns>
    public Refusal? Apply(MapEdit keys, Contribution contribution)
    {
        if (_map.State(keys) is not { } state) return GenerationChecks.NotBegun;
        var arrival = new Arrival(this, state, contribution);
        if (GenerationChecks.Contribution.FirstRefusal(arrival, Place) is { } refused) return refused;
        try
        {
            return contribution.Topic switch
            {
                DealingTopic => ApplyDealing(keys, arrival),
                AcknowledgementTopic => ApplyAcknowledgement(keys, arrival),
                ComplaintTopic => ApplyComplaint(keys, arrival),
                RevealTopic => ApplyReveal(keys, arrival),
                _ => GenerationChecks.Malformed,
            };
        }
        catch (MalformedException)
        {
            return GenerationChecks.Malformed;
        }
    }

    /// <summary>Closes the phase where it is due; called once per block, after its contributions.</summary>
    /// <returns>The key, in the block that completes it: to be sealed.</returns>
    public GeneratedKey? Advance(MapEdit keys, ulong timeMs)
    {
        if (_map.State(keys) is not { } state) return null;
        if (state.Phase == GenerationPhase.Dealing && DealingsAreIn(state, timeMs))
            _map.PutState(keys, state with { Phase = GenerationPhase.Checking, SinceMs = timeMs });
        if (state.Phase == GenerationPhase.Checking && ChecksAreIn(state, timeMs)) return Close(keys, state, timeMs);
        return null;
    }

    /// <summary>The block time at which <see cref="Advance"/> has something to do even if no contribution comes; null where there is
    /// none.</summary>
    public ulong? NextDue(MapView keys) => _map.State(keys) switch
    {
        { Phase: GenerationPhase.Dealing } state when state.Unconvicted.Count >= Honest => WindowEnd(state),
        { Phase: GenerationPhase.Checking } state => WindowEnd(state),
        _ => null,
    };

    /// <summary>The key, once generated.</summary>
    public GeneratedKey? Key(MapView keys)
    {
        if (_map.KeyBytes(keys) is not { } bytes) return null;
        if (_read is not { } read || read.Outputs != bytes)
            _read = read = (bytes, GeneratedKey.FromOutputs(Canonical.Decode<Sealing.Outputs>(bytes.Span)));
        return read.Key;
    }

    /// <summary>What convinces a third party of the key; null before it is generated.</summary>
    public KeyRecord? Record(MapView keys) =>
        Key(keys) is { } key ? new KeyRecord([.. key.Qualified.Members.Select(dealer => _map.Dealing(keys, dealer)!)]) : null;

    /// <summary>How far it is, for people.</summary>
    public GenerationProgress? Progress(MapView keys) =>
        _map.State(keys) is { } state ? new GenerationProgress(Purpose, Committee.Size, state) : null;

    /// <summary>The counted dealing of a member; its proof held when it was counted, and is computed again only after a restart.</summary>
    internal VerifiedDealing? Dealing(MapView keys, GenerationState state, MemberId dealer)
    {
        if (!state.Dealt.Contains(dealer) || _map.Dealing(keys, dealer) is not { } contribution) return null;
        return Verify(state, contribution, out var dealing) is null
            ? dealing
            : throw new StateDamagedException($"the counted dealing of member {dealer} for '{Purpose}' is not valid");
    }

    internal IReadOnlyList<Reveal> Reveals(MapView keys, MemberId dealer) => _map.Reveals(keys, dealer);

    private Refusal? ApplyDealing(MapEdit keys, Arrival arrival)
    {
        var (state, contribution) = (arrival.State, arrival.Contribution);
        if (GenerationChecks.OwnDealing.FirstRefusal((arrival, Decode(contribution)), Place) is { } refused) return refused;
        if (state.Dealt.Contains(contribution.Member))
        {
            var counted = _map.Dealing(keys, contribution.Member)!;
            if (counted.Payload != contribution.Payload)
                Convict(keys, state, new Evidence(contribution.Member, Offence.TwoDealings, counted, contribution));
            return GenerationChecks.SecondDealing;
        }
        if (GenerationChecks.CountedDealing.FirstRefusal(arrival, Place) is { } invalid) return invalid;
        _map.PutDealing(keys, contribution);
        _map.PutState(keys, state with { Dealt = state.Dealt.With(contribution.Member) });
        return null;
    }

    private Refusal? ApplyAcknowledgement(MapEdit keys, Arrival arrival)
    {
        var (state, contribution) = (arrival.State, arrival.Contribution);
        var good = Canonical.Decode<MemberSet>(contribution.Payload.Span);
        if (GenerationChecks.Acknowledgement.FirstRefusal((arrival, good), Place) is { } refused) return refused;
        _map.PutState(keys, state with { Acknowledgements = [.. state.Acknowledgements, new Acknowledgement(contribution.Member, good)] });
        return null;
    }

    private Refusal? ApplyComplaint(MapEdit keys, Arrival arrival)
    {
        var (state, contribution) = (arrival.State, arrival.Contribution);
        if (!Complaint.TryDecode(contribution.Payload.Span, out var complaint)) return GenerationChecks.Malformed;
        var dealer = new MemberId(complaint.Dealer);
        if (Dealing(keys, state, dealer) is not { } counted) return GenerationChecks.NoDealing;
        var about = new ComplaintArrival(arrival, complaint, counted);
        if (GenerationChecks.Complaint.FirstRefusal(about, Place) is { } refused) return refused;
        var dealing = _map.Dealing(keys, dealer)!;
        Convict(keys, state, about.Verdict == ComplaintVerdict.DealerGuilty
            ? new Evidence(dealer, Offence.WrongShare, dealing, contribution)
            : new Evidence(contribution.Member, Offence.FalseComplaint, dealing, contribution));
        return null;
    }

    private Refusal? ApplyReveal(MapEdit keys, Arrival arrival)
    {
        var reveal = Canonical.Decode<Reveal>(arrival.Contribution.Payload.Span);
        var revealed = _map.Reveals(keys, reveal.Dealer);
        if (Dealing(keys, arrival.State, reveal.Dealer) is not { } counted) return GenerationChecks.NoDealing;
        var arrived = new RevealArrival(arrival, reveal, revealed, counted);
        if (GenerationChecks.Reveal.FirstRefusal(arrived, Place) is { } refused) return refused;
        _map.PutReveal(keys, reveal);
        return null;
    }

    private void Convict(MapEdit keys, GenerationState state, Evidence evidence)
    {
        _map.PutEvidence(keys, evidence);
        var tooLate = state.Phase == GenerationPhase.Done && evidence.Offence == Offence.WrongShare;
        _map.PutState(keys, state with
        {
            Guilty = state.Guilty.With(evidence.Accused),
            Exposed = tooLate ? state.Exposed.With(evidence.Accused) : state.Exposed,
        });
    }

    private bool DealingsAreIn(GenerationState state, ulong timeMs) =>
        state.Unconvicted.Count >= Honest
        && (state.Unconvicted.Covers(MemberSet.All(Committee.Size).Except(state.Convicted)) || timeMs >= WindowEnd(state));

    // An acknowledgement that leaves out a dealer announces a complaint, so only those that cover everyone close the phase early.
    private bool ChecksAreIn(GenerationState state, ulong timeMs) =>
        Ready(state).Covers(MemberSet.All(Committee.Size).Except(state.Convicted)) || timeMs >= WindowEnd(state);

    /// <summary>The members, not convicted, that can use the share of every dealer not convicted.</summary>
    private static MemberSet Ready(GenerationState state) => state.Acknowledgements
        .Where(ack => ack.Good.Covers(state.Unconvicted))
        .Aggregate(MemberSet.Empty, (ready, ack) => ready.With(ack.Member))
        .Except(state.Convicted);

    private ulong WindowEnd(GenerationState state) => state.SinceMs + _windows.OfPhase(state.Phase, state.Attempt);

    private GeneratedKey? Close(MapEdit keys, GenerationState state, ulong timeMs)
    {
        if (Combine(keys, state) is { } key)
        {
            _map.PutState(keys, state with { Phase = GenerationPhase.Done, SinceMs = timeMs });
            _map.PutKey(keys, key.ToOutputs());
            return key;
        }
        foreach (var dealer in state.Dealt.Members) _map.DeleteDealing(keys, dealer);
        _map.PutState(keys, state.Again(timeMs));
        return null;
    }

    private GeneratedKey? Combine(MapView keys, GenerationState state)
    {
        var qualified = state.Unconvicted;
        if (qualified.Count < LeastQualified(Committee) || Ready(state).Count < Math.Max(Committee.Threshold, Honest)) return null;
        var dealings = qualified.Members.Select(dealer => Dealing(keys, state, dealer)!).ToArray();
        if (QualifiedDealings.TryCombine(dealings, out var key) is not null) return null;
        var sid = Session(state);
        return new GeneratedKey(Purpose, state.Epoch, state.Attempt, sid, key!, qualified,
            GeneratedKey.DigestOf(sid, [.. dealings.Select(dealing => (dealing.Dealing.Dealer, dealing.Id))]));
    }

    /// <summary>Checks a dealing's proof, once for the same bytes.</summary>
    internal string? Verify(GenerationState state, Contribution contribution, out VerifiedDealing? dealing)
    {
        var session = SessionOf(state);
        var known = _verified.TryGetValue(contribution.Member, out var found)
            && found.Payload == contribution.Payload && found.Dealing.Session == session;
        dealing = known ? found.Dealing : null;
        if (known) return null;
        var refusal = VerifiedDealing.TryVerify(session, Decode(contribution), out dealing);
        if (dealing is not null) _verified[contribution.Member] = (contribution.Payload, dealing);
        return refusal;
    }

    private Dealing Decode(Contribution contribution) =>
        Cryptography.Dealing.TryDecode(contribution.Payload.Span, Committee.Size, Committee.Threshold, out var dealing)
            ? dealing
            : throw new MalformedException("no dealing of this committee's size and threshold");
}
