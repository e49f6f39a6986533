using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.KeyGeneration;

/// <summary>A contribution at its place in the log.</summary>
internal sealed record Arrival(KeyGenerator Generator, GenerationState State, Contribution Contribution);

/// <param name="Counted">The dealing of the accused that counts.</param>
internal sealed record ComplaintArrival(Arrival Arrival, Complaint Complaint, VerifiedDealing Counted)
{
    private ComplaintVerdict? _verdict;

    /// <summary>What everybody finds when they open the share with the revealed key.</summary>
    public ComplaintVerdict Verdict => _verdict ??= Counted.Judge(Complaint);
}

/// <param name="Revealed">What is public of the dealer's polynomial already.</param>
/// <param name="Counted">The dealer's counted dealing.</param>
internal sealed record RevealArrival(Arrival Arrival, Reveal Reveal, IReadOnlyList<Reveal> Revealed, VerifiedDealing Counted);

/// <summary>What a contribution to a key generation must pass before it counts, in order, each check with its code.</summary>
internal static class GenerationChecks
{
    public const string NotCurrent = "PRT-KEY-0001", Convicted = "PRT-KEY-0002", Malformed = "PRT-KEY-0003",
        OthersDealing = "PRT-KEY-0011", SecondDealing = "PRT-KEY-0012", LateDealing = "PRT-KEY-0013", InvalidDealing = "PRT-KEY-0014",
        UntimelyAcknowledgement = "PRT-KEY-0021", SecondAcknowledgement = "PRT-KEY-0022", UnknownDealers = "PRT-KEY-0023",
        EarlyComplaint = "PRT-KEY-0031", OthersComplaint = "PRT-KEY-0032", UncountedDealing = "PRT-KEY-0033", DealerConvicted = "PRT-KEY-0034",
        UnprovenComplaint = "PRT-KEY-0035",
        NotExposed = "PRT-KEY-0041", OthersReveal = "PRT-KEY-0042", Enough = "PRT-KEY-0043", WrongReveal = "PRT-KEY-0044";

    /// <summary>Of any topic.</summary>
    public static Verifier<Arrival> Contribution { get; } = new(
        new(NotCurrent, a => a.Contribution.Subject == a.Generator.Session(a.State)),
        new(Convicted, a => !a.State.Convicted.Contains(a.Contribution.Member)));

    /// <summary>Of a dealing that can count, or convict its dealer where another one counts.</summary>
    public static Verifier<(Arrival Arrival, Dealing Dealing)> OwnDealing { get; } = new(
        new ProofCheck<(Arrival Arrival, Dealing Dealing)>(
            OthersDealing, d => d.Dealing.Sid == d.Arrival.Contribution.Subject && d.Dealing.Dealer == d.Arrival.Contribution.Member.Index));

    /// <summary>Of a member's first dealing.</summary>
    public static Verifier<Arrival> CountedDealing { get; } = new(
        new(LateDealing, a => a.State.Phase == GenerationPhase.Dealing),
        new(InvalidDealing, a => a.Generator.Verify(a.State, a.Contribution, out _) is null));

    public static Verifier<(Arrival Arrival, MemberSet Good)> Acknowledgement { get; } = new(
        new(UntimelyAcknowledgement, a => a.Arrival.State.Phase == GenerationPhase.Checking),
        new(SecondAcknowledgement, a => !a.Arrival.State.HasAcknowledged(a.Arrival.Contribution.Member)),
        new(UnknownDealers, a => a.Arrival.State.Dealt.Covers(a.Good)));

    /// <summary>A complaint that fails one of these convicts nobody: neither the dealer, nor whoever signed it.</summary>
    public static Verifier<ComplaintArrival> Complaint { get; } = new(
        new(EarlyComplaint, c => c.Arrival.State.Phase != GenerationPhase.Dealing),
        new(OthersComplaint, c => c.Complaint.Complainer == c.Arrival.Contribution.Member.Index),
        new(DealerConvicted, c => !Settled(c.Arrival.State).Contains(new MemberId(c.Complaint.Dealer))),
        new(UnprovenComplaint, c => c.Verdict != ComplaintVerdict.Ignored));

    public static Verifier<RevealArrival> Reveal { get; } = new(
        new(NotExposed, r => r.Arrival.State.Exposed.Contains(r.Reveal.Dealer)),
        new(OthersReveal, r => r.Reveal.Index == r.Arrival.Contribution.Member.Index),
        new(Enough, r => r.Revealed.Count < r.Arrival.Generator.Committee.Threshold && r.Revealed.All(other => other.Index != r.Reveal.Index)),
        new(WrongReveal, r => Point.MultiplyBase(r.Reveal.Value) == r.Counted.Polynomial.Evaluate(r.Reveal.Index)));

    /// <summary>The refusal in words.</summary>
    public static Refusal Explain(string code, string purpose) => new(code, code switch
    {
        NotCurrent => "the contribution is of another attempt or key than the one under way",
        Convicted => "the member was convicted and takes no part any more",
        Malformed => "the contribution is not of its topic's form for this committee",
        OthersDealing => "a member posts its own dealings only, of this session",
        SecondDealing => "a dealing of this member counts already",
        LateDealing => "the time for dealings is over",
        InvalidDealing => "the dealing's proof or points are invalid",
        UntimelyAcknowledgement => "acknowledgements count while shares are checked only",
        SecondAcknowledgement => "the member has acknowledged already",
        UnknownDealers => "the acknowledgement names members that did not deal",
        EarlyComplaint => "complaints count once dealings are closed",
        OthersComplaint => "a member complains about its own shares only, of this session",
        UncountedDealing => "the complaint is about a member whose dealing does not count",
        DealerConvicted => "the dealer is convicted already",
        UnprovenComplaint => "the complaint proves nothing about the dealing that counts",
        NotExposed => "shares are revealed of exposed dealers only, once a key is there",
        OthersReveal => "a member reveals its own share only",
        Enough => "enough of the dealer's shares, or the member's own, are public already",
        WrongReveal => "the revealed share does not fit the dealer's commitments",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "not a code of key generation"),
    }, Where: $"key '{purpose}'");

    // Once the key is there, a dealer convicted of something else still owes the share.
    private static MemberSet Settled(GenerationState state) => state.Phase == GenerationPhase.Done ? state.Exposed : state.Convicted;
}
