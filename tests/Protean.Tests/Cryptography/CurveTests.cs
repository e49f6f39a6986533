using System.Numerics;
using System.Runtime.InteropServices;
using CsCheck;
using Protean.Cryptography;
using Xunit;

namespace Protean.Tests.Cryptography;

/// <summary>Own arithmetic on public points gives what libsodium gives.</summary>
public sealed class CurveTests
{
    /// <summary>Names the number of cases that <see cref="Own_arithmetic_agrees_with_libsodium"/> tries, 10,000,000 for a release.</summary>
    private const string CasesVariable = "PROTEAN_CURVE_CASES";

    private const int CasesByDefault = 100_000;
    private const ulong TightLimb = (1UL << 51) + (1 << 8), LooseLimb = (1UL << 53) - 1;

    private static readonly BigInteger P = (BigInteger.One << 255) - 19;

    private static readonly ulong[] EdgeLimbs = [0, 1, (1UL << 51) - 19, (1UL << 51) - 1, 1UL << 51, TightLimb, LooseLimb];

    private static readonly Gen<ulong> Limbs = Gen.Frequency(
        (1, Gen.Int[0, EdgeLimbs.Length - 1].Select(static i => EdgeLimbs[i])), (2, Gen.ULong[0, LooseLimb]));

    private static readonly Gen<FieldElement> Loose = Gen.Select(Limbs, Limbs, Limbs, Limbs, Limbs)
        .Select(limbs => new FieldElement { L0 = limbs.Item1, L1 = limbs.Item2, L2 = limbs.Item3, L3 = limbs.Item4, L4 = limbs.Item5 });

    private static readonly Scalar[] EdgeScalars =
        [Scalar.Zero, Scalar.One, -Scalar.One, Scalar.FromInteger(ulong.MaxValue), -Scalar.FromInteger(1UL << 63), Scalar.FromInteger(16)];

    public static TheoryData<string> Paths => [.. CurvePath.Supported.Select(static path => path.GetType().Name)];

    [Fact]
    public void Products_of_loose_elements_are_right_and_tight() => Gen.Select(Loose, Loose).Sample((x, y) =>
    {
        FieldElement.Multiply(out var product, x, y);
        FieldElement.Square(out var square, x);
        Assert.Equal(Value(x) * Value(y) % P, Value(product) % P);
        Assert.Equal(Value(x) * Value(x) % P, Value(square) % P);
        Assert.True(IsTight(product) && IsTight(square));
    }, iter: 20_000);

    [Fact]
    public void Differences_are_right_and_tight() => Gen.Select(Loose, Loose).Where((_, y) => Limbs4p(y)).Sample((x, y) =>
    {
        FieldElement.Subtract(out var difference, x, y);
        Assert.Equal((Value(x) - Value(y) + 4 * P) % P, Value(difference) % P);
        Assert.True(IsTight(difference));
    }, iter: 5_000);

    [Fact]
    public void Loose_elements_are_written_reduced() => Loose.Sample(x =>
    {
        var bytes = new byte[32];
        FieldElement.Write(x, bytes);
        Assert.Equal(Value(x) % P, new BigInteger(bytes, isUnsigned: true));
        Assert.Equal((Value(x) % P).IsEven, !FieldElement.IsNegative(x));
        Assert.Equal((Value(x) % P).IsZero, FieldElement.IsZero(x));
    }, iter: 5_000);

    // Factors are at most sums or differences of two tight elements, and often as large as that.
    [Fact]
    public void Products_in_lanes_are_right_and_tight()
    {
        Assert.SkipUnless(VectorPath.IsSupported, "this processor has no AVX-512");
        const long Greatest = (1L << 51) + (1 << 13), Tight = (1L << 50) + (1 << 12);
        var edges = Gen.Int[0, 4].Select(static i => new[] { 0, Greatest, -Greatest, Tight, -Tight }[i]);
        var limbs = Gen.Frequency((1, edges), (1, Gen.Long[-Greatest, Greatest]));
        Gen.Select(limbs.Array[40], limbs.Array[40]).Sample((x, y) =>
        {
            FieldLanes.Multiply(out var product, Lanes(x), Lanes(y));
            FieldLanes.Square(out var square, Lanes(x));
            var carried = Lanes(x);
            FieldLanes.Carry(ref carried);
            for (var lane = 0; lane < FieldLanes.Count; lane++)
            {
                Assert.Equal(Mod(Value(x, lane) * Value(y, lane)), Mod(Value(LimbsOf(product), lane)));
                Assert.Equal(Mod(Value(x, lane) * Value(x, lane)), Mod(Value(LimbsOf(square), lane)));
                Assert.Equal(Mod(Value(x, lane)), Mod(Value(LimbsOf(carried), lane)));
                Assert.Equal(Mod(Value(x, lane)), Value(Lanes(x).Get(lane)) % P);
                Assert.True(IsTight(Lanes(x).Get(lane)));
            }
            Assert.All([.. LimbsOf(product), .. LimbsOf(square), .. LimbsOf(carried)], static limb => Assert.InRange(limb, -Tight, Tight));
        }, iter: 2_000);
    }

    [Fact]
    public void All_multiples_of_p_are_zero() => Assert.All([0, 1, 2, 3, 4], k =>
    {
        var (low, high) = ((ulong)k * ((1UL << 51) - 19), (ulong)k * ((1UL << 51) - 1));
        Assert.True(FieldElement.IsZero(new FieldElement { L0 = low, L1 = high, L2 = high, L3 = high, L4 = high }));
    });

    /// <remarks>Cases are encodings judged, multiples, and terms of sums; the seed is printed.</remarks>
    [Theory]
    [MemberData(nameof(Paths))]
    public void Own_arithmetic_agrees_with_libsodium(string pathName)
    {
        var path = PathOf(pathName);
        var cases = int.TryParse(Environment.GetEnvironmentVariable(CasesVariable), out var asked) ? asked : CasesByDefault;
        var seed = (ulong)Random.Shared.NextInt64();
        TestContext.Current.SendDiagnosticMessage($"{pathName}: {cases} cases of seed {seed}");
        var random = new SeededRandom(seed);
        Scalar[] logarithms = [];
        Point[] points = [];
        for (var (done, run) = (0, 0); done < cases; done += EncodingsJudged + TermsAdded + Multiplied, run++)
        {
            if (run % RunsOfPoints == 0) logarithms = [.. Enumerable.Range(0, TermsAdded).Select(_ => Scalar.Random(random))];
            if (run % RunsOfPoints == 0) points = [.. logarithms.Select(Point.MultiplyBase)];
            JudgeEncodings(path, random, seed);
            AddTerms(path, random, logarithms, points, $"run {run}, seed {seed}", run);
            Multiply(path, random, seed);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Edge_cases_add_up(string pathName)
    {
        var sums = new CurveSums(OneCore.Instance, PathOf(pathName));
        var p = HashToGroup.H2G("test", "p"u8);
        Point[] points = [Point.Identity, Point.Base, p, Point.Identity - p, Point.Base, p, Point.Base + p];
        Assert.True(sums.Sum().IsIdentity);
        Assert.True(sums.Sum([], []).IsIdentity);
        foreach (var scalar in EdgeScalars)
            foreach (var other in EdgeScalars)
            {
                Scalar[] scalars = [other, scalar, other, scalar, -scalar, -other, scalar];
                Assert.Equal(SodiumMultiScalar.Instance.Sum(scalars, points), sums.Sum(scalars, points));
            }
        Scalar[] many = [.. Enumerable.Repeat(EdgeScalars, 100).SelectMany(static some => some)];
        Point[] same = [.. Enumerable.Repeat(p, many.Length)];
        Assert.Equal(many.Aggregate(Scalar.Zero, static (sum, one) => sum + one) * p, sums.Sum(many, same));
    }

    [Fact]
    public void Polynomials_in_the_exponent_are_those_of_libsodium()
    {
        Scalar[] coefficients = [.. EdgeScalars, Scalar.Random(SystemRandom.Instance)];
        var commitments = new PointList([.. coefficients.Select(Point.MultiplyBase)]);
        foreach (var x in new ushort[] { 1, 2, 31, 0x8000, ushort.MaxValue })
            Assert.Equal(
                Point.MultiplyBase(coefficients.Reverse().Aggregate(Scalar.Zero, (sum, one) => sum * Scalar.FromInteger(x) + one)),
                commitments.Evaluate(x));
        Assert.Equal(commitments.Span.ToArray().Select(static one => one + one + one), PointList.Sum([commitments, commitments, commitments]));
    }

    // Bad encodings of RFC 9496 appendix A.2, among good ones at every place.
    [Theory]
    [MemberData(nameof(Paths))]
    public void One_bad_encoding_among_many_is_seen(string pathName)
    {
        Point[] good = [.. Enumerable.Range(1, 19).Select(static k => Point.MultiplyBase(Scalar.FromInteger((ulong)k)))];
        byte[] encoded = [.. good.SelectMany(static point => point.ToArray())];
        Assert.True(PointList.TryDecode(encoded, OneCore.Instance, PathOf(pathName), out var points));
        Assert.Equal(good, points.Span.ToArray());
        Assert.False(PointList.TryDecode(encoded.AsSpan(1), OneCore.Instance, PathOf(pathName), out _));
        for (var i = 0; i < good.Length; i++)
        {
            var bad = (byte[])encoded.Clone();
            Convert.FromHexString(GroupTests.BadEncodings[i % GroupTests.BadEncodings.Length]).CopyTo(bad, i * Point.Size);
            Assert.False(PointList.TryDecode(bad, OneCore.Instance, PathOf(pathName), out _));
        }
    }

    [Fact]
    public void A_sum_does_not_depend_on_how_it_is_cut_and_spread()
    {
        var random = new SeededRandom(7);
        Scalar[] scalars = [.. Enumerable.Range(0, 2_000).Select(_ => Scalar.Random(random))];
        Point[] points = [.. scalars.Select(Point.MultiplyBase)];
        var expected = Point.MultiplyBase(scalars.Aggregate(Scalar.Zero, static (sum, k) => sum + k * k));
        Assert.Equal(expected, CurveSums.OnOneCore.Sum(scalars, points));
        Assert.Equal(expected, new CurveSums(new ManyThreads()).Sum(
            new Terms(scalars.AsMemory(0, 1_001), new PointList(points[..1_001])), new Terms(scalars.AsMemory(1_001), new PointList(points[1_001..]))));
    }

    private const int EncodingsJudged = 1024, TermsAdded = 700, Multiplied = 20, RunsOfPoints = 10;

    private static void JudgeEncodings(CurvePath path, SeededRandom random, ulong seed)
    {
        Span<byte> bytes = stackalloc byte[EncodingsJudged * Point.Size];
        random.Fill(bytes);
        for (var at = 0; at < bytes.Length; at += Point.Size)
        {
            // Half of what is below p and even is an encoding.
            if (at % (4 * Point.Size) != 0) bytes[at] &= 0xfe;
            if (at % (8 * Point.Size) != 0) bytes[at + Point.Size - 1] &= 0x7f;
            var one = bytes.Slice(at, Point.Size);
            var isValid = PointList.TryDecode(one, OneCore.Instance, path, out _);
            Assert.True(Point.TryDecode(one, out _) == isValid, $"{Convert.ToHexString(one)}, seed {seed}");
        }
    }

    private static void AddTerms(CurvePath path, SeededRandom random, Scalar[] logarithms, Point[] points, string where, int run)
    {
        Scalar[] scalars =
            [.. Enumerable.Range(0, TermsAdded).Select(i => i % 9 == 0 ? EdgeScalars[i % 6] : i % 3 == 0 ? Short(random) : Scalar.Random(random))];
        // Sums of every way of adding: few terms, many, and all.
        var count = (run % 3) switch { 0 => TermsAdded, 1 => 150, _ => 5 };
        for (var from = 0; from + count <= TermsAdded; from += count)
        {
            var expected = Scalar.Zero;
            for (var i = from; i < from + count; i++) expected += scalars[i] * logarithms[i];
            var sum = new CurveSums(OneCore.Instance, path).Sum(scalars.AsSpan(from, count), points.AsSpan(from, count));
            Assert.True(Point.MultiplyBase(expected) == sum, $"terms {from} to {from + count} of {where}");
        }
    }

    private static void Multiply(CurvePath path, SeededRandom random, ulong seed)
    {
        var sums = new CurveSums(OneCore.Instance, path);
        var wide = new byte[64];
        for (var i = 0; i < Multiplied; i++)
        {
            random.Fill(wide);
            var (scalar, point) = (Scalar.Random(random), Point.FromUniform(wide));
            Assert.True(scalar * point == sums.Sum([scalar], [point]), $"{scalar} * {point}, seed {seed}");
        }
    }

    private static Scalar Short(SeededRandom random)
    {
        var wide = new byte[64];
        random.Fill(wide.AsSpan(0, 16));
        return Scalar.Reduce(wide);
    }

    private static CurvePath PathOf(string name) => CurvePath.Supported.Single(path => path.GetType().Name == name);

    private static bool IsTight(FieldElement x) => new[] { x.L0, x.L1, x.L2, x.L3, x.L4 }.All(static limb => limb <= TightLimb);

    private static bool Limbs4p(FieldElement x) =>
        new[] { x.L0, x.L1, x.L2, x.L3, x.L4 }.All(static limb => limb <= 4 * ((1UL << 51) - 19));

    private static FieldLanes Lanes(long[] limbs)
    {
        var doubles = limbs.Select(static limb => (double)limb).ToArray();
        return MemoryMarshal.Read<FieldLanes>(MemoryMarshal.AsBytes<double>(doubles));
    }

    private static long[] LimbsOf(FieldLanes x) =>
        [.. MemoryMarshal.Cast<FieldLanes, double>([x]).ToArray().Select(static limb => (long)limb)];

    private static BigInteger Value(long[] limbs, int lane) =>
        Enumerable.Range(0, 5).Aggregate(BigInteger.Zero, (sum, limb) => sum + ((BigInteger)limbs[limb * FieldLanes.Count + lane] << (51 * limb)));

    private static BigInteger Mod(BigInteger x) => (x % P + P) % P;

    private static BigInteger Value(FieldElement x) =>
        x.L0 + ((BigInteger)x.L1 << 51) + ((BigInteger)x.L2 << 102) + ((BigInteger)x.L3 << 153) + ((BigInteger)x.L4 << 204);
}
