using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.Contracts;
using Protean.Workflows;

namespace Protean.Tests.Units;

/// <summary>The smallest application: a workflow "spend" that calls a contract and commits, its instance and a client's plan.</summary>
internal sealed class Application
{
    public Application(TestNetwork network, Digest contract = default, Workflow? workflow = null, ulong nonce = 0)
    {
        Network = network;
        Workflow = workflow ?? Spend(contract);
        Instance = new Instance(
            network.ChainId, network.IdOf("state"), Client.PublicKey, "run", nonce, 0, 10,
                [new WorkflowPin(Workflow.Name, Workflow.CodeHash)], [], []);
        Plan = new Plan(
            network.ChainId, network.IdOf("compiler"), 0, Client.PublicKey, 0, Instance, Workflow, 0, 0, 2,
            [.. Workflow.Units.Select(unit => new UnitReference(network.IdOf(unit.Class), 0, network.Committee.Hash))]);
    }

    public TestNetwork Network { get; }
    public SigningKey Client { get; } = TestNetwork.Key(1);
    public Workflow Workflow { get; }
    public Instance Instance { get; }
    public Plan Plan { get; }

    public static Workflow Spend(Digest contract, params IReadOnlyList<Argument> arguments) =>
        new("spend", [], [new ClientInput("note", ValueKind.Bytes, 64)],
        [new UnitName("execution", 0), new UnitName("state", 0)],
        [
            new Step("call", 0, "call",
                [.. arguments, new Argument("contract", new Source.Constant(new Bytes(contract.Span))),
                    new Argument("method", new Source.Constant(Bytes.Of("add")))],
                [], null, new Authorization.Client(), Scope.Plan, null),
            new Step("commit", 1, "commit", [new Argument("effects", new Source.Output(0, "effects"))], [0], null,
                new Authorization.Client(), Scope.Plan, null),
        ]);

    /// <summary>The leaf of this plan's call.</summary>
    public ResultLeaf Leaf(Effects effects, ushort attempt = 0) => new(
        Plan.Digest, 0, RequestDigests.ReplayKey(Plan, 0, attempt), Digest.Zero, Digest.Zero, "call", ResultStatus.Ok,
            Hash.H("test/outputs", Canonical.Encode(effects)));

    /// <summary>The input of a commit, as admission resolves it from the call's receipt.</summary>
    public AdmittedInput Effects(Effects effects, Func<ResultOrigin, ResultOrigin>? change = null, ushort attempt = 0)
    {
        var origin = new ResultOrigin(Network.IdOf("execution"), 0, Leaf(effects, attempt), "effects");
        return new AdmittedInput("effects", Bytes.Wrap(Canonical.Encode(effects)), change?.Invoke(origin) ?? origin);
    }
}
