using System.Net;
using Protean.Cryptography;
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
    /// <summary>Where other nodes are reached from here, if not at the address of their record: through a tunnel, or in a network of one's own.</summary>
    public IReadOnlyDictionary<Digest, PeerAddress> PeerAddresses { get; init; } = new Dictionary<Digest, PeerAddress>();

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
            section.Parsed<IPEndPoint>("listenApi", EndPoint, PeerAddress.TryParseEndPoint))
        {
            PeerAddresses = section.Pairs<Digest, PeerAddress>("peers", "a node's id, 64 hexadecimal digits, and its host:port", Digest.TryFromHex, PeerAddress.TryParse),
        };
        section.End();
        return configuration;
    }
}
