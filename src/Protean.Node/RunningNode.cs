using Microsoft.Extensions.Logging;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Api;
using Protean.Node.Configuration;
using Protean.Node.EventLoop;
using Protean.Node.Keys;
using Protean.Node.LocalNetwork;
using Protean.Node.Transport;
using Protean.Runtime;
using Protean.Units;

namespace Protean.Node;

/// <summary>A whole node as its configuration says: a member of each unit that the genesis gives it, and the API for clients.</summary>
public sealed class RunningNode : INodeRun
{
    private readonly NodeHost<UnitMessage, UnitEvent> _host;
    private readonly ApiServer _api;
    private readonly SigningKey _consensus;

    private RunningNode(NodeHost<UnitMessage, UnitEvent> host, ApiServer api, SigningKey consensus) => (_host, _api, _consensus) = (host, api, consensus);

    /// <summary>A member that broke leaves the others running; the API tells of it.</summary>
    public Task Ended { get; } = new TaskCompletionSource().Task;

    /// <param name="passphrase">Of the node's keys; taken over.</param>
    /// <param name="catalog">All units that this program knows.</param>
    /// <exception cref="RefusedException">Something is not as the configuration says; nothing runs.</exception>
    public static async Task<RunningNode> StartAsync(NodeConfiguration configuration, Passphrase passphrase, Catalog catalog, ILoggerFactory logs)
    {
        var genesis = GenesisFile.Read(configuration.GenesisFile);
        var keys = NodeKeys.Open(configuration.KeyFolder, passphrase, KeyCost.Operator);
        var consensus = keys.OpenEpoch(0);
        PeerListener? listener = null;
        NodeHost<UnitMessage, UnitEvent>? host = null;
        try
        {
            listener = PeerListener.Bind(configuration.ListenPeer);
            host = NodeHost.Open<UnitMessage, UnitEvent>(new NodeParts(genesis, keys, configuration.DataFolder, listener), logs);
            var directory = new LinkedDirectory(genesis);
            var served = Join(host, directory, catalog, keys, consensus).ToArray();
            host.Start();
            var published = Catalog.Published.ToDictionary(static unit => unit.Class, static unit => unit.Transactions);
            return new RunningNode(host, await ApiServer.StartAsync(configuration.ListenApi, directory, host.NodeId, served, published), consensus);
        }
        catch
        {
            if (host is not null) await host.DisposeAsync();
            else keys.Dispose();
            listener?.Dispose();
            consensus.Dispose();
            throw;
        }
    }

    /// <summary>The API first, so that no client is answered by half a node.</summary>
    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _host.DisposeAsync();
        _consensus.Dispose();
    }

    private static IEnumerable<ServedUnit> Join(
        NodeHost<UnitMessage, UnitEvent> host, LinkedDirectory directory, Catalog catalog, NodeKeys keys, SigningKey consensus)
    {
        foreach (var entry in directory.Units)
        {
            if (UnitAssignment.Of(directory, entry, host.NodeId) is not { } assignment) continue;
            assignment.Require(consensus);
            var unit = catalog.Find(entry.Class) ?? throw new RefusedException(NodeRefusals.UnknownClass(entry.Class));
            var store = host.StoreFor(entry.UnitId);
            var member = new UnitMember(new UnitMemberParts(
                unit, directory, entry.UnitId, assignment.Self, consensus, keys.Encryption, Ed25519Scheme.Instance, SystemRandom.Instance, store,
                static _ => false));
            var hosted = host.Join(assignment, member, store);
            var served = new ServedUnit(unit, entry, member, new Calls(hosted.Loop));
            hosted.OnOutput(served.Observe);
            yield return served;
        }
    }

    private sealed class Calls(MemberLoop<UnitMessage, UnitEvent> loop) : IMemberCalls
    {
        public Task<T> Ask<T>(Func<IEffects<UnitMessage, UnitEvent>, T> call) => loop.Ask(call);
    }
}
