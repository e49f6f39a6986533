using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;
using Protean.State;
using Protean.Units;
using Protean.Units.Compiler;
using Protean.Units.State;
using Protean.Workflows;

namespace Protean.Cli.Simulation;

/// <summary>Plans for a workflow of one step, shown to the compiler as a state unit would hold it; every plan is verified.</summary>
internal sealed class CompilerWorkload : IWorkload
{
    private const int Plans = 8;

    private static readonly Workflow Workflow = new(
        "keep", [], [new ClientInput("change", ValueKind.Bytes, 1000)], [new UnitName(PlanVerifier.StateClass, 0)],
        [new Step("write", 0, StateTransactions.Write.Name, [new Argument("change", new Source.Client("change"))], [], null, new Authorization.Client(), Scope.Plan, null)]);

    private (Instance Instance, ProvenHeight Shown)? _application;

    public IFunctionalUnit Unit { get; } = new CompilerUnit(Catalog.Published);
    public ISignatureScheme Scheme => Ed25519Scheme.Instance;
    public IReadOnlyList<NamedValue> Parameters => [];

    public void Begin(UnitRun run) => Workloads.Spread(run, Plans, number => run.Ask(Compile(run, number), done => Check(run, done)));
    public Request Probe(UnitRun run, ulong nonce) => Compile(run, nonce);

    private Request.Direct Compile(UnitRun run, ulong nonce)
    {
        _application ??= Deploy(run.Network);
        var (instance, shown) = _application.Value;
        var request = Workloads.Direct(
            run.Network, CompilerTransactions.Compile.Name, nonce, new NamedValue("instance", new Bytes(instance.Id.Span)), new NamedValue("nonce", Values.OfU64(nonce)),
            new NamedValue("workflow", Bytes.Of(Workflow.Name)));
        return request with { Proofs = Proofs.None with { Heights = [shown] } };
    }

    private static (Instance, ProvenHeight) Deploy(Surroundings network)
    {
        var instance = Instance.Pin(network.Directory, [Workflow], new Instance(
            default, network.IdOf(PlanVerifier.StateClass), Surroundings.Client.PublicKey, "run", 1, 0, 2, [], [], []));
        var store = new InMemoryStore();
        var map = new StateMap(store, ProvenHeight.DataMap);
        var edit = map.Edit();
        Bytes[] keys = [WorkflowKeys.Instance(instance.Id), WorkflowKeys.Workflow(Workflow.CodeHash)];
        edit.Put(new MapEntry(keys[0], 1, Bytes.Empty, Bytes.Wrap(Canonical.Encode(instance))));
        edit.Put(new MapEntry(keys[1], 1, Bytes.Empty, Bytes.Wrap(Canonical.Encode(Workflow))));
        var batch = new StoreBatch();
        var root = new StateRoot([(ProvenHeight.DataMap, map.Commit(1, edit, batch))]);
        store.Write(batch);
        var seal = network.Seal(PlanVerifier.StateClass, 1, 1, stateRoot: root.Root);
        return (instance, new ProvenHeight(seal, new StateWitness(root.Open(ProvenHeight.DataMap), map.Current.Prove(keys, []))));
    }

    private static void Check(UnitRun run, Reply.Done done)
    {
        var plan = Canonical.Decode<Plan>(done.Outputs.Find("plan")!.Value.Span);
        var receipts = new ReceiptVerifier(run.Network.Directory, run.Network.Scheme, new VerifiedSeals());
        var refusal = new PlanVerifier(receipts).Verify(new SealedPlan(plan, done.Receipt, done.Outputs.Open(SealedPlan.Output)));
        Invariants.ReceiptsHold.Require(refusal is null, () => $"the compiler's plan does not hold: {refusal}");
    }
}
