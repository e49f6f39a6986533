using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Units;
using Protean.Units.PrivateStorage;
using Protean.Workflows;

namespace Protean.Tests.PrivateStorage;

/// <summary>A run of an application in which participants write what is opened together, and buyers read what they have paid for.</summary>
internal sealed class RevealRun
{
    public static readonly Workflow Workflow = new(
        "reveal", [], [new ClientInput("request", ValueKind.Bytes, 4096), new ClientInput("secret", ValueKind.Bytes, 4096)],
        [new UnitName("private-storage", 0), new UnitName("state", 0)],
        [
            new Step("write", 0, "write", [new Argument("secret", new Source.Client("secret"))], [], null, new Authorization.Client(), Scope.Plan, null),
            new Step("reveal", 0, "reveal", [new Argument("release", new Source.Constant(Values.OfU64(1)))], [], null, new Authorization.Anyone(), Scope.Instance, null),
            new Step("pay", 1, "commit", [], [], null, new Authorization.Client(), Scope.Plan, null),
            new Step("payOnce", 1, "commit", [], [], null, new Authorization.Anyone(), Scope.Instance, null),
            new Step("read", 0, "read", [new Argument("request", new Source.Client("request"))], [2, 3], null, new Authorization.Client(), Scope.Plan, null),
        ]);

    private const ushort WriteStep = 0, RevealStep = 1, ReadStep = 4;
    public const ushort Pay = 2, PayOnce = 3;

    private readonly TestNetwork _network;

    public RevealRun(TestNetwork network)
    {
        _network = network;
        Instance = new Instance(
            network.ChainId, network.IdOf("state"), StorageFixture.Alice.PublicKey, "run", 0, 0, 10, [new WorkflowPin(Workflow.Name, Workflow.CodeHash)], [], []);
    }

    public Instance Instance { get; }

    public Outcome Write(TestUnit unit, SigningKey by, Secret secret) =>
        unit.Step(PlanOf(by), WriteStep, [new AdmittedInput("secret", Bytes.Wrap(Canonical.Encode(secret)), null)]);

    public Outcome Reveal(TestUnit unit, ulong release) =>
        unit.Step(PlanOf(StorageFixture.Carol), RevealStep, [new AdmittedInput("release", Values.OfU64(release), null)]);

    /// <summary>A read that shows the receipt of a step.</summary>
    public Outcome Read(TestUnit unit, SigningKey by, SecretRequest request, ushort shown, ResultStatus status = ResultStatus.Ok, string function = "commit")
    {
        var leaf = new ResultLeaf(PlanOf(by).Digest, shown, Digest.Zero, Digest.Zero, Digest.Zero, function, status, Digest.Zero);
        return unit.Step(PlanOf(by), ReadStep, [new AdmittedInput("request", Bytes.Wrap(Canonical.Encode(request)), null)],
            proofs: Proofs.None with { Dependencies = [new Dependency(shown, _network.Receipt("state", leaf), [])] });
    }

    private Plan PlanOf(SigningKey client) => new(
        _network.ChainId, _network.IdOf("compiler"), 0, client.PublicKey, 0, Instance, Workflow, 0, 0, 2,
        [.. Workflow.Units.Select(unit => new UnitReference(_network.IdOf(unit.Class), 0, _network.Committee.Hash))]);
}
