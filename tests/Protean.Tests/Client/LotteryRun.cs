using Protean.Client;
using Protean.Client.Plans;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Tests.Contracts;
using Protean.Units;
using Protean.Units.Execution;
using Protean.Wasm;
using Protean.Workflows;
using Protean.Workflows.Language;

namespace Protean.Tests.Client;

/// <summary>The example lottery on an in-memory network: published, minted, funded, and open.</summary>
internal sealed class LotteryRun : IDisposable
{
    public const ulong Price = 10, Supply = 1_000_000;

    public static readonly ulong EndOfSale = GenesisFixture.StartMs + 3_600_000;
    public static readonly ulong FinalDeadline = EndOfSale + 3_600_000;

    private readonly Identity[] _participants;

    private LotteryRun(int participants)
    {
        Nodes = new InMemoryNetwork(new Catalog(Engine));
        _participants =
            [.. Enumerable.Range(1, participants).Select(static i => Identity.FromSeed(Hash.H("test/participant", [(byte)i]).Span))];
    }

    public WasmEngine Engine { get; } = new();
    public InMemoryNetwork Nodes { get; }
    public Network Network { get; private set; } = null!;
    public Session Creator { get; private set; } = null!;
    public Instance Instance { get; private set; } = null!;
    public IReadOnlyList<ContractCode> Contracts { get; private set; } = [];
    public IReadOnlyList<Session> Participants { get; private set; } = [];

    public static Application Read(Func<ContractFile, Digest?>? contractId = null) =>
        Application.Read(System.Text.Encoding.UTF8.GetString(Example.Code("lottery", "lottery.yaml")), "lottery.yaml", Catalog.Published,
            contractId) switch
        {
            { Application: { } application } => application,
            var wrong => throw new InvalidOperationException(string.Join('\n', wrong.Errors)),
        };

    public static async Task<LotteryRun> Open(int participants)
    {
        var run = new LotteryRun(participants);
        run.Network = await run.Nodes.Connect();
        run.Creator = new Session(run.Network, Identity.FromSeed(Hash.H("test/creator", []).Span));
        run.Participants = [.. run._participants.Select(identity => new Session(run.Network, identity))];
        await run.Deploy();
        await run.Creator.Run(run.Instance, "mint", [new NamedValue("supply", Values.OfU64(Supply))]).Ok();
        await run.Creator.Run(run.Instance, "open", []).Ok();
        var transfers = new Encoder().List(run._participants, (to, participant) =>
            to.Bytes(Token.UserAccount(run.Creator.Identity.PublicKey)).Bytes(Token.UserAccount(participant.PublicKey)).U64(Price + 1));
        await run.Creator.Run(run.Instance, "fund", [new NamedValue("transfers", Bytes.Wrap(transfers.ToArray()))]).Ok();
        return run;
    }

    public IReadOnlyList<NamedValue> JoinInputs(Session buyer) =>
        [new("buyer", new Bytes(buyer.Identity.PublicKey.Span)), new("instance", new Bytes(Instance.Id.Span))];

    public Task<RunResult> Join(Session buyer) => buyer.Run(Instance, "join", JoinInputs(buyer));

    public async Task<byte[]> Proof(RunResult reveal) => Canonical.Encode(await ProofBuilder.Build(Network, reveal, Contracts));

    public void Dispose()
    {
        Network.Dispose();
        Engine.Dispose();
    }

    private async Task Deploy()
    {
        var unit = Network.Unit("execution").UnitId;
        var codes = new Dictionary<string, Bytes>
        {
            ["token"] = Bytes.Wrap(Example.Code("token", "token.wasm")),
            ["lottery"] = Bytes.Wrap(Example.Code("lottery", "contract", "lottery.wasm")),
        };
        Contracts = [.. codes.Values.Select(code => new ContractCode(unit, code))];
        var application = Read(file => PublishedContracts.IdOf(unit, codes[file.Name].Span));
        foreach (var code in codes.Values) await Creator.Publish(code);
        foreach (var workflow in application.Workflows) await Creator.Publish(workflow);
        NamedValue[] parameters =
            [new("endOfSale", Values.OfU64(EndOfSale)), new("finalDeadline", Values.OfU64(FinalDeadline)),
                new("price", Values.OfU64(Price))];
        Instance = await Creator.Create(new Instance(default, default, default, "spring", 1, 0, 2, [], parameters, []),
            application.Workflows);
    }
}

internal static class Runs
{
    public static async Task<RunResult> Ok(this Task<RunResult> run) => (await run).RequireSuccess();
}
