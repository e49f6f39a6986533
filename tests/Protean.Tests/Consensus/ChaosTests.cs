using System.Globalization;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Simulator;
using Protean.Simulator.Byzantine;
using Xunit;

namespace Protean.Tests.Consensus;

/// <summary>Runs drawn from seeds: every fault at once, then a network that heals. PROTEAN_SEEDS sets how many per committee
/// size.</summary>
public class ChaosTests
{
    private const int DefaultSeeds = 150;
    private static readonly int Seeds =
        int.TryParse(Environment.GetEnvironmentVariable("PROTEAN_SEEDS"), CultureInfo.InvariantCulture, out var seeds)
            ? seeds
            : DefaultSeeds;

    private static readonly string[] Deeds =
        ["withhold", "select", "garbage", "replay", "equivocate", "skip", "twins", "lose disk", "skew clock", "stay down"];

    private const int ByzantineDeeds = 7;


    private static readonly string[] MustHappen =
    [
        "fault/loss", "fault/duplicate", "fault/cut", "fault/crash", "fault/crash-amidst", "fault/restart", "fault/lost-disk",
        "message/malformed",
        "message/Proposal", "message/VoteMessage", "message/CertificateMessage", "message/Gossip", "message/Status",
        "message/GetCertificate",
        "message/GetBlock", "message/BlockMessage", "message/GetFinal", "message/FinalizedRun",
    ];

    [Theory]
    [InlineData(4, 10)]
    [InlineData(7, 15)]
    [InlineData(10, 20)]
    public void No_two_honest_members_decide_differently_and_a_healed_network_commits(int size, int seconds)
    {
        var happened = new Counters();
        Parallel.For(0, Seeds, i =>
        {
            var simulation = Run((ulong)((size * 1_000_000) + i), size, TimeSpan.FromSeconds(seconds)).Simulation;
            lock (happened)
                foreach (var (name, count) in simulation.Counters.Counts) happened.Add(name, count);
        });
        if (Seeds >= DefaultSeeds) Assert.All(MustHappen, name => Assert.True(happened[name] > 0, $"{name} never happened"));
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        for (var seed = 1UL; seed <= 20; seed++)
            Assert.Equal(TraceOf(seed), TraceOf(seed));
        Assert.NotEqual(TraceOf(1), TraceOf(2));

        static Digest TraceOf(ulong seed) => Run(seed, 4, TimeSpan.FromSeconds(10)).Simulation.Trace.Hash;
    }

    [Fact]
    public void One_Byzantine_member_too_many_is_noticed()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var liars = new HashSet<MemberId> { new(1), new(2) };
            var collusion = new Collusion();
            Cluster cluster = null!;
            cluster = new Cluster(seed, 4, disguise: (incarnation, member) =>
                liars.Contains(incarnation.Member) ? Equivocator(cluster, incarnation.Member, member, collusion) : member);
            cluster.Byzantine.UnionWith(liars);
            cluster.Simulation.Start();
            for (var i = 0; i < 10; i++) cluster.Submit(3 + (i % 2), i);
            cluster.Simulation.RunFor(TimeSpan.FromSeconds(10));
            if (cluster.Violations.Count > 0) return;
        }
        Assert.Fail("two of four members lied to both others, and the checker saw nothing wrong");
    }

    internal static Cluster Run(ulong seed, int size, TimeSpan toCommit)
    {
        var dice = new Dice(seed ^ 0x5EED);
        var cluster = Draw(dice, seed, size, out var deeds);
        var simulation = cluster.Simulation;
        simulation.Conditions =
            new NetworkConditions(dice.Between(0, 300), dice.Between(0, 500), 1, dice.Between(1, 300), dice.Between(0, 50), 5000);
        simulation.CrashPerMille = dice.Between(0, 6);
        simulation.MaxJobDelay = 50;
        simulation.Start();
        var at = 0;
        for (var i = 0; i < 40; i++)
        {
            var (member, number) = (dice.Between(1, size), i);
            at = dice.Chance(700) ? at + dice.Between(0, 50) : dice.Between(0, 20_000); // often in bursts
            simulation.After(at, () => cluster.Submit(member, number));
        }
        for (at = dice.Between(0, 8000); at < 20_000; at += dice.Between(1000, 10_000)) Cut(dice, cluster, at);
        if (dice.Chance(300)) simulation.After(dice.Between(0, 20_000), () => PowerCut(cluster));
        foreach (var (member, deed) in deeds) Apply(dice, cluster, member, deed);
        simulation.RunFor(TimeSpan.FromSeconds(20));

        simulation.Conditions = new NetworkConditions(MaxDelay: 100);
        simulation.CrashPerMille = 0;
        simulation.Link = Links.All;
        simulation.RunFor(TimeSpan.FromSeconds(2)); // whoever crashed last is up again
        cluster.AssertSafe();
        var working = cluster.Committee.Ids.First(id => !deeds.ContainsKey(id));
        cluster.Submit(working.Index, 999);
        cluster.AssertWithin(toCommit, () => cluster.IsFinal(999), "a commit after the network healed");
        var height = cluster.Height;
        bool Caught(MemberId id) =>
            cluster.Byzantine.Contains(id) || deeds.GetValueOrDefault(id) == "stay down" || cluster.HeightOf(id) >= height;
        cluster.AssertWithin(TimeSpan.FromSeconds(10), () => cluster.Committee.Ids.All(Caught), "everyone catches up");
        foreach (var accused in cluster.Honest.Where(id => simulation[id].Protocol is not null).SelectMany(id => cluster[id].Evidence))
            Assert.True(cluster.Byzantine.Contains(accused.Culprit), $"seed {seed}: evidence frames {accused.Culprit}");
        return cluster;
    }

    private static Cluster Draw(Dice dice, ulong seed, int size, out SortedDictionary<MemberId, string> deeds)
    {
        var drawn = deeds = [];
        for (var i = 0; i < (size - 1) / 3; i++) drawn[new MemberId((ushort)dice.Between(1, size))] = dice.Pick(Deeds);
        var collusion = new Collusion();
        Cluster cluster = null!;
        cluster = new Cluster(seed, size, disguise: (incarnation, member) =>
            Disguise(cluster, drawn.GetValueOrDefault(incarnation.Member), incarnation, member, collusion));
        cluster.AnyEntryGoes = drawn.ContainsValue("garbage");
        cluster.Byzantine.UnionWith(drawn.Where(pair => Deeds.AsSpan()[..ByzantineDeeds].Contains(pair.Value)).Select(pair => pair.Key));
        return cluster;
    }

    private static IProtocol<ConsensusMessage, FinalizedBlock> Disguise(
        Cluster cluster, string? deed, Incarnation incarnation, IProtocol<ConsensusMessage, FinalizedBlock> member, Collusion collusion)
    {
        var dice = cluster.Simulation.Dice;
        var others = cluster.OthersOf(incarnation.Member);
        return deed switch
        {
            "withhold" => new Withholder<ConsensusMessage, FinalizedBlock>(member, dice, 500) { Others = others },
            "select" => new SelectiveSender<ConsensusMessage, FinalizedBlock>(member, others.Take(others.Count / 2).ToHashSet())
            {
                Others = others,
            },
            "garbage" => new GarbageSender<ConsensusMessage, FinalizedBlock>(member, dice) { Others = others },
            "replay" => new Replayer<ConsensusMessage, FinalizedBlock>(member, dice) { Others = others },
            "equivocate" => Equivocator(cluster, incarnation.Member, member, collusion),
            "skip" => new Skipper(member, Cluster.KeyOf(incarnation.Member), new CheapSignatures(), dice) { Others = others },
            "twins" => new Twins<ConsensusMessage, FinalizedBlock>(
                member, cluster.Member(incarnation with { Store = new InMemoryStore() })),
            _ => member,
        };
    }

    private static Equivocator Equivocator(
        Cluster cluster, MemberId id, IProtocol<ConsensusMessage, FinalizedBlock> member, Collusion collusion) =>
        new(member, cluster.Context, Cluster.KeyOf(id), new CheapSignatures(), collusion) { Others = cluster.OthersOf(id) };

    private static void Apply(Dice dice, Cluster cluster, MemberId member, string deed)
    {
        var simulated = cluster.Simulation[member];
        switch (deed)
        {
            case "skew clock": simulated.ClockSkew = dice.Between(-600_000, 600_000); break;
            case "stay down":
                cluster.Simulation.CrashPerMille = 0; // nobody comes back by chance
                cluster.Simulation.After(dice.Between(0, 10_000), simulated.Crash);
                break;
            case "lose disk":
                cluster.Simulation.After(dice.Between(0, 10_000), () =>
                {
                    simulated.Crash();
                    simulated.Restart(loseDisk: true);
                });
                break;
        }
    }

    // All at once: nothing is left but what the disks hold.
    private static void PowerCut(Cluster cluster)
    {
        var up = cluster.Committee.Ids.Where(id => cluster.Simulation[id].Protocol is not null).ToArray();
        foreach (var id in up) cluster.Simulation[id].Crash();
        foreach (var id in up) cluster.Simulation[id].Restart();
    }

    private static void Cut(Dice dice, Cluster cluster, int at)
    {
        var someone = new MemberId((ushort)dice.Between(1, cluster.Committee.Size));
        var link = dice.Between(0, 2) switch
        {
            0 => Links.Mute(someone),
            1 => Links.Deaf(someone),
            _ => Links.Split(new HashSet<MemberId>(cluster.Committee.Ids.Where(_ => dice.Chance(500)))),
        };
        cluster.Simulation.After(at, () => cluster.Simulation.Link = link);
        cluster.Simulation.After(at + dice.Between(500, 6000), () => cluster.Simulation.Link = Links.All);
    }
}
