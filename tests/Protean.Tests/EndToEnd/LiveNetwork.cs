using System.Diagnostics;
using Protean.Client;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.LocalNetwork;
using Protean.Runtime;
using Protean.Tests.Contracts;
using Protean.Tests.Node;
using Protean.Units;
using Protean.Units.Execution;
using Protean.Workflows;
using Protean.Workflows.Language;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>All tests of this folder share one network, one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OnALiveNetwork : ICollectionFixture<LiveNetwork>
{
    public const string Name = "on a live network";
}

/// <summary>Real nodes on loopback sockets, with token and lottery deployed, a supply, and users who hold coins.</summary>
public class LiveNetwork : IAsyncLifetime
{
    internal const int NodeCount = 5, MemberCount = 4, BeaconSeconds = 2;
    internal const ulong Supply = 1_000_000, FundsEach = 1_000;
    private const int FundedUsers = 48;

    private protected virtual NetworkShape Shape => NetworkShape.Of(NodeCount, MemberCount) with { BeaconSeconds = BeaconSeconds };

    private readonly TemporaryFolder _folder = new();
    private readonly Queue<Session> _users = [];
    private readonly Dictionary<string, Bytes> _code = new()
    {
        ["token"] = Bytes.Wrap(Token.Code),
        ["lottery"] = Bytes.Wrap(Example.Code("lottery", "contract", "lottery.wasm")),
    };
    private RunningNetwork? _running;
    private Network? _network;

    internal List<LiveNode> Nodes { get; } = [];
    internal Network Network => _network!;
    internal Session Organizer { get; private set; } = null!;
    internal Instance Coins { get; private set; } = null!;
    internal IReadOnlyList<Workflow> Workflows { get; private set; } = [];

    /// <summary>How long one run of a plan takes here and now: sales last a number of them.</summary>
    internal TimeSpan Pace { get; private set; }

    internal Digest ExecutionUnit => Network.Unit("execution").UnitId;
    internal Digest StateUnit => Network.Unit("state").UnitId;
    internal Digest TokenId => IdOf("token");
    internal Digest LotteryId => IdOf("lottery");
    internal IReadOnlyList<ContractCode> Contracts => [.. _code.Values.Select(code => new ContractCode(ExecutionUnit, code))];

    public async ValueTask InitializeAsync()
    {
        var folder = NetworkFolder.Create(_folder.At("network"), Shape);
        Nodes.AddRange(folder.Nodes.Select(node => new LiveNode(folder, node)));
        _running = await RunningNetwork.StartAsync(folder, StartNode, static _ => { }, default);
        _network = await Connect();
        Organizer = new Session(Network, Identity.Create());
        foreach (var code in _code.Values) await Organizer.Publish(code);
        Workflows = await Deploy(System.Text.Encoding.UTF8.GetString(Example.Code("lottery", "lottery.yaml")));
        Coins = await Instantiate(Organizer, "coins", Workflows.Where(static flow => flow.Name is "mint" or "fund" or "transfer"));
        (await Organizer.Run(Coins, "mint", [new NamedValue("supply", Values.OfU64(Supply))])).RequireSuccess();
        await Fund();
    }

    public async ValueTask DisposeAsync()
    {
        _network?.Dispose();
        if (_running is not null) await _running.DisposeAsync();
        foreach (var node in Nodes) await node.StopAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A client of its own, on its own connections.</summary>
    internal Task<Network> Connect(HttpMessageHandler? handler = null) =>
        Network.Connect(_running!.Apis, _running.Folder.Genesis.ChainId, handler: handler);

    /// <summary>Users who hold <see cref="FundsEach"/> coins and whom no other test uses.</summary>
    internal Session[] Users(int count) => [.. Enumerable.Range(0, count).Select(_ => _users.Dequeue())];

    /// <summary>Publishes an application's workflows, as its author would.</summary>
    internal async Task<IReadOnlyList<Workflow>> Deploy(string text)
    {
        var reading = Application.Read(text, "application.yaml", Catalog.Published, contract => IdOf(contract.Name));
        Assert.Empty(reading.Errors);
        foreach (var workflow in reading.Application!.Workflows) await Organizer.Publish(workflow);
        return reading.Application.Workflows;
    }

    internal static Task<Instance> Instantiate(
        Session creator, string name, IEnumerable<Workflow> workflows, params NamedValue[] parameters) =>
        Instantiate(creator, name, lastEpoch: 64, workflows, parameters);

    /// <param name="lastEpoch">In which its steps can run.</param>
    internal static Task<Instance> Instantiate(
        Session creator, string name, ulong lastEpoch, IEnumerable<Workflow> workflows, params NamedValue[] parameters)
    {
        var nonce = (ulong)Random.Shared.NextInt64();
        var ordered = parameters.OrderBy(static parameter => parameter.Name, StringComparer.Ordinal);
        return creator.Create(new Instance(default, default, default, name, nonce, 0, lastEpoch, [], [.. ordered], []), [.. workflows]);
    }

    /// <summary>The APIs of a unit's members.</summary>
    internal IReadOnlyList<LiveNode> MembersOf(Digest unit)
    {
        var members = Network.Directory.CommitteeOf(unit, 0)!.Members.Select(static member => member.NodeId).ToHashSet();
        return [.. Nodes.Where(node => members.Contains(node.Local.Record.NodeId))];
    }

    private async Task<INodeRun> StartNode(LocalNode local, CancellationToken cancel)
    {
        var node = Nodes[local.Number - 1];
        await node.StartAsync();
        return node;
    }

    private async Task Fund()
    {
        var users = Enumerable.Range(0, FundedUsers).Select(_ => new Session(Network, Identity.Create())).ToArray();
        var from = Token.UserAccount(Organizer.Identity.PublicKey);
        var transfers = new Encoder().List(users, (to, user) =>
            to.Bytes(from).Bytes(Token.UserAccount(user.Identity.PublicKey)).U64(FundsEach));
        var begun = Stopwatch.GetTimestamp();
        (await Organizer.Run(Coins, "fund", [new NamedValue("transfers", Bytes.Wrap(transfers.ToArray()))])).RequireSuccess();
        Pace = Stopwatch.GetElapsedTime(begun);
        foreach (var user in users) _users.Enqueue(user);
    }

    private Digest IdOf(string contract) => PublishedContracts.IdOf(ExecutionUnit, _code[contract].Span);
}
