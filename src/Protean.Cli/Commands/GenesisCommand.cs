using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Protean.Client;
using Protean.Codec;
using Protean.Membership;
using Protean.Node.Configuration;
using Protean.Node.LocalNetwork;

namespace Protean.Cli.Commands;

/// <summary>`protean genesis`: the first record of a network, from its nodes' records.</summary>
internal static class GenesisCommand
{
    public static Command Create() => new("genesis", "Make and show the first record of a network.") { CreateGenesis(), Show() };

    private static Command CreateGenesis()
    {
        var records = new Argument<FileInfo[]>("records") { Description = "The nodes' records (`protean keys record`).", Arity = ArgumentArity.OneOrMore };
        var name = new Option<string>("--name") { Description = "The network's name, as in the records.", Required = true };
        var time = new Option<string>("--time") { Description = "Its first moment, as in the records.", Required = true };
        var units = new Option<FileInfo?>("--units")
        {
            Description = """JSON: [{"class": "state", "members": ["operator", ...]}, ...]. Otherwise one unit of each class, of --members spread over the nodes.""",
        };
        var members = Options.Members();
        var output = new Option<FileInfo>("--out") { Description = "The file to write; every node gets it.", Required = true };
        return new Command("create", "Make a genesis.") { records, name, time, units, members, output }.Does((parsed, terminal, _) =>
        {
            var timeMs = Options.ParseTime(parsed.GetRequiredValue(time));
            NodeRecord[] nodes = [.. parsed.GetRequiredValue(records).Select(file => ReadRecord(file.FullName, parsed.GetRequiredValue(name), timeMs))];
            var genesis = parsed.GetValue(units) is { } file
                ? new Genesis(parsed.GetRequiredValue(name), timeMs, nodes, UnitsFile.Read(file.FullName, nodes), [])
                : NetworkFolder.MakeGenesis(parsed.GetRequiredValue(name), timeMs, NetworkShape.Of(nodes.Length, parsed.GetValue(members)), nodes, []);
            var path = parsed.GetRequiredValue(output).FullName;
            GenesisFile.Write(path, genesis);
            return Task.FromResult(Tell(terminal, GenesisFile.Read(path)));
        });
    }

    private static Command Show()
    {
        var file = new Argument<FileInfo>("file") { Description = "A genesis." };
        return new Command("show", "Check a genesis and show the network's hash, nodes and units.") { file }.Does((parsed, terminal, _) =>
            Task.FromResult(Tell(terminal, GenesisFile.Read(parsed.GetRequiredValue(file).FullName))));
    }

    private static int Tell(Terminal terminal, Genesis genesis)
    {
        terminal.Say($"network {genesis.ChainId}");
        foreach (var node in genesis.Nodes) terminal.Say($"node    {node.NodeId}  {node.Operator}  {node.PeerAddress}  {node.ApiAddress}");
        foreach (var unit in genesis.Units) terminal.Say($"unit    {unit.UnitId(genesis.ChainId)}  {unit.Class}#{unit.Ordinal}  {unit.Members.Count} members, quorum {unit.Quorum}");
        terminal.Answer(new JsonObject
        {
            ["network"] = genesis.ChainId.ToString(),
            ["nodes"] = new JsonArray([.. genesis.Nodes.Select(static node => JsonSerializer.SerializeToNode(node.NodeId.ToString()))]),
            ["units"] = new JsonArray([.. genesis.Units.Select(unit => JsonSerializer.SerializeToNode(unit.UnitId(genesis.ChainId).ToString()))]),
        });
        return Guarded.Done;
    }

    // One record at a time, so that the operator whose record is wrong is named.
    private static NodeRecord ReadRecord(string path, string name, ulong timeMs)
    {
        try
        {
            var record = Canonical.Decode<NodeRecord>(File.ReadAllBytes(path));
            return GenesisRules.NodeChecks.FirstRefusal(NodeRecordCase.AtGenesis(record, name, timeMs), path) is { } refusal
                ? throw new RefusedException(CommandRefusals.RecordWrong(path, refusal))
                : record;
        }
        catch (MalformedException malformed)
        {
            throw new RefusedException(CommandRefusals.RecordMalformed(path, malformed.Message));
        }
    }
}
