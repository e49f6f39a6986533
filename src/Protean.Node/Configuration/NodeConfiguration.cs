using System.Net;
using Protean.Node.Transport;

namespace Protean.Node.Configuration;

/// <summary>What an operator writes in <c>node.json</c>. Paths are relative to that file.</summary>
/// <param name="DataFolder">The node's database.</param>
/// <param name="KeyFolder">The node's keys, mode 0700.</param>
/// <param name="GenesisFile">The network's genesis, canonical bytes.</param>
/// <param name="ListenPeer">Where this node listens for other nodes.</param>
/// <param name="ListenApi">Where it listens for clients.</param>
public sealed record NodeConfiguration(string DataFolder, string KeyFolder, string GenesisFile, IPEndPoint ListenPeer, IPEndPoint ListenApi)
{
    /// <exception cref="RefusedException">Names the key, what was expected and what was found.</exception>
    public static NodeConfiguration Read(string path)
    {
        const string EndPoint = "an address of this machine and a port, like 0.0.0.0:7100 or [::]:7100";
        var section = JsonSection.ReadFile(path);
        var home = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string At(string key) => Path.GetFullPath(section.Text(key), home);
        var configuration = new NodeConfiguration(
            At("data"), At("keys"), At("genesis"),
            section.Parsed<IPEndPoint>("listenPeer", EndPoint, PeerAddress.TryParseEndPoint),
            section.Parsed<IPEndPoint>("listenApi", EndPoint, PeerAddress.TryParseEndPoint));
        section.End();
        return configuration;
    }
}
