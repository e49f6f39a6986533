using Protean.Simulator.Exploration;
using Xunit;

namespace Protean.Tests.Simulator;

/// <summary>The search over production members; its larger bounds are commands of docs/model.md.</summary>
public class ExplorationTests
{
    [Theory]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    public void One_view_is_safe_whatever_the_Byzantine_member_says_and_whenever_members_crash(ulong byzantineLeads)
    {
        var report = new Explorer(new(Views: 1, byzantineLeads)).Run();
        Assert.Null(report.Violation);
        Assert.True(report.IsComplete);
    }

    [Fact]
    public void A_leader_that_proposes_two_blocks_forks_nothing_and_every_kind_of_input_counts()
    {
        var report = new Explorer(new(Views: 1, ByzantineLeads: 1, MaxStates: 1000)).Run();
        Assert.Null(report.Violation);
        Assert.Equal(["AdvanceTimer", "Fetch", "Hear", "LeadTimer", "Learn", "Restart", "Run"], report.Effective.Keys);
    }

    [Fact]
    public void Nothing_is_output_after_the_end_of_the_epoch() =>
        Assert.Null(new Explorer(new(Views: 2, ByzantineLeads: 2, Restarts: false, EndsEpoch: true, MaxStates: 300)).Run().Violation);

    [Fact]
    public void A_search_says_that_it_stopped_at_its_bound() => Assert.False(new Explorer(new(Views: 3, ByzantineLeads: 1, MaxStates: 50)).Run().IsComplete);

    [Fact]
    public void The_same_search_visits_the_same_states()
    {
        var (first, second) = (new Explorer(new(1, 2)).Run(), new Explorer(new(1, 2)).Run());
        Assert.Equal((first.States, first.Transitions, first.Depth), (second.States, second.Transitions, second.Depth));
    }
}
