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
    private const string Advice = "An honest member posts nothing of the kind, or too late: nothing to do.";

    private const string NotCurrent = "PRT-KEY-0001", Current = "a contribution must be of the attempt and key under way";

    /// <summary>Refusals of what cannot even be checked.</summary>
    public static readonly Refusal
        NotBegun = Refuse(NotCurrent, Current),
        Malformed = Refuse("PRT-KEY-0003", "a contribution must be of its topic's form for this committee"),
        SecondDealing = Refuse("PRT-KEY-0012", "one dealing of a member counts; another one convicts it"),
        NoDealing = Refuse("PRT-KEY-0033", "a complaint must be about a member whose dealing counts");

    /// <summary>Of any topic.</summary>
    public static Requirements<Arrival> Contribution { get; } = new(
        Must<Arrival>(NotCurrent, Current, a => a.Contribution.Subject == a.Generator.Session(a.State)),
        Must<Arrival>("PRT-KEY-0002", "a convicted member takes no part any more", a =>
            !a.State.Convicted.Contains(a.Contribution.Member)));

    /// <summary>Of a dealing that can count, or convict its dealer where another one counts.</summary>
    public static Requirements<(Arrival Arrival, Dealing Dealing)> OwnDealing { get; } = new(
        Must<(Arrival Arrival, Dealing Dealing)>("PRT-KEY-0011", "a member posts its own dealings only, of this session", d =>
            d.Dealing.Sid == d.Arrival.Contribution.Subject && d.Dealing.Dealer == d.Arrival.Contribution.Member.Index));

    /// <summary>Of a member's first dealing.</summary>
    public static Requirements<Arrival> CountedDealing { get; } = new(
        Must<Arrival>("PRT-KEY-0013", "dealings count until the phase of dealing ends", a => a.State.Phase == GenerationPhase.Dealing),
        new Requirement<Arrival>("PRT-KEY-0014", "a dealing's points and proof must hold", Advice, a =>
            a.Generator.Verify(a.State, a.Contribution, out _) is { } code ? new Finding(code) : null));

    public static Requirements<(Arrival Arrival, MemberSet Good)> Acknowledgement { get; } = new(
        Must<(Arrival Arrival, MemberSet Good)>("PRT-KEY-0021", "acknowledgements count while shares are checked only", a =>
            a.Arrival.State.Phase == GenerationPhase.Checking),
        Must<(Arrival Arrival, MemberSet Good)>("PRT-KEY-0022", "a member acknowledges once", a =>
            !a.Arrival.State.HasAcknowledged(a.Arrival.Contribution.Member)),
        Must<(Arrival Arrival, MemberSet Good)>("PRT-KEY-0023", "an acknowledgement names members that dealt", a =>
            a.Arrival.State.Dealt.Covers(a.Good)));

    /// <summary>A complaint that fails one of these convicts nobody: neither the dealer, nor whoever signed it.</summary>
    public static Requirements<ComplaintArrival> Complaint { get; } = new(
        Must<ComplaintArrival>("PRT-KEY-0031", "complaints count once dealings are closed", c =>
            c.Arrival.State.Phase != GenerationPhase.Dealing),
        Must<ComplaintArrival>("PRT-KEY-0032", "a member complains about its own shares only", c =>
            c.Complaint.Complainer == c.Arrival.Contribution.Member.Index),
        Must<ComplaintArrival>("PRT-KEY-0034", "one conviction of a dealer is enough", c =>
            !Settled(c.Arrival.State).Contains(new MemberId(c.Complaint.Dealer))),
        Must<ComplaintArrival>("PRT-KEY-0035", "a complaint must prove something about the dealing that counts", c =>
            c.Verdict != ComplaintVerdict.Ignored));

    public static Requirements<RevealArrival> Reveal { get; } = new(
        Must<RevealArrival>("PRT-KEY-0041", "only shares of exposed dealers are made public", r =>
            r.Arrival.State.Exposed.Contains(r.Reveal.Dealer)),
        Must<RevealArrival>("PRT-KEY-0042", "a member reveals its own share only", r =>
            r.Reveal.Index == r.Arrival.Contribution.Member.Index),
        Must<RevealArrival>("PRT-KEY-0043", "t shares of a dealer are enough, one of each member", r =>
            r.Revealed.Count < r.Arrival.Generator.Committee.Threshold && r.Revealed.All(other => other.Index != r.Reveal.Index)),
        Must<RevealArrival>("PRT-KEY-0044", "a revealed share must fit the dealer's commitments", r =>
            Point.MultiplyBase(r.Reveal.Value) == r.Counted.Polynomial.Evaluate(r.Reveal.Index)));

    // Once the key is there, a dealer convicted of something else still owes the share.
    private static MemberSet Settled(GenerationState state) => state.Phase == GenerationPhase.Done ? state.Exposed : state.Convicted;

    private static Requirement<T> Must<T>(string code, string what, Func<T, bool> holds) =>
        new(code, what, Advice, subject => holds(subject) ? null : new Finding());

    private static Refusal Refuse(string code, string what) => new(code, what, Advice: Advice);
}
