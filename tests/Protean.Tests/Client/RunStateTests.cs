using Protean.Client;
using Protean.Client.Plans;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.Client;

public sealed class RunStateTests
{
    private readonly Protean.Tests.Workflows.TestNetwork _network = new();

    [Fact]
    public void A_step_is_ready_when_what_it_builds_on_has_happened()
    {
        var state = new RunState(PlanOf(Call("a"), Commit("b", 0)));
        Assert.Equal([0], state.Ready);
        state.Apply(Outcome(state, 0));
        Assert.Equal([1], state.Ready);
        state.Apply(Outcome(state, 1));
        Assert.Empty(state.Ready);
        Assert.True(state.Succeeded);
    }

    [Fact]
    public void Steps_that_do_not_build_on_each_other_are_ready_together() =>
        Assert.Equal([0, 1], new RunState(PlanOf(Call("a"), Call("b"), Commit("c", 0, 1))).Ready);

    [Fact]
    public void A_stale_commit_sends_back_what_it_was_computed_from_and_no_commit_before_it()
    {
        var state = new RunState(PlanOf(Call("a"), Commit("b", 0), Call("c"), Commit("d", 2) with { Dependencies = [1, 2] }));
        foreach (var step in (ushort[])[0, 1, 2]) state.Apply(Outcome(state, step));
        var stale = Outcome(state, 3, ResultStatus.Stale);
        state.Apply(stale);
        Assert.Equal([2], state.Ready);
        Assert.Equal([0, 0, 1, 1], Enumerable.Range(0, 4).Select(step => (int)state.AttemptOf((ushort)step)));
        Assert.Equal(stale.Result.Receipt, state.StaleBefore(2));
        Assert.NotNull(state.Outcomes[1]);
    }

    [Fact]
    public void A_failure_lets_run_what_makes_up_for_it_and_nothing_else()
    {
        var state = new RunState(PlanOf(Call("a") with { OnFailure = 2 }, Commit("b", 0), Call("c") with { Dependencies = [0] }));
        state.Apply(Outcome(state, 0, ResultStatus.Failed));
        Assert.Equal([2], state.Ready);
        state.Apply(Outcome(state, 2));
        Assert.Empty(state.Ready);
        Assert.False(state.Succeeded);
        Assert.Equal("a", state.Failed!.Name);
    }

    [Fact]
    public void What_makes_up_for_a_failure_does_not_run_without_one()
    {
        var state = new RunState(PlanOf(Call("a") with { OnFailure = 1 }, Call("b") with { Dependencies = [0] }));
        state.Apply(Outcome(state, 0));
        Assert.Empty(state.Ready);
        Assert.True(state.Succeeded);
    }

    [Fact]
    public void Staleness_without_end_is_given_up()
    {
        var state = new RunState(PlanOf(Call("a"), Commit("b", 0)));
        var refused = Assert.Throws<RefusedException>(() =>
        {
            for (var i = 0; i <= RunState.MaxAttempts; i++)
            {
                state.Apply(Outcome(state, 0));
                state.Apply(Outcome(state, 1, ResultStatus.Stale));
            }
        });
        Assert.Equal("PRT-CLI-0009", refused.Refusal.Code);
    }

    private static Step Call(string name) => new(name, 0, "call", [], [], null, new Authorization.Client(), Scope.Plan, null);

    private static Step Commit(string name, params ushort[] from) => new(
        name, 1, "commit", [.. from.Select(static step => new Argument("effects", new Source.Output(step, "effects")))], from, null,
            new Authorization.Client(), Scope.Plan, null);

    private Plan PlanOf(params Step[] steps)
    {
        var workflow = new Workflow("test", [], [], [new UnitName("execution", 0), new UnitName("state", 0)], steps);
        var unit = new UnitReference(_network.Id("execution"), 0, Digest.Zero);
        var instance = _network.Instance([workflow]);
        return new Plan(_network.ChainId, _network.Id("compiler"), 5, default, 0, instance, workflow, 0, 5, 6,
            [unit, unit with { UnitId = _network.Id("state") }]);
    }

    private StepOutcome Outcome(RunState state, ushort step, ResultStatus status = ResultStatus.Ok)
    {
        var leaf = new ResultLeaf(state.Plan.Digest, step, default, default, default, "call", status, Outputs.None.Digest);
        var request = new Request.Planned(_network.Seal(state.Plan), step, state.AttemptOf(step), [], [], Proofs.None);
        return new StepOutcome(request, new Result(_network.Receipt(_network.Id("execution"), leaf), Outputs.None, Bytes.Empty));
    }
}
