using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;
using Protean.Units;
using Protean.Units.Compiler;
using Protean.Units.State;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.Units;

public sealed class CompilerUnitTests
{
    private readonly TestNetwork _network = new();
    private readonly TestUnit _compiler;
    private readonly TestUnit _state;
    private readonly Application _application;

    public CompilerUnitTests()
    {
        _compiler = new TestUnit(_network, new CompilerUnit(Catalog.Published));
        _state = new TestUnit(_network, new StateUnit());
        _application = new Application(_network);
        _state.Direct("publish", Client, [new("workflow", Bytes.Wrap(Canonical.Encode(_application.Workflow)))]);
        _state.Direct("create", Client, [new("instance", Bytes.Wrap(Canonical.Encode(_application.Instance)))]);
    }

    [Fact]
    public void A_workflow_and_an_instance_that_are_proven_make_a_plan_that_its_digest_names()
    {
        var outcome = Compile(Proof());
        var plan = Canonical.Decode<Plan>(outcome.Output("plan").Span);
        Assert.Equal(plan.Digest, outcome.Digest("planDigest"));
        Assert.Equal((_application.Instance, _application.Workflow, Client, 9ul),
            (plan.Instance, plan.Workflow, plan.Client, plan.ClientNonce));
    }

    [Fact]
    public void What_is_not_proven_makes_no_plan()
    {
        Assert.Equal("PRT-CMP-0110", Compile(null).Code());
        Assert.Equal("PRT-CMP-0111", Compile(_state.Prove([WorkflowKeys.Workflow(_application.Workflow.CodeHash)])).Code());
        Assert.Equal("PRT-CMP-0113", Compile(_state.Prove([WorkflowKeys.Instance(_application.Instance.Id)])).Code());
        Assert.Equal("PRT-CMP-0112", Compile(Proof(), "vote").Code());
    }

    [Fact]
    public void An_instance_is_read_at_the_state_unit_that_it_names()
    {
        var elsewhere = _application.Instance with { StateUnit = _network.IdOf("execution") };
        _state.State.Put(new MapEntry(WorkflowKeys.Instance(elsewhere.Id), 1, Owner.None.ToBytes(),
            Bytes.Wrap(Canonical.Encode(elsewhere))));
        Assert.Equal("PRT-CMP-0115", Compile(_state.Prove([WorkflowKeys.Instance(elsewhere.Id)]), instance: elsewhere.Id).Code());
    }

    [Fact]
    public void A_past_state_makes_no_plan_once_a_much_later_one_was_seen()
    {
        var early = Proof();
        for (var i = 0ul; i <= Limits.MaxStateLag; i++) _state.Direct("publish", Client, [new("workflow", Bytes.Empty)]);
        Assert.IsType<Outcome.Ok>(Compile(Proof()));
        Assert.Equal("PRT-CMP-0103", Compile(early).Code());
    }

    [Fact]
    public void A_client_has_so_many_plans_in_an_epoch()
    {
        Compile(Proof());
        var counter = Assert.Single(_compiler.State.Scan(Bytes.Of("plans/")));
        var tariff = Values.OfU64((ulong)_application.Workflow.Steps.Count);
        Assert.Equal(tariff, counter.Value);
        _compiler.State.Put(counter with { Value = Values.OfU64(Limits.PlanStepsPerEpoch) });
        Assert.Equal("PRT-CMP-0114", Compile(Proof()).Code());
        _network.CurrentEpoch = 1;
        var next = new TestUnit(_network, new CompilerUnit(Catalog.Published));
        next.State.Put(_compiler.State.Get(counter.Key)!);
        Assert.IsType<Outcome.Ok>(Compile(Proof(), unit: next));
        Assert.Equal(tariff, Assert.Single(next.State.Scan(Bytes.Of("plans/"))).Value);
    }

    [Fact]
    public void A_workflow_that_breaks_a_rule_is_refused_with_the_rules_code()
    {
        var workflow = new Workflow("bad", [], [], [new UnitName("state", 0)],
            [new Step("draw", 0, "draw", [], [], null, new Authorization.Client(), Scope.Plan, null)]);
        var application = new Application(_network, workflow: workflow);
        _state.Direct("publish", Client, [new("workflow", Bytes.Wrap(Canonical.Encode(workflow)))]);
        _state.Direct("create", Client, [new("instance", Bytes.Wrap(Canonical.Encode(application.Instance with { Name = "run" })))]);
        var proof = _state.Prove([WorkflowKeys.Workflow(workflow.CodeHash), WorkflowKeys.Instance(application.Instance.Id)]);
        Assert.Equal("PRT-CMP-0002", Compile(proof, "bad", application.Instance.Id).Code());
    }

    private PublicKey Client => _application.Client.PublicKey;

    private ProvenHeight Proof() =>
        _state.Prove([WorkflowKeys.Workflow(_application.Workflow.CodeHash), WorkflowKeys.Instance(_application.Instance.Id)]);

    private Outcome Compile(ProvenHeight? state, string workflow = "spend", Digest? instance = null, TestUnit? unit = null) =>
        (unit ?? _compiler).Direct("compile", Client,
        [new("instance", new Bytes((instance ?? _application.Instance.Id).Span)), new("nonce", Values.OfU64(9)),
            new("workflow", Bytes.Of(workflow))], state);
}
