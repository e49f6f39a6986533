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
/// <param name="Directory">The network, as its genesis and epoch records tell it.</param>
/// <param name="Keys">Taken over.</param>
/// <param name="EpochKeys">Of the directory's current epoch; taken over.</param>
/// <param name="Listener">Bound at the address that the node's record names; taken over.</param>
public sealed record NodeParts(IDirectory Directory, NodeKeys Keys, EpochKeys EpochKeys, string DataFolder, PeerListener Listener)
{
    public PeerTimings Timings { get; init; } = PeerTimings.Default;
    public JobWorkers Jobs { get; init; } = JobWorkers.Shared;
}

/// <summary>Makes the state machine of a unit's member.</summary>
public delegate IProtocol<TMessage, TOutput> MemberFactory<TMessage, TOutput>(UnitAssignment assignment, IStore store);

/// <summary>One node: its database, its connections, and a loop for each unit that it is a member of.</summary>
/// <remarks>Opened first, so that others can attach to its members; then started. Disposing stops it cleanly: members first, then
/// connections, then the database.</remarks>
public sealed class NodeHost<TMessage, TOutput> : IAsyncDisposable where TMessage : ICanonical<TMessage>
{
    private readonly NodeParts _parts;
    private readonly RocksDatabase _database;
    private readonly Dictionary<(Digest Unit, ulong Epoch), HostedMember<TMessage, TOutput>> _members = [];

    internal NodeHost(
        NodeParts parts, NodeRecord record, RocksDatabase database, MemberFactory<TMessage, TOutput> factory, ILoggerFactory logs)
    {
        _parts = parts;
        _database = database;
        var assignments = UnitAssignment.Of(parts.Directory, record.NodeId);
        Network = new PeerNetwork(
            parts.Directory.ChainId, record.NodeId, parts.Listener, new TransportCertificate(parts.Keys.Transport),
            PeersOf(parts.Directory, assignments), Receive, parts.Timings, logs.CreateLogger<PeerNetwork>());
        foreach (var assignment in assignments)
        {
            var store = database.StoreFor(assignment.Unit.UnitId.Span);
            var log = logs.CreateLogger<HostedMember<TMessage, TOutput>>();
            var member = new HostedMember<TMessage, TOutput>(assignment, factory(assignment, store), store, Network, parts.Jobs, log);
            _members.Add((assignment.Unit.UnitId, assignment.Epoch), member);
        }
        Members = [.. assignments.Select(assignment => _members[(assignment.Unit.UnitId, assignment.Epoch)])];
    }

    /// <summary>In the order of the directory's units.</summary>
    public IReadOnlyList<HostedMember<TMessage, TOutput>> Members { get; }

    public PeerNetwork Network { get; }

    public void Start()
    {
        foreach (var member in Members) member.Start();
        Network.Start();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members) await member.DisposeAsync();
        await Network.DisposeAsync();
        _database.Dispose();
        _parts.EpochKeys.Dispose();
        _parts.Keys.Dispose();
    }

    private void Receive(Frame frame)
    {
        if (_members.TryGetValue((frame.Unit, frame.Epoch), out var member)) member.Receive(frame);
    }

    // Only nodes that share a committee have anything to say to each other.
    private static IEnumerable<Peer> PeersOf(IDirectory directory, IReadOnlyList<UnitAssignment> assignments)
    {
        var colleagues = assignments.SelectMany(assignment => assignment.Committee.Members).Select(member => member.NodeId).ToHashSet();
        foreach (var node in directory.Genesis.Nodes.Where(node => colleagues.Contains(node.NodeId)))
        {
            if (!PeerAddress.TryParse(node.PeerAddress, out var address))
                throw new RefusedException(NodeRefusals.GenesisInvalid("", $"'{node.PeerAddress}' of node {node.NodeId} is no host:port"));
            yield return new Peer(node.NodeId, node.TransportKey, address);
        }
    }
}

/// <summary>Opens nodes.</summary>
public static class NodeHost
{
    /// <exception cref="RefusedException">The keys are not those of the genesis, or the data folder is refused.</exception>
    public static NodeHost<TMessage, TOutput> Open<TMessage, TOutput>(
        NodeParts parts, MemberFactory<TMessage, TOutput> factory, ILoggerFactory logs) where TMessage : ICanonical<TMessage>
    {
        var record = RecordOf(parts.Directory.Genesis, parts.Keys, parts.EpochKeys);
        var database = RocksDatabase.Open(parts.DataFolder, parts.Directory.ChainId, record.NodeId);
        try
        {
            return new NodeHost<TMessage, TOutput>(parts, record, database, factory, logs);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The record of these keys in the genesis.</summary>
    /// <exception cref="RefusedException">No record of this identity, or one with other keys.</exception>
    public static NodeRecord RecordOf(Genesis genesis, NodeKeys keys, EpochKeys epochKeys)
    {
        var record = genesis.Nodes.FirstOrDefault(node => node.IdentityKey == keys.Identity.PublicKey)
            ?? throw new RefusedException(NodeRefusals.NotInGenesis(keys.NodeId));
        var other =
            record.TransportKey != TransportCertificate.PublicKeyOf(keys.Transport) ? "transport"
            : record.ConsensusKey != epochKeys.Consensus.PublicKey ? KeyKinds.Consensus
            : !record.EncryptionKey.Span.SequenceEqual(epochKeys.Encryption.MultiplyBase().Span) ? KeyKinds.Encryption
            : !record.PvssKey.Span.SequenceEqual(epochKeys.Pvss.Multiply(KeyKinds.PvssBase).Span) ? KeyKinds.Pvss
            : null;
        return other is null ? record : throw new RefusedException(NodeRefusals.RecordOfOtherKeys(other));
    }
}
