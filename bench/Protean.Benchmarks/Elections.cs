using System.Diagnostics;
using System.Globalization;
using Protean.Cryptography;
using Protean.Node;

namespace Protean.Benchmarks;

/// <summary>Figures of shuffles, decryption and key generation, as ratios to one multiplication of a variable point by libsodium, so that they hold
/// on any machine. In processor time on one core, but for the growth with the number of ballots. Each run of the work stands between two runs of
/// multiplications, and the middle one of the ratios is told: what else the machine does slows both.</summary>
internal sealed class Elections(bool quick)
{
    private const int Rows = 1_000, Multiplications = 500;
    private const int Members = 16, Threshold = 9;

    private static readonly SystemRandom Random = SystemRandom.Instance;

    private readonly Scalar _scalar = Scalar.Random(Random);
    private readonly Point _point = Point.MultiplyBase(Scalar.Random(Random));

    public static void Print(bool quick)
    {
        var elections = new Elections(quick);
        Console.WriteLine($"sums by {CurvePath.Best.GetType().Name}; DOTNET_EnableAVX512=0 before the command measures the portable path");
        elections.Tell("libsodium multiplication", elections.Multiply, Multiplications);
        foreach (var count in new[] { 64, 1_000, 10_000 }) elections.Sums(count);
        foreach (var protocol in ShuffleProtocol.All) elections.Shuffle(protocol);
        elections.Decryption();
        elections.KeyGeneration();
        foreach (var protocol in ShuffleProtocol.All) elections.Growth(protocol);
    }

    private void Multiply()
    {
        for (var i = 0; i < Multiplications; i++) _ = _scalar * _point;
    }

    private void Sums(int count)
    {
        Scalar[] scalars = [.. Enumerable.Range(0, count).Select(static _ => Scalar.Random(Random))];
        var points = new PointList([.. scalars.Select(Point.MultiplyBase)]);
        var encoded = points.Span.ToArray().SelectMany(static point => point.ToArray()).ToArray();
        Tell($"decoding, {count} points", () => PointList.TryDecode(encoded, OneCore.Instance, out _), count);
        Tell($"sum of {count} multiples", () => CurveSums.OnOneCore.Sum(new Terms(scalars, points)), count);
    }

    private void Shuffle(ShuffleProtocol protocol)
    {
        var (key, inputs) = Ballots(Rows, 1);
        using var mix = Mix.Of(inputs, key, Random, OneCore.Instance);
        var statement = new ShuffleStatement(new byte[32], key, inputs, mix.Outputs);
        var proof = protocol.Prove(statement, mix, Random, OneCore.Instance);
        Tell($"{protocol.Name}: shuffle and proof", () =>
        {
            using var again = Mix.Of(inputs, key, Random, OneCore.Instance);
            protocol.Prove(new ShuffleStatement(new byte[32], key, inputs, again.Outputs), again, Random, OneCore.Instance);
        }, Rows);
        Tell($"{protocol.Name}: verification", () => Verify(protocol, key, inputs.Encode(), mix.Outputs.Encode(), proof, OneCore.Instance), Rows);
    }

    /// <summary>From bytes: all points are decoded.</summary>
    private static void Verify(ShuffleProtocol protocol, Point key, byte[] inputs, byte[] outputs, byte[] proof, ICores cores)
    {
        if (!Ciphertexts.TryDecode(inputs, cores, out var before) || !Ciphertexts.TryDecode(outputs, cores, out var after)
            || protocol.Refusal(new ShuffleStatement(new byte[32], key, before, after), proof, Random, cores) is not null)
            throw new InvalidOperationException("an honest proof was refused");
    }

    /// <summary>Shares of a member by another, decoded from bytes; the ciphertexts are decoded once for all members.</summary>
    private void Decryption()
    {
        using var polynomial = SecretPolynomial.Random(Threshold, Random);
        ThresholdPublicKey.TryCreate(polynomial.Commit(), Members, out var key);
        var (_, inputs) = Ballots(Rows, 1);
        var decryption = new BatchDecryption(Digest.Zero, 1, inputs, key!, OneCore.Instance);
        ProvenShares[] shares = [.. Enumerable.Range(1, Threshold).Select(i =>
        {
            using var secret = polynomial.Evaluate((ushort)i);
            return decryption.Prove((ushort)i, secret, Random);
        })];
        var encoded = shares[0].Encode();
        Tell("shares of one member checked", () =>
        {
            if (!ProvenShares.TryDecode(encoded, Rows, out var decoded) || decryption.Refusal(decoded) is not null)
                throw new InvalidOperationException("honest shares were refused");
        }, Rows);
        Tell($"shares of {Threshold} members combined", () => decryption.Combine(shares), Rows);
    }

    private void KeyGeneration()
    {
        SecretScalar[] secrets = [.. Enumerable.Range(0, Members).Select(static _ => SecretScalar.Random(Random))];
        var session = new DkgSession(Hash.H("protean/bench/v1", []), Threshold, [.. secrets.Select(static secret => secret.MultiplyBase())]);
        Tell($"key generation, n={Members} t={Threshold}, all members", () => Generate(session, secrets), 1);
        foreach (var secret in secrets) secret.Dispose();
    }

    /// <summary>Every member deals, checks every dealing, opens its share of each, and computes the key with all public shares.</summary>
    private static void Generate(DkgSession session, SecretScalar[] secrets)
    {
        Dealing[] dealings = [.. Enumerable.Range(1, Members).Select(dealer => Dealing.Deal(session, (ushort)dealer, Random))];
        for (ushort member = 1; member <= Members; member++)
        {
            var polynomials = new List<PublicPolynomial>();
            foreach (var dealing in dealings)
            {
                if (VerifiedDealing.TryVerify(session, dealing, out var verified) is not null
                    || !verified!.TryOpen(member, secrets[member - 1], Random, out var share, out _))
                    throw new InvalidOperationException("an honest dealing was refused");
                share.Dispose();
                polynomials.Add(verified.Polynomial);
            }
            ThresholdPublicKey.TryCreate(PublicPolynomial.Sum(polynomials), Members, out _);
        }
    }

    private void Growth(ShuffleProtocol protocol)
    {
        var cores = new AllCores();
        for (var rows = 100; rows <= (quick ? 1_000 : 100_000); rows *= 10)
        {
            var (key, inputs) = Ballots(rows, 1);
            var begun = Stopwatch.GetTimestamp();
            using var mix = Mix.Of(inputs, key, Random, cores);
            var proof = protocol.Prove(new ShuffleStatement(new byte[32], key, inputs, mix.Outputs), mix, Random, cores);
            var proving = Stopwatch.GetElapsedTime(begun);
            var (before, after) = (inputs.Encode(), mix.Outputs.Encode());
            begun = Stopwatch.GetTimestamp();
            Verify(protocol, key, before, after, proof, cores);
            var verifying = Stopwatch.GetElapsedTime(begun);
            using var process = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{protocol.Name,-8}{rows,8} ballots: shuffled and proven in ")
                + $"{Micro.Readable(proving)}, verified in {Micro.Readable(verifying)}, on {cores.Count} cores; "
                + $"proof of {proof.Length >> 10} KiB; {process.PeakWorkingSet64 >> 20} MiB at most so far");
        }
    }

    private static (Point Key, Ciphertexts Ballots) Ballots(int rows, int width)
    {
        PointList Points() => new([.. Enumerable.Range(0, rows * width).Select(static _ => Point.MultiplyBase(Scalar.Random(Random)))]);
        return (Point.MultiplyBase(Scalar.Random(Random)), new Ciphertexts(width, Points(), Points()));
    }

    private void Tell(string what, Action work, int of)
    {
        var (least, ratios) = (TimeSpan.MaxValue, new List<double>());
        work();
        for (var run = 0; run < (quick ? 3 : 9); run++)
        {
            var (before, time, after) = (Processor(Multiply), Processor(work), Processor(Multiply));
            ratios.Add(time / (before + after) * 2 * Multiplications / of);
            if (time < least) least = time;
        }
        ratios.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-42}{Micro.Readable(least / of),12}{ratios[ratios.Count / 2],12:0.00} multiplications"));
    }

    private static TimeSpan Processor(Action work)
    {
        var begun = Environment.CpuUsage.TotalTime;
        work();
        return Environment.CpuUsage.TotalTime - begun;
    }
}
