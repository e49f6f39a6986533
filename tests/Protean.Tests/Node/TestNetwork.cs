using System.Net;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Keys;
using Protean.Node.Transport;

namespace Protean.Tests.Node;

/// <summary>Keys, sockets and a genesis for a few nodes on this machine.</summary>
internal sealed class TestNetwork : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TestNetwork(int nodes, params (string Class, int[] Members)[] units)
    {
        for (var i = 0; i < nodes; i++)
        {
            var keys = NodeKeys.Create(KeyFolder(i), Passphrase.FromText("test"), KeyCost.Development, SystemRandom.Instance);
            var listener = PeerListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Nodes.Add((keys, keys.CreateEpoch(0, SystemRandom.Instance), listener));
        }
        Genesis = new Genesis("test", 1_700_000_000_000, [.. Nodes.Select(Record)],
        [
            .. units.Select(unit => new UnitSpec(
                unit.Class, 0, [.. unit.Members.Select(i => Nodes[i].Keys.NodeId)], Committee.DefaultQuorum(unit.Members.Length),
                Committee.DefaultThreshold(unit.Members.Length))),
        ], []);
    }

    public List<(NodeKeys Keys, SigningKey Epoch, PeerListener Listener)> Nodes { get; } = [];
    public Genesis Genesis { get; }
    public string KeyFolder(int node) => _folder.At($"node-{node}", "keys");
    public string DataFolder(int node) => _folder.At($"node-{node}", "data");

    public void Dispose()
    {
        foreach (var (keys, epoch, listener) in Nodes)
        {
            epoch.Dispose();
            keys.Dispose();
            listener.Dispose();
        }
        _folder.Dispose();
    }

    private static NodeRecord Record((NodeKeys Keys, SigningKey Epoch, PeerListener Listener) node)
    {
        var description = new NodeDescription("operator", node.Listener.EndPoint.ToString(), $"http://{node.Listener.EndPoint}");
        return NodeRecords.ForGenesis(node.Keys, node.Epoch, description, "test", 1_700_000_000_000, SystemRandom.Instance);
    }
}
