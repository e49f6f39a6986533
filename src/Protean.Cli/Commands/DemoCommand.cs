using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Protean.Cli.Lottery;
using Protean.Cryptography;
using Protean.Node.LocalNetwork;
using Spectre.Console;

namespace Protean.Cli.Commands;

/// <summary>`protean demo lottery`: the whole system in one command.</summary>
internal static class DemoCommand
{
    private const int DefaultParticipants = 10, MostParticipants = 10_000, RowsShown = 20;

    public static Command Create() => new("demo", "See the platform work.") { CreateLottery() };

    private static Command CreateLottery()
    {
        var participants = new Option<int>("--participants") { Description = "Who buys a ticket each.", DefaultValueFactory = static _ => DefaultParticipants };
        participants.Validators.Add(result =>
        {
            if (result.GetValue(participants) is < 1 or > MostParticipants) result.AddError($"--participants: 1 to {MostParticipants} expected");
        });
        var variant = new Option<LotteryVariant>("--variant")
        {
            Description = "randomness: the randomness unit draws. commitments: participants commit to random values that are opened together.",
        };
        var (nodes, members, processes) = (Options.Nodes(), Options.Members(), Options.Processes());
        var proof = new Option<FileInfo>("--proof") { Description = "Where the proof is written.", DefaultValueFactory = static _ => new FileInfo("lottery.proof") };
        var keep = new Option<DirectoryInfo?>("--keep") { Description = "Keep the network's folder here; `protean dev --data` goes on with it." };
        var command = new Command("lottery", "A lottery nobody can rig, on a network of its own.") { variant, participants, nodes, members, processes, proof, keep };
        return command.Does(async (parsed, terminal, cancel) =>
        {
            var shape = NetworkShape.Of(parsed.GetValue(nodes), parsed.GetValue(members));
            var kept = parsed.GetValue(keep)?.FullName;
            var folder = kept ?? Path.Combine(Path.GetTempPath(), $"protean-{Guid.NewGuid():N}");
            try
            {
                var network = NetworkFolder.Create(folder, shape);
                var result = await Play(network, parsed.GetValue(variant), parsed.GetValue(participants), parsed.GetValue(processes), terminal, cancel);
                var path = parsed.GetRequiredValue(proof).FullName;
                await File.WriteAllBytesAsync(path, result.Proof, cancel);
                Tell(terminal, result, path);
                return Guarded.Done;
            }
            finally
            {
                if (kept is null && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
        });
    }

    private static async Task<LotteryResult> Play(
        NetworkFolder folder, LotteryVariant variant, int participants, bool processes, Terminal terminal, CancellationToken cancel)
    {
        await using var running = await LocalNetworks.Start(folder, processes, terminal, cancel);
        using var network = await LocalNetworks.Connect(running, cancel);
        using var organizer = DevelopmentUsers.Treasury(folder);
        using var demo = new LotteryDemo(network, organizer, variant, participants, terminal);
        return await demo.Play(cancel);
    }

    private static void Tell(Terminal terminal, LotteryResult result, string proof)
    {
        terminal.Step("winner", $"{result.Outcome.Winner}, who takes the pot of {result.Outcome.Pot:N0} coins");
        terminal.Text.Write(TableOf(result));
        if (result.Holdings.Count > RowsShown) terminal.Say($"and {result.Holdings.Count - RowsShown} more");
        terminal.Step("proof", $"written to {proof}");
        terminal.Say($"check it: protean verify {Path.GetRelativePath(Environment.CurrentDirectory, proof)} --network {result.Report.Network}");
        terminal.Answer(new JsonObject
        {
            ["network"] = result.Report.Network.ToString(),
            ["winner"] = result.Outcome.Winner.ToString(),
            ["pot"] = result.Outcome.Pot,
            ["balances"] = new JsonObject(result.Holdings.Select(static holding => KeyValuePair.Create<string, JsonNode?>(holding.Participant.ToString(), holding.After))),
            ["proof"] = proof,
        });
    }

    // The winner first: with many participants not all are shown.
    private static Table TableOf(LotteryResult result)
    {
        var table = new Table().AddColumns("participant", "ticket");
        table.AddColumn(new TableColumn("before").RightAligned()).AddColumn(new TableColumn("after").RightAligned()).AddColumn("");
        foreach (var holding in result.Holdings.OrderByDescending(holding => holding.Participant == result.Outcome.Winner).Take(RowsShown))
            table.AddRow(
                holding.Participant.ToString(), holding.HasTicket ? "yes" : "no", Coins(holding.Before), Coins(holding.After),
                holding.Participant == result.Outcome.Winner ? "winner" : "");
        return table;
    }

    private static string Coins(ulong amount) => amount.ToString("N0", CultureInfo.InvariantCulture);
}
