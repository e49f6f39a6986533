using System.CommandLine;
using System.Text.Json.Nodes;
using Protean.Cli.Lottery;
using Protean.Client;
using Protean.Cryptography;
using Protean.Node;
using Protean.Node.LocalNetwork;

namespace Protean.Cli.Commands;

/// <summary>`protean dev`: a network on one's own machine, with users who have coins.</summary>
internal static class DevCommand
{
    public static Command Create()
    {
        var (nodes, members, processes) = (Options.Nodes(), Options.Members(), Options.Processes());
        var data = new Option<DirectoryInfo?>("--data") { Description = "Keep the network here, and go on with it next time. Otherwise it lives until Ctrl-C." };
        var epochs = new Option<int?>("--epoch-seconds") { Description = "Length of an epoch: then keys are renewed, plans expire, caches are pruned. 0: one epoch for good." };
        var beacon = new Option<int?>("--beacon-seconds") { Description = "Period of the randomness beacon. 0: none." };
        return new Command("dev", "Run a development network until Ctrl-C.") { nodes, members, processes, data, epochs, beacon }.Does(async (parsed, terminal, cancel) =>
        {
            var kept = parsed.GetValue(data)?.FullName;
            var folder = kept ?? Path.Combine(Path.GetTempPath(), $"protean-{Guid.NewGuid():N}");
            try
            {
                var network = OpenOrCreate(
                    folder, parsed.GetValue(nodes), parsed.GetValue(members), parsed.GetValue(epochs), parsed.GetValue(beacon));
                await Run(network, parsed.GetValue(processes), terminal, cancel);
                return Guarded.Done;
            }
            finally
            {
                if (kept is null && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
        });
    }

    private static NetworkFolder OpenOrCreate(string folder, int? nodes, int? members, int? epochSeconds, int? beaconSeconds)
    {
        if (!NetworkFolder.IsThere(folder))
            return NetworkFolder.Create(folder, NetworkShape.Of(nodes, members) with { EpochSeconds = epochSeconds ?? 0, BeaconSeconds = beaconSeconds ?? 0 });
        var found = NetworkFolder.Open(folder);
        var shape = found.Shape;
        var asked = new NetworkShape(nodes ?? shape.Nodes, members ?? shape.Members, epochSeconds ?? shape.EpochSeconds, beaconSeconds ?? shape.BeaconSeconds, shape.StateUnits);
        return asked == found.Shape ? found : throw new Node.RefusedException(LocalRefusals.OtherShape(found.Root, $"{asked}", $"{found.Shape}"));
    }

    private static async Task Run(NetworkFolder folder, bool processes, Terminal terminal, CancellationToken cancel)
    {
        await using var running = await LocalNetworks.Start(folder, processes, terminal, cancel);
        using var network = await LocalNetworks.Connect(running, cancel);
        var users = await DevelopmentUsers.Open(folder, network, cancel);
        var balances = await users.Balances(network, cancel);
        foreach (var api in running.Apis) terminal.Step("api", $"{api}");
        foreach (var (user, balance) in users.All.Zip(balances))
            terminal.Step("identity", $"{user.Key}  {balance:N0} coins  {user.KeyFile}");
        terminal.Step("passphrase", $"of the key files: {folder.PassphraseFile}");
        terminal.Step("contracts", $"token {users.Application.Token}, lottery {users.Application.Lottery}");
        terminal.Answer(new JsonObject
        {
            ["network"] = network.ChainId.ToString(),
            ["apis"] = new JsonArray([.. running.Apis.Select(static api => JsonValue.Create(api.ToString()))]),
            ["token"] = users.Application.Token.ToString(),
            ["lottery"] = users.Application.Lottery.ToString(),
            ["passphraseFile"] = folder.PassphraseFile,
            ["identities"] = new JsonArray([.. users.All.Zip(balances, static (user, balance) =>
                new JsonObject { ["key"] = user.Key.ToString(), ["file"] = user.KeyFile, ["balance"] = balance })]),
        });
        terminal.Step("ready", $"Ctrl-C stops");
        var stopped = Task.Delay(Timeout.Infinite, cancel);
        if (await Task.WhenAny(stopped, running.Ended) != stopped && !cancel.IsCancellationRequested) await running.Ended;
        terminal.Step("stopping", $"");
    }
}
