using CsCheck;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

public class SharingTests
{
    private static readonly Gen<(int T, ushort[] Members)> Subsets =
        from n in Gen.Int[1, 9]
        from t in Gen.Int[1, n]
        from members in Gen.Shuffle(Enumerable.Range(1, n).Select(i => (ushort)i).ToArray())
        select (t, members);

    [Fact]
    public void Any_t_shares_give_the_secret_and_one_less_does_not() => Subsets.Sample(one =>
    {
        using var polynomial = SecretPolynomial.Random(one.T, SystemRandom.Instance);
        using var secret = polynomial.Constant();
        Assert.Equal(secret.MultiplyBase(), Interpolate(polynomial, one.Members[..one.T]));
        if (one.T > 1) Assert.NotEqual(secret.MultiplyBase(), Interpolate(polynomial, one.Members[..(one.T - 1)]));
    }, iter: 30);

    [Fact]
    public void Every_share_fits_the_commitments() => Subsets.Sample(one =>
    {
        using var polynomial = SecretPolynomial.Random(one.T, SystemRandom.Instance);
        var commitments = polynomial.Commit();
        return one.Members.All(member => commitments.Evaluate(member) == Interpolate(polynomial, [member]));
    }, iter: 20);

    [Theory]
    [InlineData((ushort)1, (ushort)1)]
    [InlineData((ushort)0, (ushort)1)]
    public void Indices_that_repeat_or_are_zero_are_refused(ushort first, ushort second) =>
        Assert.Throws<ArgumentException>(() => Lagrange.AtZero([first, second]));

    [Fact]
    public void The_share_at_zero_is_never_handed_out()
    {
        using var polynomial = SecretPolynomial.Random(2, SystemRandom.Instance);
        Assert.Throws<ArgumentOutOfRangeException>(() => polynomial.Evaluate(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => polynomial.Commit().Evaluate(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretPolynomial.Random(0, SystemRandom.Instance));
    }

    // N97: a key or public share that is the identity.
    [Fact]
    [LeavesOut(typeof(ThresholdPublicKey), nameof(ThresholdPublicKey.Checks))]
    public void Each_check_of_a_threshold_key_is_needed()
    {
        var (a, b) = (Point.Base, HashToGroup.H2G("test", "b"u8));
        Fixtures.EachCheckIsNeeded(ThresholdPublicKey.Checks, (a, [a, b]),
            ("PRT-CRY-0071", (Point.Identity, [a, b])),
            ("PRT-CRY-0072", (a, [a, Point.Identity])));
        Assert.Null(ThresholdPublicKey.TryCreate(new PublicPolynomial(new[] { a, b }), 3, out var key));
        Assert.Equal((a, 3, 2), (key!.PublicKey, key.Members, key.Threshold));
        Assert.Equal(a + b + b, key.PublicShare(2));
        Assert.Equal("PRT-CRY-0071", ThresholdPublicKey.TryCreate(new PublicPolynomial(new[] { Point.Identity, b }), 3, out var refused));
        Assert.Null(refused);
        var vanishing = new PublicPolynomial(new[] { Point.Identity - b - b, b });
        Assert.Equal("PRT-CRY-0072", ThresholdPublicKey.TryCreate(vanishing, 3, out refused));
        Assert.Null(refused);
        Assert.Null(ThresholdPublicKey.TryCreate(new PublicPolynomial(new[] { a, Point.Identity }), 3, out _));
    }

    private static Point Interpolate(SecretPolynomial polynomial, ushort[] members)
    {
        var values = members.Select(member =>
        {
            using var share = polynomial.Evaluate(member);
            return share.MultiplyBase();
        });
        return members.Length == 1 ? values.Single() : Lagrange.Combine(members, [.. values], Sums);
    }
}
