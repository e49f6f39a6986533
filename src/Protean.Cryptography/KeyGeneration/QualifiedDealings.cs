namespace Protean.Cryptography;

/// <summary>QUAL: the dealings of one session that nobody was convicted for. Their sum is the key (protocols 3.3).</summary>
public static class QualifiedDealings
{
    /// <summary>The public key <c>A_k* = sum A_{i,k}</c> of at least one dealing, all of one session and of distinct dealers.</summary>
    /// <returns>Null and the key, or the refusal of <see cref="ThresholdPublicKey.TryCreate"/>: another attempt is needed.</returns>
    public static string? TryCombine(IReadOnlyList<VerifiedDealing> qualified, out ThresholdPublicKey? key)
    {
        ArgumentOutOfRangeException.ThrowIfZero(qualified.Count);
        var session = qualified[0].Session;
        if (qualified.Any(dealing => dealing.Session.Sid != session.Sid))
            throw new ArgumentException("dealings of two sessions", nameof(qualified));
        if (qualified.DistinctBy(dealing => dealing.Dealing.Dealer).Count() != qualified.Count)
            throw new ArgumentException("two dealings of one dealer", nameof(qualified));
        var sum = PublicPolynomial.Sum([.. qualified.Select(dealing => dealing.Polynomial)]);
        return ThresholdPublicKey.TryCreate(sum, session.Members, out key);
    }

    /// <summary>The member's share of the key: the sum of its shares from the same dealings.</summary>
    public static SecretScalar CombineShares(IReadOnlyList<SecretScalar> shares, ThresholdPublicKey key, ushort member)
    {
        var sum = SecretScalar.Sum(shares);
        if (sum.MultiplyBase() == key.PublicShare(member)) return sum;
        sum.Dispose();
        throw new ArgumentException("the shares are not those of the dealings that make the key", nameof(shares));
    }
}
