using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Protean.Simulator.Exploration;

namespace Protean.Cli.Commands;

/// <summary>`protean explore`: every state that a small committee can come to, by the production rules.</summary>
internal static class ExploreCommand
{
    private const int CommitteeSize = 4;

    public static Command Create()
    {
        var views = new Option<ulong>("--views") { Description = "Views explored to their end, 1 to 4.", DefaultValueFactory = static _ => 2 };
        var byzantine = new Option<ulong?>("--byzantine-leads") { Description = "The view that the Byzantine member leads, 1 to 4. Default: each in turn." };
        var lasting = new Option<bool>("--no-restarts") { Description = "Honest members do not crash." };
        var tail = new Option<bool>("--tail") { Description = "The entry that ends the epoch waits from the start." };
        var most = new Option<long>("--states") { Description = "Stop, incomplete, at so many states of one search.", DefaultValueFactory = static _ => long.MaxValue };
        var twins = new Option<bool>("--twins") { Description = "Instead: one member runs twice with one key, through every sequence of partitions." };
        var rounds = new Option<ulong>("--rounds") { Description = "With --twins: views with a partition each, 1 to 4.", DefaultValueFactory = static _ => 2 };
        var sample = new Option<long?>("--sample") { Description = "With --twins: so many sequences drawn by chance, not all." };
        var seed = new Option<ulong>("--seed") { Description = "Of the sample.", DefaultValueFactory = static _ => 1 };
        return new Command("explore", "Search every state of four members, one of them Byzantine, for a broken promise.")
        {
            views, byzantine, lasting, tail, most, twins, rounds, sample, seed,
        }
            .Does((parsed, terminal, cancel) =>
            {
                if (parsed.GetValue(twins)) return Task.FromResult(Twins(parsed.GetValue(rounds)) ? Guarded.Done : Guarded.Refused);
                var holds = true;
                ulong[] leads = parsed.GetValue(byzantine) is { } one ? [one] : [1, 2, 3, 4];
                foreach (var view in leads)
                {
                    if (view is < 1 or > CommitteeSize) throw new Client.RefusedException(CommandRefusals.NotInRange("--byzantine-leads", view, 1, CommitteeSize));
                    cancel.ThrowIfCancellationRequested();
                    holds &= Explore(terminal, new(parsed.GetValue(views), view, !parsed.GetValue(lasting), parsed.GetValue(tail), parsed.GetValue(most)));
                }
                return Task.FromResult(holds ? Guarded.Done : Guarded.Refused);

                bool Twins(ulong rounds)
                {
                    if (rounds is < 1 or > CommitteeSize) throw new Client.RefusedException(CommandRefusals.NotInRange("--rounds", rounds, 1, CommitteeSize));
                    return parsed.GetValue(sample) is { } count
                        ? ExploreTwins.Sample(terminal, rounds, count, parsed.GetValue(seed), cancel)
                        : ExploreTwins.All(terminal, rounds, cancel);
                }
            });
    }

    private static bool Explore(Terminal terminal, ExplorationSettings settings)
    {
        var clock = Stopwatch.StartNew();
        var report = new Explorer(settings).Run();
        var bound = report.IsComplete ? "complete" : report.Violation is null ? "stopped at the bound" : "stopped at a violation";
        terminal.Step($"views {settings.Views}, Byzantine leads {settings.ByzantineLeads}{(settings.Restarts ? ", restarts" : "")}{(settings.EndsEpoch ? ", epoch tail" : "")}: "
            + string.Create(CultureInfo.InvariantCulture, $"{report.States:N0} states, {report.Transitions:N0} transitions, depth {report.Depth}, {bound} in {clock.Elapsed.TotalSeconds:0.0} s"));
        terminal.Step($"  states of each honest member {string.Join(", ", report.MemberStates)}; inputs that changed one: {string.Join(", ", report.Effective.Select(static pair => $"{pair.Key} {pair.Value}"))}");
        if (report.Violation is { } violation)
        {
            terminal.Step($"  VIOLATION: {violation}");
            foreach (var step in report.Steps) terminal.Step($"    {step}");
        }
        terminal.Answer(new JsonObject
        {
            ["views"] = settings.Views,
            ["byzantineLeads"] = settings.ByzantineLeads,
            ["restarts"] = settings.Restarts,
            ["tail"] = settings.EndsEpoch,
            ["states"] = report.States,
            ["transitions"] = report.Transitions,
            ["depth"] = report.Depth,
            ["complete"] = report.IsComplete,
            ["violation"] = report.Violation,
        });
        return report.Violation is null;
    }
}
