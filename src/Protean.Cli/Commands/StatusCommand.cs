using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Protean.Client;
using Protean.Node.Api;
using Spectre.Console;

namespace Protean.Cli.Commands;

/// <summary>`protean status`: how a node stands, by its own word.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var api = new Option<string>("--api") { Description = "The node's API, like http://127.0.0.1:8080.", Required = true };
        return new Command("status", "Show how a node stands and what its members wait for.") { api }.Does(async (parsed, terminal, cancel) =>
        {
            var address = Options.ParseAddress(parsed.GetRequiredValue(api));
            using var http = new HttpClient { BaseAddress = address, Timeout = Patience };
            var network = await Get<NetworkMessage>(http, "v1/network", cancel);
            var units = await Get<UnitMessageView[]>(http, "v1/units", cancel);
            var members = await Task.WhenAll(units.Where(static unit => unit.Member).Select(unit => Get<StatusMessage>(http, $"v1/units/{unit.UnitId}/status", cancel)));
            Show(terminal, network, members);
            terminal.Answer(new JsonObject
            {
                ["network"] = network.ChainId,
                ["node"] = network.Node,
                ["epoch"] = network.Epoch,
                ["units"] = new JsonArray([.. members.Select(static member => JsonSerializer.SerializeToNode(member, JsonSerializerOptions.Web))]),
            });
            return members.Any(static member => member.Halted is not null) ? Guarded.Refused : Guarded.Done;
        });
    }

    private static void Show(Terminal terminal, NetworkMessage network, IEnumerable<StatusMessage> members)
    {
        terminal.Say($"network  {network.ChainId}");
        terminal.Say($"node     {network.Node}");
        terminal.Say($"epoch    {network.Epoch}");
        var table = new Table().AddColumns("unit", "view", "executed", "sealed", "keys", "waits for");
        foreach (var member in members)
            table.AddRow(
                new Text(member.Unit), new Text($"{member.View}"), new Text($"{member.ExecutedHeight}"), new Text($"{member.SealedHeight}"),
                new Text(string.Join("; ", member.Keys.Select(static key => $"{key.Purpose}: {key.Progress}"))),
                new Text(member.Halted is { } halted ? $"halted: {halted.Code}" : string.Join("; ", member.Waiting)));
        terminal.Text.Write(table);
    }

    private static async Task<T> Get<T>(HttpClient http, string path, CancellationToken cancel) where T : class
    {
        try
        {
            return await http.GetFromJsonAsync<T>(path, JsonSerializerOptions.Web, cancel) ?? throw new JsonException("nothing came");
        }
        catch (Exception failed) when (failed is HttpRequestException or JsonException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new RefusedException(CommandRefusals.NodeSilent(http.BaseAddress!.ToString(), failed.Message));
        }
    }
}
