using System.Diagnostics;
using System.Globalization;
using Protean.Cryptography;

namespace Protean.Benchmarks;

/// <summary>Figures of parts, on one core.</summary>
internal static class Micro
{
    public static void Print(Machine machine, bool quick) { _ = (machine, quick); }

    /// <summary>The best of five runs: what disturbs a run only ever makes it longer.</summary>
    public static TimeSpan Time(int rounds, Action work)
    {
        for (var i = 0; i < rounds / 10; i++) work();
        var best = TimeSpan.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            for (var i = 0; i < rounds; i++) work();
            var took = Stopwatch.GetElapsedTime(begun) / rounds;
            if (took < best) best = took;
        }
        return best;
    }

    public static string Readable(TimeSpan time) => time.TotalSeconds switch
    {
        >= 1 => time.TotalSeconds.ToString(@"0.00\ \s", CultureInfo.InvariantCulture),
        >= 0.001 => time.TotalMilliseconds.ToString(@"0.00\ \m\s", CultureInfo.InvariantCulture),
        _ => time.TotalMicroseconds.ToString(@"0.0\ \u\s", CultureInfo.InvariantCulture),
    };
}
