using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Protean.Cli.Chaos;
using Protean.Node.LocalNetwork;
using Protean.Sealing;

namespace Protean.Cli.Commands;

/// <summary>`protean chaos`: real processes under faults and load, and whether everything held (docs/chaos.md).</summary>
internal static class ChaosCommand
{
    private const int DefaultSeconds = 60, DefaultClients = 6, MostClients = 256;

    public static Command Create()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long faults go on.", DefaultValueFactory = static _ => DefaultSeconds };
        var seed = new Option<uint?>("--seed") { Description = "Of the faults and of what clients do. Default: a new one, which is printed." };
        var clients = new Option<int>("--clients") { Description = $"Clients at once, at most {MostClients}.", DefaultValueFactory = static _ => DefaultClients };
        clients.Validators.Add(result =>
        {
            if (result.GetValue(clients) is < 1 or > MostClients) result.AddError($"--clients: 1 to {MostClients} expected");
        });
        var faults = new Option<string>("--faults")
        {
            Description = "Which: kill (SIGKILL, then a restart), pause (SIGSTOP), partition (links cut), slow (links delayed).",
            DefaultValueFactory = static _ => string.Join(',', Enum.GetNames<FaultKind>()).ToLowerInvariant(),
        };
        var (nodes, members) = (Options.Nodes(), Options.Members());
        var command = new Command("chaos", "Faults, load, and whether everything held.") { seconds, seed, nodes, members, clients, faults };
        command.Add(CreateLottery());
        return command.Does(async (parsed, terminal, cancel) =>
        {
            var shape = NetworkShape.Of(parsed.GetValue(nodes), parsed.GetValue(members));
            var options = new ChaosOptions(
                TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(seed) ?? (uint)RandomNumberGenerator.GetInt32(int.MaxValue), parsed.GetValue(clients),
                ParseFaults(parsed.GetRequiredValue(faults)));
            var folder = Path.Combine(Path.GetTempPath(), $"protean-chaos-{Guid.NewGuid():N}");
            terminal.Step("seed", $"{options.Seed}");
            var run = new ChaosRun(NetworkFolder.Create(folder, shape), options, terminal);
            await run.Go(cancel);
            Tell(terminal, run, options, folder);
            if (run.Violations.Count > 0) return Guarded.Refused;
            Directory.Delete(folder, recursive: true);
            return Guarded.Done;
        });
    }

    private static Command CreateLottery()
    {
        var share = new Option<string>("--share") { Description = "Of all boundaries: 2/8 is every eighth, beginning with the second.", DefaultValueFactory = static _ => "1/1" };
        var (nodes, members) = (Options.Nodes(), Options.Members());
        return new Command("lottery", "Lotteries whose client and nodes are killed at every step.") { share, nodes, members }.Does(async (parsed, terminal, cancel) =>
        {
            var (first, of) = ParseShare(parsed.GetRequiredValue(share));
            var folder = NetworkFolder.Create(Path.Combine(Path.GetTempPath(), $"protean-chaos-{Guid.NewGuid():N}"), NetworkShape.Of(parsed.GetValue(nodes), parsed.GetValue(members)));
            var violations = new Violations(terminal);
            var played = await PlayLotteries(folder, first, of, violations, terminal, cancel);
            var held = violations.All.Count == 0;
            if (held) terminal.Step("verdict", $"{played} lotteries were cut, and all ended as the undisturbed one");
            else terminal.Step("verdict", $"{violations.All.Count} violations; logs and data are kept in {folder.Root}");
            terminal.Answer(new JsonObject
            {
                ["held"] = held,
                ["lotteries"] = played,
                ["violations"] = new JsonArray([.. violations.All.Select(static violation => JsonValue.Create(violation))]),
                ["folder"] = held ? null : folder.Root,
            });
            if (!held) return Guarded.Refused;
            Directory.Delete(folder.Root, recursive: true);
            return Guarded.Done;
        });
    }

    private static async Task<int> PlayLotteries(NetworkFolder folder, int first, int of, Violations violations, Terminal terminal, CancellationToken cancel)
    {
        ChaosNode[] nodes = [.. folder.Nodes.Select(node => new ChaosNode(folder, node))];
        await using var running = await ChaosNode.StartAll(folder, nodes, terminal, cancel);
        using var network = await LocalNetworks.Connect(running, cancel);
        using var lottery = new CutLottery(folder, nodes, network, violations, terminal);
        var played = await lottery.Play([.. lottery.Boundaries.Where((_, i) => i % of == first - 1)], cancel);
        foreach (var death in nodes.SelectMany(static node => node.Deaths)) violations.Add(death);
        return played;
    }

    private static (int First, int Of) ParseShare(string text) =>
        text.Split('/') is [var first, var of] && int.TryParse(first, out var i) && int.TryParse(of, out var n) && i >= 1 && i <= n
            ? (i, n)
            : throw new Client.RefusedException(CommandRefusals.NoSuchShare(text));

    private static FaultKind[] ParseFaults(string text) =>
    [
        .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Select(static name =>
            !char.IsAsciiDigit(name[0]) && Enum.TryParse<FaultKind>(name, ignoreCase: true, out var kind) ? kind : throw new Client.RefusedException(CommandRefusals.NoSuchFault(name))),
    ];

    private static void Tell(Terminal terminal, ChaosRun run, ChaosOptions options, string folder)
    {
        var kinds = run.Operations.GroupBy(static one => one.Kind).OrderBy(static kind => kind.Key, StringComparer.Ordinal)
            .Select(static kind => (Kind: kind.Key, Ok: kind.Count(static one => one.IsAcknowledged || (one.Kind == "read" && one.Returned is not null)),
                Stale: kind.Count(static one => one.Result is { Status: ResultStatus.Stale }), Unknown: kind.Count(static one => one.Returned is null))).ToArray();
        foreach (var (kind, ok, stale, unknown) in kinds) terminal.Step("operations", $"{kind,-6}{ok,8} done {stale,8} stale {unknown,8} unknown");
        terminal.Step("faults", $"{string.Join(", ", run.Fired.Select(static fired => $"{fired.Key.ToString().ToLowerInvariant()} {fired.Value}"))}");
        terminal.Step("recovery", $"at most {run.SlowestRecovery.TotalSeconds:0.00} s");
        var held = run.Violations.Count == 0;
        if (held) terminal.Step("verdict", $"everything held");
        else terminal.Step("verdict", $"{run.Violations.Count} violations, seed {options.Seed}; logs, data and history.jsonl are kept in {folder}");
        terminal.Answer(new JsonObject
        {
            ["seed"] = options.Seed,
            ["held"] = held,
            ["faults"] = new JsonObject(run.Fired.Select(static fired => KeyValuePair.Create<string, JsonNode?>(fired.Key.ToString().ToLowerInvariant(), fired.Value))),
            ["operations"] = new JsonObject(kinds.Select(static kind => KeyValuePair.Create<string, JsonNode?>(
                kind.Kind, new JsonObject { ["done"] = kind.Ok, ["stale"] = kind.Stale, ["unknown"] = kind.Unknown }))),
            ["slowestRecoverySeconds"] = Math.Round(run.SlowestRecovery.TotalSeconds, 2),
            ["violations"] = new JsonArray([.. run.Violations.Select(static violation => JsonValue.Create(violation))]),
            ["folder"] = held ? null : folder,
        });
    }
}
