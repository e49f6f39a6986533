using System.Text.Json.Nodes;
using Protean.Membership;
using Protean.Node.Configuration;
using Protean.Node.LocalNetwork;

namespace Protean.Cli.Chaos;

/// <summary>All links of a development network: nodes that share a committee reach each other through these, and only through these.</summary>
internal sealed class Wires : IAsyncDisposable
{
    private readonly IReadOnlyList<Wire> _all;

    internal Wires(IReadOnlyList<Wire> all) => _all = all;

    public IReadOnlyList<Wire> All => _all;

    /// <summary>Lays them, and tells the nodes, which must not run yet.</summary>
    public static Wires Lay(NetworkFolder folder)
    {
        var wires = new List<Wire>();
        foreach (var dialler in folder.Nodes)
        {
            var peers = new JsonObject();
            // Of two nodes the one with the lower id dials.
            foreach (var dialled in folder.Nodes.Where(other => dialler.Record.NodeId < other.Record.NodeId && ShareUnit(folder.Genesis, dialler, other)))
            {
                var wire = new Wire(dialler.Number, dialled.Number, NodeConfiguration.Read(dialled.ConfigurationFile).ListenPeer);
                peers.Add(dialled.Record.NodeId.ToString(), wire.EndPoint.ToString());
                wires.Add(wire);
            }
            var configuration = JsonNode.Parse(File.ReadAllText(dialler.ConfigurationFile))!.AsObject();
            configuration["peers"] = peers;
            File.WriteAllText(dialler.ConfigurationFile, configuration.ToJsonString());
        }
        return new Wires(wires);
    }

    public void Mend()
    {
        foreach (var lane in _all.SelectMany(static wire => wire.Lanes))
        {
            lane.Mend();
            lane.Delay = TimeSpan.Zero;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Mend();
        foreach (var wire in _all) await wire.DisposeAsync();
    }

    private static bool ShareUnit(Genesis genesis, LocalNode one, LocalNode other) =>
        genesis.Units.Any(unit => unit.Members.Contains(one.Record.NodeId) && unit.Members.Contains(other.Record.NodeId));
}
