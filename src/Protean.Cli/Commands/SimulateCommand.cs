using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Protean.Cli.Simulation;
using Protean.Client;
using Protean.Node.LocalNetwork;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;

namespace Protean.Cli.Commands;

/// <summary>`protean simulate`: campaigns of seeded runs, and the replay of one.</summary>
internal static class SimulateCommand
{
    private const int LinesShown = 60, MostMembers = 19;

    public static Command Create()
    {
        var seeds = new Option<string>("--seeds") { Description = "One seed, or a range such as 1..1000.", DefaultValueFactory = static _ => "1..1000" };
        var members = new Option<int?>("--members") { Description = $"Members of the unit, 4 to {MostMembers}. Default: 4, 7 or 10, as the seed says." };
        var faults = new Option<string?>("--faults") { Description = $"Which faults may be drawn: {string.Join(',', Faults.All)}. Default: all." };
        var twins = new Option<bool>("--twins") { Description = "Whoever is faulty is two honest copies with one key." };
        var units = new Option<string>("--units") { Description = "consensus: order, execute and seal with mock signatures. all: every unit with real cryptography.", DefaultValueFactory = static _ => Workloads.Consensus };
        var trace = new Option<bool>("--trace") { Description = "Show the end of the event trace of every run." };
        members.Validators.Add(result =>
        {
            if (result.GetValue(members) is < 4 or > MostMembers) result.AddError($"--members: 4 to {MostMembers} expected");
        });
        units.AcceptOnlyFromAmong(Workloads.Consensus, Workloads.All);
        return new Command("simulate", "Run the production state machines in virtual time under faults drawn from seeds.") { seeds, members, faults, twins, units, trace }
            .Does((parsed, terminal, cancel) =>
            {
                var settings = new RunSettings(parsed.GetValue(members), FaultsOf(parsed.GetValue(faults), parsed.GetValue(twins)));
                var of = parsed.GetRequiredValue(units);
                var (first, last) = RangeOf(parsed.GetRequiredValue(seeds));
                var runner = new CampaignRunner(settings, of, cancel);
                var lines = parsed.GetValue(trace);
                var campaign = runner.Run(first, last, report => Show(terminal, report, lines), lines);
                return Task.FromResult(Tell(terminal, campaign, of, CommandFor(parsed.GetValue(members), parsed.GetValue(faults), parsed.GetValue(twins), of)));
            });
    }

    private static string[] FaultsOf(string? names, bool twins)
    {
        string[] chosen = names is null ? [.. Faults.All] : names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (chosen.FirstOrDefault(name => !Faults.All.Contains(name)) is { } unknown) throw new RefusedException(CommandRefusals.NoFault(unknown));
        string[] others = [.. chosen.Except([.. Faults.Deeds, .. Faults.KeyDeeds, .. Faults.DiskFaults, .. Faults.Afflictions])];
        return twins ? [.. others, Faults.Twins] : chosen;
    }

    /// <exception cref="RefusedException">PRT-CMD-0010.</exception>
    private static (ulong First, ulong Last) RangeOf(string text)
    {
        var ends = text.Split("..");
        return ends.Length <= 2 && TryParse(ends[0], out var first) && TryParse(ends[^1], out var last) && first <= last
            ? (first, last)
            : throw new RefusedException(CommandRefusals.NotASeedRange(text));
    }

    private static bool TryParse(string text, out ulong seed) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed);

    private static string CommandFor(int? members, string? faults, bool twins, string units) =>
        $"protean simulate --units {units}{(members is { } count ? $" --members {count}" : "")}{(faults is null ? "" : $" --faults {faults}")}{(twins ? " --twins" : "")}";

    private static void Show(Terminal terminal, RunReport report, bool lines)
    {
        if (lines)
            foreach (var line in report.Lines.TakeLast(LinesShown)) terminal.Say(line);
        if (lines) terminal.Say($"seed {report.Seed}: {report.Members} members, {report.Events} events, trace {report.Trace}");
    }

    private static int Tell(Terminal terminal, Campaign campaign, string units, string command)
    {
        var blind = campaign.Violation is null ? campaign.Blind(Workloads.HasKeys(units)) : [];
        foreach (var (name, count) in campaign.Counts) terminal.Say($"{count,12:N0}  {name}");
        terminal.Say($"{campaign.Runs:N0} runs, {campaign.Events:N0} events");
        foreach (var name in blind) terminal.Say($"never happened: {name}");
        if (campaign.Violation is { Violation: var (invariant, what) } violated)
        {
            foreach (var line in violated.Lines.TakeLast(LinesShown)) terminal.Say(line);
            terminal.Say($"violated: {invariant.Name} ({invariant.Meaning})");
            terminal.Say($"seed {violated.Seed}, {violated.Members} members: {what}");
            terminal.Say($"replay: {command} --seeds {violated.Seed} --trace");
        }
        terminal.Answer(new JsonObject
        {
            ["runs"] = campaign.Runs,
            ["events"] = campaign.Events,
            ["counts"] = new JsonObject(campaign.Counts.Select(static pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
            ["blind"] = new JsonArray([.. blind.Select(static name => JsonValue.Create(name))]),
            ["violation"] = campaign.Violation is { Violation: var (broken, how) } run
                ? new JsonObject { ["invariant"] = broken.Name, ["seed"] = run.Seed, ["members"] = run.Members, ["what"] = how, ["trace"] = run.Trace.ToString() }
                : null,
        });
        return campaign.Violation is null && blind.Count == 0 ? Guarded.Done : Guarded.Refused;
    }
}
