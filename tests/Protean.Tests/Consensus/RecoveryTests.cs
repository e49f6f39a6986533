using Protean.Consensus;
using Protean.Runtime;
using Protean.Simulator;
using Xunit;

namespace Protean.Tests.Consensus;

public class RecoveryTests
{
    [Fact]
    public void A_member_that_was_away_for_a_thousand_blocks_catches_up()
    {
        var cluster = new Cluster(1, 4);
        cluster.Simulation.Start();
        cluster.Simulation[4].Crash();
        for (var i = 0; cluster.Height < 1000; i++)
        {
            cluster.Submit(1 + (i % 3), i);
            var number = i;
            cluster.AssertWithin(TimeSpan.FromSeconds(10), () => cluster.IsFinal(number), $"entry {number}");
        }
        cluster.Simulation[4].Restart();
        cluster.AssertWithin(TimeSpan.FromSeconds(5), () => cluster.AllReached(1000), "a thousand blocks in a few requests");
        cluster.Submit(4, -1);
        cluster.AssertWithin(TimeSpan.FromSeconds(5), () => cluster.IsFinal(-1), "it works with the others again");
    }

    [Fact]
    public void After_all_members_lose_power_at_once_they_go_on_where_they_were()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var cluster = new Cluster(seed, 4);
            cluster.Simulation.Conditions = new NetworkConditions(LossPerMille: 100, MaxDelay: 100);
            cluster.Simulation.Start();
            for (var i = 0; i < 10; i++) cluster.Submit(1 + (i % 4), i);
            cluster.Simulation.RunFor(TimeSpan.FromMilliseconds(cluster.Simulation.Dice.Between(10, 2000)));
            foreach (var id in cluster.Committee.Ids) cluster.Simulation[id].Crash();
            foreach (var id in cluster.Committee.Ids) cluster.Simulation[id].Restart();
            cluster.Submit(1, 77);
            cluster.AssertWithin(TimeSpan.FromSeconds(10), () => cluster.IsFinal(77), "life after the power cut");
        }
    }

    [Fact]
    public void The_application_gets_again_what_it_had_not_executed()
    {
        var cluster = new Cluster(1, 4);
        cluster.Simulation.Start();
        for (var i = 0; i < 5; i++)
        {
            cluster.Submit(1, i);
            cluster.AssertWithin(TimeSpan.FromSeconds(1), () => cluster.AllReached((ulong)i + 1), "one block each");
        }
        cluster.Simulation[2].Crash();
        cluster.Application(new MemberId(2)).Executed = 2;
        cluster.Simulation[2].Restart();
        Assert.Equal(5UL, cluster.HeightOf(new MemberId(2)));
        cluster.AssertSafe();
    }

    [Fact]
    public void A_member_restored_from_an_old_backup_notices_and_falls_silent()
    {
        var cluster = new Cluster(1, 4);
        cluster.Simulation.Start();
        cluster.Submit(1, 1);
        cluster.AssertWithin(TimeSpan.FromSeconds(1), () => cluster.AllReached(1), "a block");
        var backup = cluster.Simulation[2].CopyDisk();
        cluster.Simulation[3].Crash(); // every certificate now needs member 2
        cluster.Submit(1, 2);
        cluster.AssertWithin(TimeSpan.FromSeconds(10), () => cluster.IsFinal(2), "a block that member 2 signed");
        cluster.Simulation[2].Crash();
        cluster.Simulation[2].RestartOn(backup);
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(10));
        Assert.True(cluster[2].IsSilent);
        cluster.AssertSafe();
    }

    [Fact]
    public void A_member_without_its_disk_follows_and_signs_nothing()
    {
        var cluster = new Cluster(1, 4);
        cluster.Simulation.Start();
        cluster.Submit(1, 1);
        cluster.AssertWithin(TimeSpan.FromSeconds(1), () => cluster.AllReached(1), "a block");
        cluster.Simulation[2].Crash();
        cluster.Simulation[2].Restart(loseDisk: true);
        cluster.Submit(1, 2);
        cluster.AssertWithin(TimeSpan.FromSeconds(10), () => cluster.AllReached(2), "three members carry on, the fourth follows");
        Assert.True(cluster.IsFinal(2));
        Assert.True(cluster[2].IsSilent);
    }

    [Fact]
    public void Back_pressure_stops_entries_eight_heights_above_the_last_seal_and_never_the_chain()
    {
        var cluster = new Cluster(1, 4) { SealsLag = true };
        cluster.Simulation.Start();
        for (var i = 1; i <= 8; i++)
        {
            cluster.Submit(1, i);
            cluster.AssertWithin(TimeSpan.FromSeconds(2), () => cluster.IsFinal(i), $"entry {i}");
        }
        cluster.Submit(1, 9);
        cluster.Simulation.RunFor(TimeSpan.FromMinutes(1));
        Assert.False(cluster.IsFinal(9));
        foreach (var id in cluster.Committee.Ids) cluster.SetSeal(id, cluster.Seal(cluster.Height, cluster.Chain[cluster.Height]));
        cluster.AssertWithin(TimeSpan.FromSeconds(2), () => cluster.IsFinal(9), "the seal makes room");
    }
}
