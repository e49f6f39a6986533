using Protean.Cryptography;
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

    [Theory]
    [InlineData(1UL, true)]
    [InlineData(1UL, false)]
    [InlineData(4UL, true)]
    public void A_member_that_runs_twice_breaks_no_promise_whatever_the_partitions_of_two_rounds(ulong twinnedLeads, bool apart)
    {
        var reports = new Twins(new(Rounds: 2, [twinnedLeads], apart)).RunAll().ToArray();
        Assert.Equal([52L, 52 * 52], reports.Select(report => report.Scenarios));
        Assert.All(reports, report => Assert.Null(report.Violation));
        Assert.All(reports, report => Assert.Equal(report.Scenarios, report.Safe));
    }

    /// <summary>(52^4 + 20^4) / 2: an exchange of the two copies leaves 20 of the 52 partitions as they are.</summary>
    [Fact]
    public void Of_two_scenarios_that_differ_by_an_exchange_of_equal_seats_one_is_run()
    {
        var partitions = new Partitions([1, 1, 2, 3, 4]);
        var prefixes = new Dictionary<ulong, long> { [partitions.All] = 1 };
        for (var round = 0; round < 4; round++)
            prefixes = (from prefix in prefixes
                        from partition in Enumerable.Range(0, partitions.Count)
                        let kept = partitions.Fixing(prefix.Key, partition)
                        where kept is not null
                        group prefix.Value by kept.Value).ToDictionary(group => group.Key, group => group.Sum());
        Assert.Equal(((52L * 52 * 52 * 52) + (20 * 20 * 20 * 20)) / 2, prefixes.Values.Sum());
    }

    [Fact]
    public void Scenarios_drawn_by_chance_are_safe_to_the_fourth_round()
    {
        var random = new SeededRandom(4);
        var twins = new Twins(new(Rounds: 4, [1], Apart: true));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Null(twins.RunOne(random)));
    }

    [Fact]
    public void Two_members_that_run_twice_are_more_than_four_bear_and_the_fork_is_found()
    {
        var report = new Twins(new(Rounds: 1, [1, 2], Apart: true)).RunAll().Single();
        Assert.Contains("output different blocks", report.Violation, StringComparison.Ordinal);
        Assert.True(report.Safe < report.Scenarios);
        Assert.Single(report.Partitions);
    }
}
