using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Protean.Cryptography;

namespace Protean.Benchmarks;

/// <summary>What figures were measured on. Times are also given as multiples of one signature verification, so that machines compare.</summary>
/// <param name="Verification">Of one Ed25519 signature over 200 bytes, on one core.</param>
internal sealed record Machine(string Processor, int Cores, string Runtime, TimeSpan Verification)
{
    private const int MessageBytes = 200, Rounds = 2_000;

    public static Machine Measure() => new(ProcessorName(), Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, Verify());

    /// <summary>How many verifications this machine does in the time.</summary>
    public double InVerifications(TimeSpan time) => time / Verification;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores, {RuntimeInformation.OSArchitecture}, {Runtime}; Ed25519 verification {Verification.TotalMicroseconds:0.0} us");

    private static TimeSpan Verify()
    {
        using var key = SigningKey.Generate(SystemRandom.Instance);
        var message = new byte[MessageBytes];
        var signature = key.Sign(message);
        return Micro.Time(Rounds, () => Ed25519.Verify(key.PublicKey, message, signature));
    }

    private static string ProcessorName()
    {
        const string Known = "/proc/cpuinfo";
        var line = File.Exists(Known) ? File.ReadLines(Known).FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? "unknown processor";
    }
}
