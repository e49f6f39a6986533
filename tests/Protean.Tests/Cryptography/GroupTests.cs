using CsCheck;
using Protean.Cryptography;
using Xunit;

namespace Protean.Tests.Cryptography;

public class GroupTests
{
    // RFC 9496 appendix A.1.
    private static readonly string[] BaseMultiples =
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
        "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
        "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
        "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
        "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
    ];

    // RFC 9496 appendix A.2, one or two of each kind: not canonical, negative, not square, negative xy, y = 0.
    internal static readonly string[] BadEncodings =
    [
        "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
        "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    // The group order l, and l - 1.
    private const string Order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    private const string OrderMinusOne = "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

    private static readonly Gen<(Scalar, Scalar, Point)> TwoScalarsAndAPoint =
        Gen.Select(Fixtures.Scalars, Fixtures.Scalars, Fixtures.Points);

    [Fact]
    public void Multiples_of_the_base_are_those_of_the_RFC()
    {
        var sum = Point.Identity;
        for (var k = 0; k < BaseMultiples.Length; k++, sum += Point.Base)
        {
            var scalar = Scalar.FromInteger((ulong)k);
            Assert.Equal(BaseMultiples[k], sum.ToString());
            Assert.Equal(sum, Point.MultiplyBase(scalar));
            Assert.Equal(sum, scalar * Point.Base);
        }
    }

    [Fact]
    public void Bad_encodings_of_the_RFC_are_refused() =>
        Assert.All(BadEncodings, static encoding => Assert.False(Point.TryDecode(Convert.FromHexString(encoding), out _)));

    // RFC 9496 appendix A.3.
    [Theory]
    [InlineData("Ristretto is traditionally a short shot of espresso coffee",
        "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46")]
    [InlineData("made with the normal amount of ground coffee but extracted with",
        "f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b")]
    public void The_one_way_map_is_that_of_the_RFC(string label, string element) =>
        Assert.Equal(element, Point.FromUniform(Hash.Sha512(System.Text.Encoding.ASCII.GetBytes(label))).ToString());

    [Fact]
    public void The_identity_is_an_ordinary_value() => Fixtures.Points.Sample(point =>
    {
        Assert.True(Point.TryDecode(new byte[Point.Size], out var identity));
        Assert.True(identity.IsIdentity);
        Assert.True((Scalar.Zero * point).IsIdentity);
        Assert.True((Scalar.FromInteger(5) * Point.Identity).IsIdentity);
        Assert.True((point - point).IsIdentity);
        Assert.Equal(point, point + Point.Identity);
        Assert.True(Point.MultiplyBase(Scalar.Zero).IsIdentity);
    }, iter: 10);

    [Fact]
    public void Points_are_a_module_over_the_scalars() => TwoScalarsAndAPoint.Sample((a, b, p) =>
        (a + b) * p == a * p + b * p && (a - b) * p == a * p - b * p && (a * b) * p == a * (b * p) && -a * p == Point.Identity - a * p,
        iter: 20);

    [Fact]
    public void Scalars_are_a_field() => Gen.Select(Fixtures.Scalars, Fixtures.Scalars, Fixtures.Scalars).Sample((a, b, c) =>
        (a + b) * c == a * c + b * c && a - b == a + -b && (a.IsZero || a * a.Invert() == Scalar.One));

    [Fact]
    public void Many_inverses_are_the_single_ones() => Fixtures.Scalars.Array[1, 8].Sample(scalars =>
    {
        var inverses = (Scalar[])scalars.Clone();
        Scalar.InvertAll(inverses);
        return inverses.SequenceEqual(scalars.Select(scalar => scalar.Invert()));
    }, iter: 20);

    [Fact]
    public void Zero_has_no_inverse() => Assert.Throws<DivideByZeroException>(() => Scalar.Zero.Invert());

    [Fact]
    public void Only_integers_below_the_order_are_scalars()
    {
        Assert.True(Scalar.TryDecode(Convert.FromHexString(OrderMinusOne), out var largest));
        Assert.True((largest + Scalar.One).IsZero);
        Assert.False(Scalar.TryDecode(Convert.FromHexString(Order), out _));
        Assert.False(Scalar.TryDecode(Enumerable.Repeat((byte)0xff, 32).ToArray(), out _));
        Assert.False(Scalar.TryDecode(new byte[31], out _));
        Assert.False(Scalar.TryDecode(new byte[33], out _));
        Assert.False(SecretScalar.TryDecode(Convert.FromHexString(Order), out _));
        Assert.True(Scalar.TryDecode(new byte[32], out var zero) && zero.IsZero);
    }

    [Fact]
    public void Secret_arithmetic_agrees_with_public() => TwoScalarsAndAPoint.Sample((a, b, p) =>
    {
        using var x = Fixtures.Secret(a);
        using var k = Fixtures.Secret(b);
        using var sum = SecretScalar.Sum([x, k]);
        Assert.Equal(a * p, x.Multiply(p));
        Assert.Equal(Point.MultiplyBase(a), x.MultiplyBase());
        Assert.Equal(b + a * b, k.Respond(b, x));
        Assert.Equal(Point.MultiplyBase(a + b), sum.MultiplyBase());
    }, iter: 20);

    [Fact]
    public void A_sum_of_multiples_is_the_sum_of_its_terms() => Gen.Select(Fixtures.Scalars, Fixtures.Points).Array[0, 5].Sample(terms =>
        SodiumMultiScalar.Instance.Sum([.. terms.Select(term => term.Item1)], [.. terms.Select(term => term.Item2)])
        == terms.Aggregate(Point.Identity, (sum, term) => sum + term.Item1 * term.Item2), iter: 10);

    [Fact]
    public void Nonces_differ_even_for_one_secret_statement_and_seed_of_the_generator()
    {
        using var x = SecretScalar.Random(SystemRandom.Instance);
        using var y = SecretScalar.Random(SystemRandom.Instance);
        var points = new[] { (x, "a"), (x, "b"), (y, "a") }.Select(of =>
        {
            using var nonce = SecretScalar.Nonce(of.Item1, new Transcript(of.Item2), new SeededRandom(1));
            return nonce.MultiplyBase();
        });
        Assert.Equal(3, points.Distinct().Count());
    }

    [Fact]
    public void A_disposed_secret_is_gone()
    {
        var secret = SecretScalar.Random(SystemRandom.Instance);
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.MultiplyBase());
    }
}
