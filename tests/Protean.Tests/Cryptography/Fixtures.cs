using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using CsCheck;
using Protean.Cryptography;
using Xunit;

namespace Protean.Tests.Cryptography;

/// <summary>What the tests of this folder share.</summary>
internal static class Fixtures
{
    public static readonly Gen<Scalar> Scalars = Gen.ULong.Select(seed => Scalar.Random(new SeededRandom(seed)));
    public static readonly Gen<Point> Points = Scalars.Select(Point.MultiplyBase);

    public static IMultiScalar Sums => CurveSums.OnOneCore;

    public static Scalar Decode(string hex) =>
        Scalar.TryDecode(Convert.FromHexString(hex), out var scalar) ? scalar : throw new FormatException(hex);

    public static SecretScalar Secret(Scalar scalar) =>
        SecretScalar.TryDecode(scalar.Span, out var secret) ? secret : throw new FormatException();

    /// <summary>Shows that the verifier accepts the good subject, that each bad one is refused by the named check, and that it would pass
    /// (or fall over) without that check; and that no check was forgotten.</summary>
    public static void EachCheckIsNeeded<T>(Verifier<T> verifier, T good, params (string Code, T Subject)[] bad)
    {
        Assert.Null(verifier.Refusal(good));
        foreach (var (code, subject) in bad)
        {
            Assert.Equal(code, verifier.Refusal(subject));
            string? without = null;
            var fault = Record.Exception(() => without = verifier.Refusal(subject, except: code));
            var passes = fault is IndexOutOfRangeException or ArgumentException || without is null;
            Assert.True(passes, $"{code} left out, yet refused by {without}");
        }
        Assert.Equal(verifier.Checks.Select(check => check.Code), bad.Select(one => one.Code).Distinct());
    }

    /// <summary>Every copy of the bytes in which one bit differs, of the bits that the stride picks.</summary>
    public static IEnumerable<byte[]> BitFlips(byte[] bytes, int stride = 7)
    {
        for (var bit = 0; bit < 8 * bytes.Length; bit += stride)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return flipped;
        }
    }

    /// <summary>A file of the published vectors, or a skipped test when they are not at hand.</summary>
    public static JsonElement Published(string path)
    {
        var folder = Environment.GetEnvironmentVariable("PROTEAN_VECTORS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "PROTEAN_VECTORS does not name the folder of the published vectors");
        using var file = File.OpenRead(Path.Combine(folder!, path));
        using var content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        return JsonDocument.Parse(content).RootElement;
    }

    /// <summary>Hands out given scalars, one per draw of 64 bytes, so that a dealer can be made to choose badly.</summary>
    public sealed class ScriptedRandom(params IEnumerable<Scalar> scalars) : IRandom
    {
        private readonly Queue<Scalar> _scripted = new(scalars);

        public void Fill(Span<byte> destination)
        {
            if (destination.Length == 64 && _scripted.TryDequeue(out var scalar))
            {
                destination.Clear();
                scalar.Span.CopyTo(destination);
            }
            else SystemRandom.Instance.Fill(destination);
        }
    }

    public static byte[] LittleEndian(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}

/// <summary>A key shared among members 1..n, dealt by one who knows it.</summary>
internal sealed class SharingFixture : IDisposable
{
    public SharingFixture(int members, int threshold)
    {
        using var polynomial = SecretPolynomial.Random(threshold, SystemRandom.Instance);
        Whole = polynomial.Constant();
        Secrets = [.. Enumerable.Range(1, members).Select(i => polynomial.Evaluate((ushort)i))];
        Assert.Null(ThresholdPublicKey.TryCreate(polynomial.Commit(), members, out var key));
        Key = key!;
    }

    public SecretScalar Whole { get; }
    public IReadOnlyList<SecretScalar> Secrets { get; }
    public ThresholdPublicKey Key { get; }

    public void Dispose()
    {
        Whole.Dispose();
        foreach (var secret in Secrets) secret.Dispose();
    }
}

/// <summary>Every piece on whichever thread comes.</summary>
internal sealed class ManyThreads : ICores
{
    public int Count => 3;

    public void Each(int pieces, Action<int> piece) => Parallel.For(0, pieces, piece);
}
