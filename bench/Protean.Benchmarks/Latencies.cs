using System.Globalization;

namespace Protean.Benchmarks;

/// <summary>Times of many equal operations.</summary>
internal sealed class Latencies(IEnumerable<TimeSpan> times)
{
    private readonly TimeSpan[] _sorted = [.. times.Order()];

    public int Count => _sorted.Length;

    /// <param name="share">0.99 for the time that 99 of 100 do not exceed.</param>
    public TimeSpan At(double share) => _sorted[Math.Clamp((int)Math.Ceiling(share * _sorted.Length) - 1, 0, _sorted.Length - 1)];

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"p50 {At(0.5).TotalMilliseconds:0.0} ms, p99 {At(0.99).TotalMilliseconds:0.0} ms");
}
