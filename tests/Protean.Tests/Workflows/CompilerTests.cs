using Protean.Cryptography;
using Protean.Runtime;
using Protean.Workflows;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Workflows;

[LeavesOut(typeof(Compiler), nameof(Compiler.Checks))]
public sealed class CompilerTests
{
    private readonly TestNetwork _network = new();
    private static readonly Workflow Join = TestNetwork.Lottery.Workflows.Single(workflow => workflow.Name == "join");

    [Fact]
    public void The_same_request_gives_the_same_plan() => Assert.Equal(Plan(Good).Digest, Plan(Good).Digest);

    [Fact]
    public void A_plan_expires_soon_and_never_after_its_instance()
    {
        Assert.Equal((5ul, 7ul), (Plan(Good).NotBeforeEpoch, Plan(Good).ExpiryEpoch));
        var late = Assert.IsType<Compilation.Compiled>(Compiler.Compile(Good, _network.Compiler(epoch: 7))).Plan;
        Assert.Equal(8ul, late.ExpiryEpoch);
    }

    [Fact]
    public void A_plan_names_the_committees_of_its_units()
    {
        var plan = Plan(Good);
        Assert.Equal([new UnitName("execution", 0), new UnitName("state", 0)], plan.Workflow.Units);
        Assert.Equal(_network.CommitteeOf(_network.Id("execution"), 5)!.Hash, plan.Units[0].CommitteeHash);
    }

    [Fact]
    public void An_instance_that_closed_gives_no_plan() => Refused("PRT-CMP-0101", Good, _network.Compiler(epoch: 9));

    [Fact]
    public void An_instance_without_a_state_unit_gives_no_plan() =>
        Refused("PRT-CMP-0102", Good with { Instance = Good.Instance with { StateUnit = _network.Id("execution") } }, _network.Compiler());

    [Fact]
    public void A_workflow_proven_at_an_old_height_gives_no_plan()
    {
        Refused("PRT-CMP-0103", Good, _network.Compiler() with { NewestStateHeight = 90 + Limits.MaxStateLag + 1 });
        Assert.IsType<Compilation.Compiled>(Compiler.Compile(Good,
            _network.Compiler() with { NewestStateHeight = 90 + Limits.MaxStateLag }));
    }

    [Fact]
    public void A_unit_that_the_network_has_not_gives_no_plan()
    {
        var workflow = new Workflow(Join.Name, Join.Parameters, Join.Inputs, [new UnitName("execution", 5), Join.Units[1]], Join.Steps);
        Refused("PRT-CMP-0104", Good with
        {
            Workflow = workflow,
            Instance = Good.Instance with { Workflows = [new WorkflowPin("join", workflow.CodeHash)] }
        }, _network.Compiler());
    }

    [Fact]
    public void A_workflow_that_is_not_pinned_gives_no_plan() =>
        Refused("PRT-PLN-0003", Good with { Instance = Good.Instance with { Workflows = [] } }, _network.Compiler());

    [Fact]
    public void A_workflow_that_breaks_a_rule_gives_no_plan_whoever_published_it()
    {
        var reveal = TestNetwork.Lottery.Workflows.Single(workflow => workflow.Name == "reveal");
        var often = new Workflow("reveal", reveal.Parameters, reveal.Inputs, reveal.Units,
            [reveal.Steps[0] with { Scope = Scope.Plan }, .. reveal.Steps.Skip(1)]);
        Refused("PRT-CMP-0010", Good with
        {
            Workflow = often,
            Instance = Good.Instance with { Workflows = [new WorkflowPin("reveal", often.CodeHash)] }
        }, _network.Compiler());
    }

    private CompileRequest Good => new(Join, _network.LotteryInstance, 90, TestNetwork.Client.PublicKey, 1);

    private Plan Plan(CompileRequest request) => Assert.IsType<Compilation.Compiled>(Compiler.Compile(request, _network.Compiler())).Plan;

    private static void Refused(string code, CompileRequest request, CompilerContext context)
    {
        Assert.Equal([code], Assert.IsType<Compilation.Refused>(Compiler.Compile(request, context)).Refusals.Select(refusal => refusal.Code));
        Assert.Null(Compiler.Checks.FirstRefusal(new CompileCase(request, context), without: code));
    }
}
