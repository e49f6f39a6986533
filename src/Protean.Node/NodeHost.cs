using System.Collections.Concurrent;
using System.Globalization;
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

    /// <summary>In place of the addresses that the genesis has.</summary>
    public IReadOnlyDictionary<Digest, PeerAddress> PeerAddresses { get; init; } = new Dictionary<Digest, PeerAddress>();
}

/// <summary>Opens nodes.</summary>
public static class NodeHost
{
    /// <exception cref="RefusedException">The keys are not those of the genesis, or the data folder is refused.</exception>
    public static NodeHost<TMessage, TOutput> Open<TMessage, TOutput>(NodeParts parts, ILoggerFactory logs)
        where TMessage : ICanonical<TMessage>
    {
        var record = NodeRecords.Find(parts.Genesis, parts.Keys);
        var peers = PeersOf(parts, record.NodeId);
        var database = RocksDatabase.Open(parts.DataFolder, parts.Genesis.ChainId, record.NodeId, parts.Keys.Mark);
        return new NodeHost<TMessage, TOutput>(parts, record.NodeId, peers, database, logs);
    }

    // Only nodes that share a committee have anything to say to each other.
    private static List<Peer> PeersOf(NodeParts parts, Digest self)
    {
        var (peers, genesis) = (new List<Peer>(), parts.Genesis);
        var colleagues = genesis.Units.Where(unit => unit.Members.Contains(self)).SelectMany(unit => unit.Members).ToHashSet();
        foreach (var node in genesis.Nodes.Where(node => colleagues.Contains(node.NodeId)))
        {
            if (!parts.PeerAddresses.TryGetValue(node.NodeId, out var address) && !PeerAddress.TryParse(node.PeerAddress, out address))
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

    /// <summary>Epochs through which this node signs nothing, because its data folder is not the one that it had in them; null where it is.</summary>
    public ulong? SilentThrough => _database.SilentThrough;

    /// <summary>Fails where the disk does not take what is written to it.</summary>
    public Task DiskFailed => _database.Failed;

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

    /// <summary>A member has stopped because its execution differs from a quorum's: says so, and leaves what it holds beside its data.</summary>
    internal void Dump(UnitAssignment assignment, Refusal why, IEnumerable<string> lines)
    {
        var folder = Path.Combine(_parts.DataFolder, RocksFolder.DumpFolder);
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{assignment.Unit.Class}-{assignment.Unit.Ordinal}-epoch-{assignment.Epoch}.txt"));
        try
        {
            DurableFolder.Create(folder);
            File.WriteAllLines(path, lines);
            NodeLog.MemberHalted(_log, assignment.Name, why, path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            NodeLog.MemberHaltedUndumped(_log, failed, assignment.Name, why);
        }
    }

    private void Receive(Frame frame)
    {
        var member = frame.Epoch == UnitAssignment.AnyEpoch
            ? _members.Values.Where(hosted => hosted.Assignment.Unit.UnitId == frame.Unit).MaxBy(static hosted => hosted.Assignment.Epoch)
            : _members.GetValueOrDefault((frame.Unit, frame.Epoch));
        member?.Receive(frame);
    }
}

internal static partial class NodeLog
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "{Member} has stopped: {Why}. What it holds is in {Path}")]
    public static partial void MemberHalted(ILogger log, string member, Refusal why, string path);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Member} has stopped: {Why}. What it holds could not be written down")]
    public static partial void MemberHaltedUndumped(ILogger log, Exception reason, string member, Refusal why);
}
