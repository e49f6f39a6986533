using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Workflows;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Simulator.Runs;

/// <summary>Plans of one workflow over the tally: add what the client says; add that total once more; and, when the oracle's time has come,
/// add one.</summary>
public sealed class TallyPlans
{
    public const ushort First = 0, Doubled = 1, Late = 2;

    private readonly Surroundings _network;
    private readonly Instance _instance;

    public TallyPlans(Surroundings network, ulong lateAfterMs)
    {
        _network = network;
        LateAfterMs = lateAfterMs;
        Workflow = new Workflow(
            "sums", [], [new ClientInput("amount", ValueKind.U64, sizeof(ulong))], [new UnitName("tally", 0), new UnitName(Surroundings.Oracle, 0)],
            [
                Add("first", new Source.Client("amount"), [], null),
                Add("doubled", new Source.Output(First, TallyUnit.Total), [First], null),
                Add("late", new Source.Constant(Values.OfU64(1)), [First], new Barrier.AfterTime(1, new Bound.Fixed(lateAfterMs))),
            ]);
        _instance = Instance.Pin(network.Directory, [Workflow], new Instance(
            default, network.IdOf(PlanVerifier.StateClass), Surroundings.Client.PublicKey, "run", 1, 0, 2, [], [], []));
    }

    public Workflow Workflow { get; }

    /// <summary>The oracle's time that the third step waits for.</summary>
    public ulong LateAfterMs { get; }

    public Plan Plan(ulong nonce) => new(
        _network.Directory.ChainId, _network.IdOf(PlanVerifier.CompilerClass), 0, Surroundings.Client.PublicKey, nonce, _instance, Workflow, 1, 0, 1,
        [.. Workflow.Units.Select(unit => new UnitReference(_network.IdOf(unit.Class), 0, _network.Committee.Hash))]);

    public static Request.Planned Start(SealedPlan plan, ulong amount) =>
        new(plan, First, 0, [new NamedValue("amount", Values.OfU64(amount))], [], Proofs.None);

    public static Request.Planned Double(SealedPlan plan, Reply.Done first) =>
        new(plan, Doubled, 0, [], [], Proofs.None with { Dependencies = [new Dependency(First, first.Receipt, [first.Outputs.Open(TallyUnit.Total)])] });

    public static Request.Planned Finish(SealedPlan plan, Reply.Done first, SealedHeader oracle) => new(plan, Late, 0, [], [], Proofs.None with
    {
        Dependencies = [new Dependency(First, first.Receipt, [])],
        Heights = [new ProvenHeight(oracle, null)],
    });

    private static Step Add(string name, Source amount, IReadOnlyList<ushort> after, Barrier? barrier) => new(
        name, 0, TallyUnit.Add, [new Argument(TallyUnit.Amount, amount)], after, barrier, new Authorization.Client(), Scope.Plan, null);
}
