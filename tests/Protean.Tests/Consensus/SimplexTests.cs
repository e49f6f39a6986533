using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Simulator;
using Xunit;

namespace Protean.Tests.Consensus;

public class SimplexTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(10)]
    public void An_entry_submitted_at_one_member_is_final_at_all(int size)
    {
        var cluster = new Cluster(1, size);
        cluster.Simulation.Start();
        cluster.Submit(1, 7);
        cluster.AssertWithin(TimeSpan.FromSeconds(1), () => cluster.IsFinal(7) && cluster.AllReached(1), "the entry is final everywhere");
    }

    [Fact]
    public void A_silent_leader_costs_one_view()
    {
        var cluster = new Cluster(1, 4);
        cluster.Simulation.Start();
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(1));
        var leader = cluster.Leader(1);
        cluster.Simulation[leader].Crash();
        var other = cluster.Committee.Ids.First(id => id != leader).Index;
        cluster.Submit(other, 1);
        cluster.AssertWithin(TimeSpan.FromSeconds(2), () => cluster.IsFinal(1), "the next leader's block");
    }

    [Fact]
    public void Real_signatures_order_entries_too()
    {
        var cluster = new Cluster(3, 4, Ed25519Scheme.Instance);
        cluster.Simulation.Start();
        for (var i = 0; i < 5; i++) cluster.Submit(1 + (i % 4), i);
        cluster.AssertWithin(TimeSpan.FromSeconds(5), () => Enumerable.Range(0, 5).All(cluster.IsFinal), "all entries");
    }

    [Fact]
    public void Idle_members_say_nothing_and_an_entry_after_an_hour_commits_at_once()
    {
        var cluster = new Cluster(1, 4);
        cluster.Simulation.Start();
        cluster.Submit(1, 1);
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(5));
        var before = cluster.Simulation.Trace.Events;
        cluster.Simulation.RunFor(Hour);
        Assert.Equal(before, cluster.Simulation.Trace.Events);
        cluster.Submit(2, 2);
        cluster.AssertWithin(
            TimeSpan.FromMilliseconds(100), () => cluster.IsFinal(2), "N102: four delays, no view lost to a time held back");
    }
}
