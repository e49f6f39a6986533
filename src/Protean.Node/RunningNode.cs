using Microsoft.Extensions.Logging;
using Protean.Membership;
using Protean.Node.Api;
using Protean.Node.Configuration;
using Protean.Node.Duties;
using Protean.Node.Keys;
using Protean.Node.LocalNetwork;
using Protean.Node.Transport;
using Protean.Runtime;
using Protean.Units;

namespace Protean.Node;

/// <summary>A whole node as its configuration says: a member of each unit that the genesis gives it, its duties, and the API for clients.</summary>
public sealed class RunningNode : INodeRun
{
    private readonly NodeHost<UnitMessage, UnitEvent> _host;
    private readonly NodeDuties _duties;
    private readonly ApiServer _api;

    private RunningNode(NodeHost<UnitMessage, UnitEvent> host, IEnumerable<NodeUnit> units, NodeDuties duties, ApiServer api)
    {
        (_host, _duties, _api) = (host, duties, api);
        Ended = Task.WhenAny([host.DiskFailed, duties.Completion, .. units.Select(static unit => unit.Broken)]).Unwrap();
    }

    /// <summary>Fails where the disk takes no more writes, or the node can no longer do its duties or go on into an epoch. A member that broke leaves the others running; the API tells of it.</summary>
    public Task Ended { get; }

    /// <param name="passphrase">Of the node's keys; taken over.</param>
    /// <param name="catalog">All units that this program knows.</param>
    /// <exception cref="RefusedException">Something is not as the configuration says; nothing runs.</exception>
    public static async Task<RunningNode> StartAsync(NodeConfiguration configuration, Passphrase passphrase, Catalog catalog, ILoggerFactory logs)
    {
        var genesis = GenesisFile.Read(configuration.GenesisFile);
        var keys = NodeKeys.Open(configuration.KeyFolder, passphrase);
        PeerListener? listener = null;
        NodeHost<UnitMessage, UnitEvent>? host = null;
        try
        {
            listener = PeerListener.Bind(configuration.ListenPeer);
            host = NodeHost.Open<UnitMessage, UnitEvent>(new NodeParts(genesis, keys, configuration.DataFolder, listener) { PeerAddresses = configuration.PeerAddresses }, logs);
            NodeUnit[] units = [.. UnitsOf(host, genesis, catalog, keys)];
            host.Start();
            var published = Catalog.Published.ToDictionary(static unit => unit.Class, static unit => unit.Transactions);
            var api = await ApiServer.StartAsync(
                configuration.ListenApi, () => Furthest(units, genesis), host.NodeId, [.. units.Select(static unit => unit.Served)], published);
            return new RunningNode(host, units, new NodeDuties(genesis, keys, units, logs.CreateLogger<NodeDuties>()), api);
        }
        catch
        {
            if (host is not null) await host.DisposeAsync();
            listener?.Dispose();
            keys.Dispose();
            throw;
        }
    }

    /// <summary>The API first, so that no client is answered by half a node.</summary>
    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _duties.DisposeAsync();
        await _host.DisposeAsync();
    }

    private static LinkedDirectory Furthest(NodeUnit[] units, Genesis genesis) =>
        units.Select(static unit => unit.Directory).MaxBy(static directory => directory.CurrentEpoch) ?? new LinkedDirectory(genesis);

    private static IEnumerable<NodeUnit> UnitsOf(NodeHost<UnitMessage, UnitEvent> host, Genesis genesis, Catalog catalog, NodeKeys keys)
    {
        foreach (var spec in genesis.Units.Where(spec => spec.Members.Contains(host.NodeId)))
        {
            var unit = catalog.Find(spec.Class) ?? throw new RefusedException(NodeRefusals.UnknownClass(spec.Class));
            yield return new NodeUnit(host, genesis, keys, unit, spec.UnitId(genesis.ChainId));
        }
    }
}
