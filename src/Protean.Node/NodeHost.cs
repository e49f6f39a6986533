using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.EventLoop;
using Protean.Node.Keys;
using Protean.Node.Storage;
using Protean.Node.Transport;
using Protean.Runtime;

namespace Protean.Node;

/// <summary>What a node is put together from.</summary>
/// <param name="Keys">Taken over.</param>
/// <param name="Listener">Bound at the address that the node's record names; taken over.</param>
public sealed record NodeParts(Genesis Genesis, NodeKeys Keys, string DataFolder, PeerListener Listener)
{
    public PeerTimings Timings { get; init; } = PeerTimings.Default;
    public JobWorkers Jobs { get; init; } = JobWorkers.Shared;
}

/// <summary>Opens nodes.</summary>
public static class NodeHost
{
    /// <exception cref="RefusedException">The keys are not those of the genesis, or the data folder is refused.</exception>
    public static NodeHost<TMessage, TOutput> Open<TMessage, TOutput>(NodeParts parts, ILoggerFactory logs)
        where TMessage : ICanonical<TMessage>
    {
        var record = NodeRecords.Find(parts.Genesis, parts.Keys);
        var peers = PeersOf(parts.Genesis, record.NodeId);
        var database = RocksDatabase.Open(parts.DataFolder, parts.Genesis.ChainId, record.NodeId);
        return new NodeHost<TMessage, TOutput>(parts, record.NodeId, peers, database, logs);
    }

    // Only nodes that share a committee have anything to say to each other.
    private static List<Peer> PeersOf(Genesis genesis, Digest self)
    {
        var peers = new List<Peer>();
        var colleagues = genesis.Units.Where(unit => unit.Members.Contains(self)).SelectMany(unit => unit.Members).ToHashSet();
        foreach (var node in genesis.Nodes.Where(node => colleagues.Contains(node.NodeId)))
        {
            if (!PeerAddress.TryParse(node.PeerAddress, out var address))
                throw new RefusedException(NodeRefusals.GenesisInvalid("", $"'{node.PeerAddress}' of node {node.NodeId} is no host:port"));
            peers.Add(new Peer(node.NodeId, node.TransportKey, address));
        }
        return peers;
    }
}

/// <summary>One node: its database, its connections, and a loop for each unit and epoch that it serves in.</summary>
/// <remarks>Opened first and given its members, so that others can attach to them; then started. Members of later epochs join while it
/// runs. Disposing stops it cleanly: members first, then connections, then the database.</remarks>
public sealed class NodeHost<TMessage, TOutput> : IAsyncDisposable where TMessage : ICanonical<TMessage>
{
    private readonly NodeParts _parts;
    private readonly RocksDatabase _database;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<(Digest Unit, ulong Epoch), HostedMember<TMessage, TOutput>> _members = [];

    internal NodeHost(NodeParts parts, Digest nodeId, IEnumerable<Peer> peers, RocksDatabase database, ILoggerFactory logs)
    {
        _parts = parts;
        _database = database;
        _log = logs.CreateLogger("Protean.Node.Member");
        NodeId = nodeId;
        Network = new PeerNetwork(
            parts.Genesis.ChainId, nodeId, parts.Listener, new TransportCertificate(parts.Keys.Transport), peers, Receive, parts.Timings,
            logs.CreateLogger<PeerNetwork>());
    }

    public Digest NodeId { get; }
    public PeerNetwork Network { get; }

    /// <summary>In no particular order.</summary>
    public IReadOnlyCollection<HostedMember<TMessage, TOutput>> Members => [.. _members.Values];

    /// <summary>The store of a unit's member: one for all epochs, since state goes on.</summary>
    public RocksStore StoreFor(Digest unitId) => _database.StoreFor(unitId.Span);

    /// <summary>Adds a member, which starts with <see cref="Start"/> or, on a running node, with its own.</summary>
    /// <param name="protocol">Built on <paramref name="store"/>.</param>
    /// <param name="store">From <see cref="StoreFor"/>.</param>
    public HostedMember<TMessage, TOutput> Join(UnitAssignment assignment, IProtocol<TMessage, TOutput> protocol, RocksStore store)
    {
        var member = new HostedMember<TMessage, TOutput>(assignment, protocol, store, Network, _parts.Jobs, _log);
        return _members.TryAdd((assignment.Unit.UnitId, assignment.Epoch), member)
            ? member
            : throw new InvalidOperationException($"{assignment.Name} has joined already");
    }

    /// <summary>Stops a member of an epoch that is over.</summary>
    public async ValueTask LeaveAsync(UnitAssignment assignment)
    {
        if (_members.TryRemove((assignment.Unit.UnitId, assignment.Epoch), out var member)) await member.DisposeAsync();
    }

    public void Start()
    {
        foreach (var member in _members.Values) member.Start();
        Network.Start();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members.Values) await member.DisposeAsync();
        await Network.DisposeAsync();
        _database.Dispose();
        _parts.Keys.Dispose();
    }

    private void Receive(Frame frame)
    {
        if (_members.TryGetValue((frame.Unit, frame.Epoch), out var member)) member.Receive(frame);
    }
}
