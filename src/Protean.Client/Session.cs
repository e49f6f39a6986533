using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units;
using Protean.Units.Compiler;
using Protean.Units.Execution;
using Protean.Units.State;
using Protean.Workflows;
using Protean.Client.Plans;

namespace Protean.Client;

/// <summary>One user on one network: direct calls, plans, and their runs.</summary>
/// <param name="network">May be shared by many sessions.</param>
/// <param name="identity">The user; not disposed of here.</param>
public sealed class Session(Network network, Identity identity)
{
    /// <summary>A direct request whose last epoch is not near the unit's.</summary>
    private const string Outlived = "PRT-ADM-0003";

    public Network Network => network;
    public Identity Identity => identity;

    /// <summary>What a unit of this class publishes, as this version of the library has it.</summary>
    public static IReadOnlyList<Transaction> TransactionsOf(string unitClass) =>
        Catalog.Published.FirstOrDefault(unit => unit.Class == unitClass)?.Transactions ?? [];

    /// <summary>Calls a transaction that needs no plan (protocols 8.7).</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="function">Its transaction.</param>
    /// <param name="arguments">In any order; values of a repeated input in their own.</param>
    /// <param name="state">The state that the transaction reads, if it reads any.</param>
    /// <param name="cosigners">Others whose signatures it needs.</param>
    /// <param name="cancel">Stops waiting; the call may still happen.</param>
    /// <returns>Sealed, be it a success or a failure.</returns>
    /// <exception cref="RefusedException">It did not happen.</exception>
    public async Task<Result> Call(
        UnitEntry unit, string function, IReadOnlyList<NamedValue> arguments, ProvenHeight? state = null,
            IReadOnlyList<Identity>? cosigners = null,
        CancellationToken cancel = default)
    {
        while (true)
        {
            var epoch = network.Directory.CurrentEpoch;
            try
            {
                return await network.Submit(Prepare(unit, function, arguments, state, cosigners), cancel);
            }
            catch (RefusedException refused) when (refused.Refusal.Code == Outlived)
            {
                // It did not happen. Epochs may have passed that this client was not there to see.
                await network.FollowEpochs(cancel);
                if (network.Directory.CurrentEpoch == epoch) throw;
            }
        }
    }

    /// <summary>The signed request of a call, to be sent by <see cref="Network.Submit"/>: once or often, it is executed once.</summary>
    public Request Prepare(
        UnitEntry unit, string function, IReadOnlyList<NamedValue> arguments, ProvenHeight? state = null, IReadOnlyList<Identity>? cosigners = null)
    {
        var request = new Request.Direct(
            unit.UnitId, identity.PublicKey, FreshNonce(), network.Directory.CurrentEpoch + Limits.PlanEpochs, function,
            [.. arguments.OrderBy(static argument => argument.Name, StringComparer.Ordinal)], [],
            Proofs.None with { Heights = state is null ? [] : [state] });
        return Sign(request, unit, [identity, .. cosigners ?? []]);
    }

    /// <summary>Puts a workflow's text into the state unit, where instances can pin it. Publishing it again changes nothing.</summary>
    public async Task<Result> Publish(Workflow workflow, UnitEntry? stateUnit = null, CancellationToken cancel = default)
    {
        var result = await Call(
            stateUnit ?? network.Unit(PlanVerifier.StateClass), StateTransactions.Publish.Name,
            [new NamedValue("workflow", Bytes.Wrap(Canonical.Encode(workflow)))], cancel: cancel);
        return result.RequireOk();
    }

    /// <summary>Gives a contract's code to the execution unit; its name follows from its code
    /// (<see cref="PublishedContracts.IdOf"/>).</summary>
    public async Task<Digest> Publish(Bytes contractCode, UnitEntry? executionUnit = null, CancellationToken cancel = default)
    {
        var unit = executionUnit ?? network.Unit("execution");
        var result = await Call(unit, ExecutionTransactions.PublishContract.Name, [new NamedValue("code", contractCode)], cancel: cancel);
        return new Digest(result.Output("contractId").Span);
    }

    /// <summary>Makes an instance of an application, whose workflows must be published.</summary>
    /// <param name="terms">Name, nonce, epochs, parameters; network, creator, state unit, pins and operations are filled in.</param>
    /// <param name="workflows">All that it will run.</param>
    /// <param name="stateUnit">Where it lives.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<Instance> Create(Instance terms, IReadOnlyList<Workflow> workflows, UnitEntry? stateUnit = null,
        CancellationToken cancel = default)
    {
        var unit = stateUnit ?? network.Unit(PlanVerifier.StateClass);
        var instance = Instance.Pin(network.Directory, workflows, terms with { Creator = identity.PublicKey, StateUnit = unit.UnitId });
        var result = await Call(unit, StateTransactions.Create.Name, [new NamedValue("instance", Bytes.Wrap(Canonical.Encode(instance)))],
            cancel: cancel);
        result.RequireOk();
        return instance;
    }

    /// <summary>Changes users' entries of a state unit, all or none.</summary>
    /// <param name="changes">In any order.</param>
    /// <param name="stateUnit">Where.</param>
    /// <param name="cosigners">Other owners.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <returns>Of status Stale where an entry is not as its writer saw it.</returns>
    public Task<Result> Write(
        IReadOnlyList<Change> changes, UnitEntry? stateUnit = null, IReadOnlyList<Identity>? cosigners = null,
            CancellationToken cancel = default) =>
        Call(stateUnit ?? network.Unit(PlanVerifier.StateClass), StateTransactions.Write.Name,
            [.. changes.OrderBy(static change => change.Key).Select(static change =>
                new NamedValue("change", Bytes.Wrap(Canonical.Encode(change))))],
            cosigners: cosigners, cancel: cancel);

    /// <summary>Asks the compiler for a plan, showing it the workflow and the instance as the state unit holds them (protocols
    /// 8.1).</summary>
    /// <exception cref="RefusedException">The compiler's refusal, or PRT-CLI-0008: it made another plan.</exception>
    public async Task<SealedPlan> Compile(Instance instance, string workflow, CancellationToken cancel = default)
    {
        var codeHash = instance.CodeHashOf(workflow)
            ?? throw new RefusedException(
                ClientRefusals.OtherPlan("the instance has no such workflow",
                string.Join(", ", instance.Workflows.Select(static pin => pin.Name)), workflow));
        var state = await network.State(instance.StateUnit, [WorkflowKeys.Instance(instance.Id), WorkflowKeys.Workflow(codeHash)], [],
            cancel: cancel);
        var compiler = network.Unit(PlanVerifier.CompilerClass);
        var nonce = FreshNonce();
        NamedValue[] arguments =
        [
            new("instance", new Bytes(instance.Id.Span)), new("nonce", Values.OfU64(nonce)), new("workflow", Bytes.Of(workflow)),
        ];
        var result = await Call(compiler, CompilerTransactions.Compile.Name, arguments, state, cancel: cancel);
        var plan = Canonical.Decode<Plan>(result.Output("plan").Span);
        RequireAskedFor(plan, instance, codeHash, nonce);
        var made = new SealedPlan(plan, result.Receipt, result.Outputs.Open(SealedPlan.Output));
        var receipts = new Sealing.ReceiptVerifier(network.Directory, Ed25519Scheme.Instance, new Sealing.VerifiedSeals());
        return new PlanVerifier(receipts).Verify(made) is { } refusal ? throw new RefusedException(refusal) : made;
    }

    /// <summary>Begins a run of a plan. Nothing is sent before <see cref="PlanRun.Complete"/>.</summary>
    /// <param name="plan">Made for this user.</param>
    /// <param name="inputs">What the workflow asks its client for.</param>
    /// <param name="journal">Where the run is kept so that it can be resumed; null to keep it in memory alone.</param>
    /// <param name="cosigners">Others whose signatures steps need.</param>
    public PlanRun Begin(SealedPlan plan, IReadOnlyList<NamedValue> inputs, RunJournal? journal = null,
        IReadOnlyList<Identity>? cosigners = null) =>
        new(this, (journal ?? RunJournal.InMemory()).Start(plan, inputs), cosigners ?? []);

    /// <summary>Continues a run where its journal ends: after this program was killed, or on another machine.</summary>
    public PlanRun Resume(RunJournal journal, IReadOnlyList<Identity>? cosigners = null) => new(this, journal, cosigners ?? []);

    /// <summary>A plan and its whole run.</summary>
    public async Task<RunResult> Run(
        Instance instance, string workflow, IReadOnlyList<NamedValue> inputs, RunJournal? journal = null,
            IReadOnlyList<Identity>? cosigners = null,
        CancellationToken cancel = default) =>
        await Begin(await Compile(instance, workflow, cancel), inputs, journal, cosigners).Complete(cancel);

    internal Request Sign(Request request, UnitEntry unit, IReadOnlyList<Identity> signers)
    {
        if (RequestSigning.TryPayload(request, network.Directory, TransactionsOf(unit.Class), out var payload) is { } refusal)
            throw new RefusedException(refusal);
        return signers.Aggregate(request, (signed, signer) => signed.With(signer.Sign(payload)));
    }

    private void RequireAskedFor(Plan plan, Instance instance, Digest codeHash, ulong nonce)
    {
        if (plan.Instance.Id != instance.Id) throw Other("instance", instance.Id.ToString(), plan.Instance.Id.ToString());
        if (plan.Workflow.CodeHash != codeHash) throw Other("workflow", codeHash.ToString(), plan.Workflow.CodeHash.ToString());
        if (plan.Client != identity.PublicKey) throw Other("client", identity.PublicKey.ToString(), plan.Client.ToString());
        if (plan.ClientNonce != nonce) throw Other("nonce", $"{nonce}", $"{plan.ClientNonce}");
    }

    private static RefusedException Other(string what, string expected, string got) => new(ClientRefusals.OtherPlan(what, expected, got));

    // Random, so that no counter has to be kept: two of a client's calls meet with probability 2^-64 for each pair.
    private static ulong FreshNonce()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Cryptography.SystemRandom.Instance.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
