using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.KeyGeneration;

/// <summary>What convinces a third party of a generated key: the qualified dealings, each as its dealer signed it (protocols 3.2,
/// 4.1).</summary>
/// <param name="Dealings">Contributions, in the order of dealers.</param>
public sealed record KeyRecord(IReadOnlyList<Contribution> Dealings) : ICanonical<KeyRecord>
{
    /// <summary>A key being checked against its record.</summary>
    /// <param name="Context">Of the key's epoch: chain, unit, epoch, committee.</param>
    internal sealed record Claim(
        GeneratedKey Key, IReadOnlyList<Contribution> Contributions, IReadOnlyList<Dealing> Dealings,
        UnitContext Context, Committee Committee, ISignatureScheme Scheme)
    {
        /// <summary>The session that the key names, among this committee.</summary>
        public DkgSession Session { get; } = Sessions.Of(Key.Sid, Committee);
    }

    private const string Advice = "Get key and record from another member of the unit; who gave these out has changed them.";

    internal static readonly Refusal Malformed =
        new("PRT-KEY-0101", "key and record must be of their form, and their redundant parts agree", Advice: Advice);

    internal static Requirements<Claim> Checks { get; } = new(
        Must("PRT-KEY-0102", "the session must be that of this unit, epoch, committee, purpose and attempt", c =>
            c.Key.Epoch == c.Context.Epoch && c.Key.Sid == Sessions.Sid(c.Context, c.Committee, c.Key.Purpose, c.Key.Attempt)),
        Must("PRT-KEY-0103", "the key must be shared among the committee's members", c => c.Key.Key.Members == c.Committee.Size),
        Must("PRT-KEY-0104", "n - 2f dealers are needed, so that one of them is honest", c =>
            c.Key.Qualified.Count >= KeyGenerator.LeastQualified(c.Committee)),
        Must("PRT-KEY-0105", "the record must have the dealings of the qualified dealers, in order", c =>
            c.Dealings.Select(dealing => new MemberId(dealing.Dealer)).SequenceEqual(c.Key.Qualified.Members)),
        Must("PRT-KEY-0106", "each dealing must be signed by its dealer", c =>
            c.Contributions.Zip(c.Dealings).All(pair => Carries(pair.First, pair.Second, c))),
        Must("PRT-KEY-0107", "each dealing must be of the session, with a proof that holds", c =>
            c.Dealings.All(dealing => VerifiedDealing.TryVerify(c.Session, dealing, out _) is null)),
        Must("PRT-KEY-0108", "the key must be the sum of the dealings", c =>
            Sum(c.Dealings).SequenceEqual(c.Key.Key.Polynomial.Commitments.Span)),
        Must("PRT-KEY-0109", "the key must name the dealings by their digest", c =>
            c.Key.Dealings == GeneratedKey.DigestOf(c.Key.Sid, [.. c.Dealings.Select(dealing => (dealing.Dealer, dealing.Id()))])));

    /// <summary>Whether the sealed key is the sum of these dealings, of members of this committee. Rests on no quorum's word.</summary>
    /// <param name="sealedKey">Outputs that a receipt of function "key" opens.</param>
    /// <param name="context">Of the unit in the key's epoch.</param>
    /// <param name="committee">Of that epoch.</param>
    /// <returns>Null and the key; or the refusal of the first check that fails, <c>PRT-KEY-0101</c> to <c>0109</c>.</returns>
    public Refusal? Verify(Outputs sealedKey, UnitContext context, Committee committee, ISignatureScheme scheme, out GeneratedKey? key)
    {
        key = null;
        if (Claimed(sealedKey, context, committee, scheme) is not { } claim) return Malformed;
        if (Checks.FirstRefusal(claim, $"key '{claim.Key.Purpose}'") is { } refusal) return refusal;
        key = claim.Key;
        return null;
    }

    internal Claim? Claimed(Outputs sealedKey, UnitContext context, Committee committee, ISignatureScheme scheme)
    {
        try
        {
            var key = GeneratedKey.FromOutputs(sealedKey);
            return new Claim(key, Dealings, [.. Dealings.Select(dealing => DecodeDealing(dealing, committee))], context, committee, scheme);
        }
        catch (MalformedException)
        {
            return null;
        }
    }

    public void Encode(Encoder to) => to.List(Dealings);
    public static KeyRecord Decode(ref Decoder from) => new(from.List<Contribution>(Limits.MaxMembers));
    public bool Equals(KeyRecord? other) => other is not null && Dealings.SequenceEqual(other.Dealings);
    public override int GetHashCode() => Dealings.Count;

    private static Requirement<Claim> Must(string code, string what, Func<Claim, bool> holds) =>
        new(code, what, Advice, claim => holds(claim) ? null : new Finding());

    private static Dealing DecodeDealing(Contribution contribution, Committee committee) =>
        Dealing.TryDecode(contribution.Payload.Span, committee.Size, committee.Threshold, out var dealing)
            ? dealing
            : throw new MalformedException("no dealing of this committee's size and threshold");

    private static bool Carries(Contribution contribution, Dealing dealing, Claim claim) =>
        contribution.Member.Index == dealing.Dealer
        && contribution.Topic == KeyGenerator.DealingTopic
        && contribution.IsSigned(claim.Context, claim.Committee, claim.Scheme);

    private static ReadOnlySpan<Point> Sum(IReadOnlyList<Dealing> dealings) =>
        PublicPolynomial.Sum([.. dealings.Select(dealing => new PublicPolynomial(dealing.Commitments))]).Commitments.Span;
}
