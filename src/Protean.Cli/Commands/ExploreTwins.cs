using System.Globalization;
using System.Text.Json.Nodes;
using Protean.Cryptography;
using Protean.Simulator.Exploration;

namespace Protean.Cli.Commands;

/// <summary>`protean explore --twins`: one member runs twice with one key, under every sequence of partitions or a sample of them.</summary>
internal static class ExploreTwins
{
    /// <summary>Each member twinned in turn, its copies' clocks equal and apart.</summary>
    private static IEnumerable<TwinsSettings> Cases(ulong rounds) =>
        from lead in (ulong[])[1, 2, 3, 4] from apart in (bool[])[true, false] select new TwinsSettings(rounds, [lead], apart);

    private static string Name(TwinsSettings settings) => $"the member that leads view {settings.Twinned[0]} twinned, clocks {(settings.Apart ? "apart" : "equal")}";

    /// <returns>Whether safety held in all scenarios.</returns>
    public static bool All(Terminal terminal, ulong rounds, CancellationToken cancel)
    {
        var ends = new List<TwinsReport>();
        foreach (var settings in Cases(rounds))
        {
            terminal.Step(Name(settings));
            foreach (var report in new Twins(settings).RunAll(Progress))
            {
                cancel.ThrowIfCancellationRequested();
                terminal.Step($"  round {report.Round}: {Counts(report)}");
                if (report.Violation is { } violation) Tell(terminal, $"{violation}; partitions {string.Join(", ", report.Partitions)}");
                if (report.Round == rounds || report.Violation is not null) ends.Add(report);
            }
        }
        void Progress(ulong round, int done, int of)
        {
            cancel.ThrowIfCancellationRequested();
            terminal.Step(string.Create(CultureInfo.InvariantCulture, $"  round {round}: {done:N0} of {of:N0} states gone on from"));
        }
        var sum = new TwinsReport(
            rounds, ends.Sum(static one => one.Scenarios), ends.Sum(static one => one.UpToSymmetry), ends.Sum(static one => one.States),
            ends.Sum(static one => one.GroupRounds), ends.Sum(static one => one.Safe), ends.Select(static one => one.Violation).FirstOrDefault(static one => one is not null), []);
        terminal.Step($"all: {Counts(sum)}");
        terminal.Answer(new JsonObject
        {
            ["rounds"] = rounds,
            ["scenarios"] = sum.Scenarios,
            ["upToSymmetry"] = sum.UpToSymmetry,
            ["states"] = sum.States,
            ["groupRounds"] = sum.GroupRounds,
            ["safe"] = sum.Safe,
            ["violation"] = sum.Violation,
        });
        return sum.Violation is null;
    }

    /// <returns>Whether safety held in every scenario drawn.</returns>
    public static bool Sample(Terminal terminal, ulong rounds, long count, ulong seed, CancellationToken cancel)
    {
        var random = new SeededRandom(seed);
        Twins[] cases = [.. Cases(rounds).Select(static settings => new Twins(settings))];
        var safe = 0L;
        for (var i = 0L; i < count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            if (cases[i % cases.Length].RunOne(random) is { } violation) Tell(terminal, violation);
            else safe++;
        }
        terminal.Step(string.Create(CultureInfo.InvariantCulture, $"{rounds} rounds, seed {seed}: {count:N0} scenarios drawn, {safe:N0} safe"));
        terminal.Answer(new JsonObject { ["rounds"] = rounds, ["seed"] = seed, ["scenarios"] = count, ["safe"] = safe });
        return safe == count;
    }

    private static void Tell(Terminal terminal, string violation) => terminal.Step($"  VIOLATION: {violation}");

    private static string Counts(TwinsReport report) => string.Create(CultureInfo.InvariantCulture,
        $"{report.Scenarios:N0} scenarios, {report.UpToSymmetry:N0} up to symmetry, {report.States:N0} states, {report.GroupRounds:N0} rounds of groups run, {report.Safe:N0} safe");
}
