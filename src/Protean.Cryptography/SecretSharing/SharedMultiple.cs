namespace Protean.Cryptography;

/// <summary>The multiple <c>x P</c> of a point by a threshold key's secret, found from members' shares <c>x_i P</c>, each proven to be of its
/// member's share of the key.</summary>
/// <remarks>Any t valid shares give the same point; fewer say nothing about it. Rule O: a share leaves its member only after what it is for is
/// final there.</remarks>
/// <param name="domain">Of the shares' proofs: what the multiple is for.</param>
/// <param name="context">What else the proofs are bound to; the member's index follows it.</param>
public sealed class SharedMultiple(string domain, byte[] context, Point point, ThresholdPublicKey key, IMultiScalar sums)
{
    internal static Verifier<(SharedMultiple Multiple, ProvenShare Share)> ShareChecks { get; } = new(
        new("PRT-CRY-0051", s => s.Multiple.Key.HasMember(s.Share.Index)),
        new("PRT-CRY-0052", s => Dleq.Refusal(s.Multiple.StatementOf(s.Share.Index, s.Share.Value), s.Share.Proof) is null));

    internal static Verifier<(SharedMultiple Multiple, IReadOnlyList<ProvenShare> Shares)> RecordChecks { get; } = new(
        new("PRT-CRY-0061", r => r.Shares.Count == r.Multiple.Key.Threshold),
        new("PRT-CRY-0062", r => r.Shares.Zip(r.Shares.Skip(1), (one, next) => one.Index < next.Index).All(ascends => ascends)),
        new("PRT-CRY-0063", r => r.Shares.All(share => r.Multiple.Refusal(share) is null)));

    /// <summary>P.</summary>
    public Point Point { get; } = point;

    public ThresholdPublicKey Key { get; } = key;

    /// <summary>The share of member <paramref name="index"/>, whose secret is <paramref name="secret"/>.</summary>
    public ProvenShare Prove(ushort index, SecretScalar secret, IRandom random)
    {
        var value = secret.Multiply(Point);
        return new ProvenShare(index, value, Dleq.Prove(StatementOf(index, value), secret, random));
    }

    /// <summary>Null for a valid share; or <c>PRT-CRY-0051</c> index of a member, <c>0052</c> proof.</summary>
    public string? Refusal(ProvenShare share) => ShareChecks.Refusal((this, share));

    /// <summary>Null for shares that give the multiple, whoever shows them; or <c>PRT-CRY-0061</c> exactly t shares, <c>0062</c> of ascending
    /// indices, <c>0063</c> each valid.</summary>
    public string? Refusal(IReadOnlyList<ProvenShare> shares) => RecordChecks.Refusal((this, shares));

    /// <summary><c>x P</c> from exactly t shares of distinct members that were found valid: the same whichever t they are.</summary>
    public Point Combine(IReadOnlyList<ProvenShare> shares)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(shares.Count, Key.Threshold);
        ushort[] indices = [.. shares.Select(share => share.Index)];
        Point[] values = [.. shares.Select(share => share.Value)];
        return Lagrange.Combine(indices, values, sums);
    }

    private DleqStatement StatementOf(ushort index, Point value)
    {
        byte[] bound = [.. context, (byte)index, (byte)(index >> 8)];
        return new DleqStatement(domain, bound, Point.Base, Key.PublicShare(index), Point, value);
    }
}
