using Protean.Cli.Lottery;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;
using Protean.Units.Execution;
using Protean.Wasm;

namespace Protean.Cli.Simulation;

/// <summary>Contracts published in the real engine, the same ones many times.</summary>
internal sealed class ExecutionWorkload : IWorkload
{
    private const int Contracts = 6;

    // For the whole process: a compiled contract depends on its code alone.
    private static readonly WasmEngine Engine = new();

    public IFunctionalUnit Unit { get; } = new ExecutionUnit(Engine);
    public ISignatureScheme Scheme => Ed25519Scheme.Instance;
    public IReadOnlyList<NamedValue> Parameters => [];

    public void Begin(UnitRun run) => Workloads.Spread(run, Contracts, number => run.Ask(Publish(run, number), done =>
        Invariants.SameState.Require(
            done.Outputs.Find("contractId") == new Bytes(PublishedContracts.IdOf(run.Network.UnitId, CodeOf(number).Span).Span),
            () => "a contract has another name than its code gives")));

    public Request Probe(UnitRun run, ulong nonce) => Publish(run, nonce);

    private static Request.Direct Publish(UnitRun run, ulong number) =>
        Workloads.Direct(run.Network, ExecutionTransactions.PublishContract.Name, number, new NamedValue("code", CodeOf(number)));

    private static Bytes CodeOf(ulong number) => LotteryApplication.Resource(number % 2 == 0 ? "token.wasm" : "lottery.wasm");
}
