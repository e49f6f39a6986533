using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Tests.State;
using Protean.Tests.Workflows;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.Runtime;

/// <summary>Good requests of the lottery, to be spoiled one field at a time.</summary>
internal sealed class Requests
{
    public const ulong Epoch = 5;

    public Requests()
    {
        Instance = Network.LotteryInstance;
        State = Maps.With(
            new MapEntry(Tickets("1"), 1, default, Bytes.Of("alice")), new MapEntry(Tickets("2"), 1, default, Bytes.Of("bob")),
                Maps.Entry("other"));
        Roots = new StateRoot([("replay", Hash.H("r", [])), ("data", State.Map.Current.Root)]);
    }

    public TestNetwork Network { get; } = new();
    public Instance Instance { get; set; }
    public Maps State { get; }
    public StateRoot Roots { get; }

    public Bytes Tickets(string key) =>
        Bytes.Wrap([.. "c/"u8, .. Network.Id("execution").Span, (byte)'/', .. ContractId("lottery").Span, (byte)'/', .. "tickets/"u8,
        .. Instance.Id.Span, .. Bytes.Of("/" + key).Span]);

    public static Digest ContractId(string name) => Hash.H("contract", Bytes.Of(name).Span);

    public static Workflow Workflow(string name) => TestNetwork.Lottery.Workflows.Single(workflow => workflow.Name == name);

    public Plan Plan(string workflow, ulong nonce = 1) =>
        Assert.IsType<Compilation.Compiled>(Compiler.Compile(new CompileRequest(Workflow(workflow), Instance, 90,
            TestNetwork.Client.PublicKey, nonce), Network.Compiler())).Plan;

    public AdmissionContext Context(string unitClass, ulong timeMs = 3000, ulong epoch = Epoch, uint ordinal = 0) => new(
        Network.Id(unitClass, ordinal), epoch, 50, timeMs, TestNetwork.TransactionsOf(unitClass), Network, null);

    public ProvenHeight Height(ulong height = 100, ulong timeMs = 6000, string unitClass = "state", StateWitness? witness = null) =>
        new(TestNetwork.Sealed(Network.Header(Network.Id(unitClass), Epoch, height, timeMs, Roots.Root)), witness);

    public StateWitness Witness(IEnumerable<Bytes> keys, IEnumerable<Bytes> prefixes) =>
        new(Roots.Open("data"), State.Map.Current.Prove(keys, prefixes));

    /// <summary>join.pay: the client's, with a contract's state.</summary>
    public Request.Planned Pay(Plan? plan = null) => new(
        Network.Seal(plan ?? Plan("join")), 0, 0, [], [],
            Proofs.None with { Heights = [Height(witness: Witness([Maps.Key("other")], []))] });

    /// <summary>join.commit: builds on join.pay.</summary>
    public Request.Planned Commit(Plan? plan = null)
    {
        var of = plan ?? Plan("join");
        return new(Network.Seal(of), 1, 0, [], [], Proofs.None with { Dependencies = [Result(of, 0)] });
    }

    /// <summary>reveal.draw: anyone's, once for the instance, over all tickets.</summary>
    public Request.Planned Draw(Plan? plan = null) => new(
        Network.Seal(plan ?? Plan("reveal")), 0, 0, [], [], Proofs.None with { Heights = [Height(witness: Witness([], [Tickets("")]))] });

    /// <summary>A direct write.</summary>
    public Request.Direct Write() => new(
        Network.Id("state"), TestNetwork.Client.PublicKey, 3, Epoch + 1, "write", [new("key", Bytes.Of("k")), new("value", Bytes.Of("v"))],
            [], Proofs.None);

    /// <summary>A step's result with its outputs opened.</summary>
    public Dependency Result(Plan plan, ushort step, ResultStatus status = ResultStatus.Ok, ushort attempt = 0, Func<ResultLeaf,
        ResultLeaf>? spoil = null, string? unit = null, ulong epoch = Epoch)
    {
        var subject = plan.Workflow.Steps[step];
        var outputs = new Outputs([new NamedValue("effects", Bytes.Of("fx")), new NamedValue("value", Bytes.Of("random"))]);
        var leaf = new ResultLeaf(plan.Digest, step, RequestDigests.ReplayKey(plan, step, attempt), default, default, subject.Function,
            status, outputs.Digest);
        var receipt = Network.Receipt(unit is null ? plan.UnitIdOf(subject) : Network.Id(unit), spoil is null ? leaf : spoil(leaf), epoch);
        return new Dependency(step, receipt, [outputs.Open("effects"), outputs.Open("value")]);
    }

    /// <summary>A round of the beacon, sealed.</summary>
    public BeaconRecord Beacon(ulong round, Bytes value)
    {
        var leaf = new ResultLeaf(Digest.Zero, 0, RequestDigests.Duty(BeaconRecord.Function, Values.OfU64(round)), default, default,
            BeaconRecord.Function, ResultStatus.Ok, BeaconRecord.OutputsOf(round, value).Digest);
        return new BeaconRecord(Network.Id("randomness"), round, value, Network.Receipt(Network.Id("randomness"), leaf, Epoch));
    }

    public Request Sign(Request request, AdmissionContext context, SigningKey? key = null)
    {
        Assert.Null(RequestSigning.TryPayload(request, Network, context.Transactions, out var payload));
        return request.With(new KeySignature((key ?? TestNetwork.Client).PublicKey, (key ?? TestNetwork.Client).Sign(payload!)));
    }

    public static AdmissionDecision Judge(Request request, AdmissionContext context, string? without = null) =>
        new Admission(Ed25519Scheme.Instance, new VerifiedSeals(), without).Admit(Canonical.Decode<Request>(Canonical.Encode(request)),
            context);

    public static AdmittedRequest Admitted(Request request, AdmissionContext context) =>
        Assert.IsType<AdmissionDecision.Admitted>(Judge(request, context)).Request;

    /// <summary>The check refuses it, and nothing else does.</summary>
    /// <param name="code">Of the check.</param>
    /// <param name="request">Wrong in one respect.</param>
    /// <param name="context">Where it is judged.</param>
    /// <param name="admissionCode">The check of admission that calls the one with this code, where only it can be left out.</param>
    public static void RefusedOnlyBy(string code, Request request, AdmissionContext context, string? admissionCode = null)
    {
        Assert.Equal(code, Assert.IsType<AdmissionDecision.Refused>(Judge(request, context)).Refusal.Code);
        var without = Judge(request, context, admissionCode ?? code);
        if (without is AdmissionDecision.Refused refused) Assert.Fail($"without {code}: {refused.Refusal}");
    }
}
