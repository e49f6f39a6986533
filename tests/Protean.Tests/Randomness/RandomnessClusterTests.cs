using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Runtime;
using Protean.Units.Randomness;
using Xunit;

namespace Protean.Tests.Randomness;

/// <summary>The whole unit in the simulator: consensus, key generation, draws, beacon, seals.</summary>
public sealed class RandomnessClusterTests
{
    private const ulong PeriodMs = 5_000;

    [Theory]
    [InlineData(21ul, 4)]
    [InlineData(22ul, 7)]
    public void A_draw_of_a_new_network_is_proven_from_the_committee_alone(ulong seed, int size)
    {
        var cluster = Ready(seed, size);
        var draw = cluster.Direct("draw", 1, new NamedValue("about", Bytes.Of("tickets")));
        var done = cluster.Done(1, draw);
        Assert.Null(RandomnessRecord.Verify(done.Record, KeyOf(cluster), done.Receipt.Leaf, done.Outputs));
        for (var member = 2; member <= size; member++) Assert.Equal(done.Outputs, cluster.Done(member, draw).Outputs);
        Assert.Empty(cluster.Halted);
    }

    [Fact]
    public void Members_that_crash_while_the_key_is_made_and_used_agree_and_nobody_is_convicted()
    {
        var cluster = new UnitCluster(seed: 23, size: 4, new RandomnessUnit());
        cluster.Simulation.CrashPerMille = 5;
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(20));
        for (ulong nonce = 1; nonce <= 5; nonce++)
        {
            cluster.Submit((int)(nonce % 4) + 1, cluster.Direct("draw", nonce, new NamedValue("about", Bytes.Empty)));
            cluster.Simulation.RunFor(TimeSpan.FromSeconds(1));
        }
        cluster.Simulation.CrashPerMille = 0;
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(30));
        var values = Enumerable.Range(1, 4).Select(
            member => cluster.Done(member, cluster.Direct("draw", 99, new NamedValue("about", Bytes.Empty))).Outputs.Find("value"));
        Assert.Single(values.Distinct());
        Assert.DoesNotContain("convicted", cluster[1].Reads.Keys[0].Progress, StringComparison.Ordinal);
        Assert.Empty(cluster.Halted);
    }

    [Fact]
    public void Beacon_rounds_are_sealed_one_after_another_and_proven_without_a_receipt()
    {
        var cluster = Ready(seed: 24, size: 4, new NamedValue(Beacon.PeriodParameter, CountingUnit.U64(PeriodMs)));
        var first = (cluster.Simulation.Time - cluster.Directory.Genesis.TimeMs) / PeriodMs + 1;
        cluster.Simulation.RunFor(TimeSpan.FromMilliseconds(4 * PeriodMs));
        var key = KeyOf(cluster);
        for (var round = first; round < first + 3; round++)
        {
            var done = cluster[2].Reads.Duty("beacon", CountingUnit.U64(round)).Sealed!;
            Assert.Null(RandomnessRecord.Verify(done.Record, key, done.Receipt.Leaf, done.Outputs));
            Assert.True(RandomnessRecord.ProvesBeacon(done.Record, key, round, done.Outputs.Find("value")!.Value));
        }
        Assert.Equal(new DutyReading(false, null), cluster[2].Reads.Duty("beacon", CountingUnit.U64(first + 10)));

        var record = Canonical.Decode<BeaconRecord>(Assert.IsType<Answer.Given>(cluster[3].Reads.Query("beacon", CountingUnit.U64(first))).Value.Span);
        var receipts = new ReceiptVerifier(cluster.Directory, cluster.Scheme, new VerifiedSeals());
        Assert.True(record.Holds(receipts));
        Assert.False((record with { Round = first + 1 }).Holds(receipts));
        Assert.False((record with { Value = Bytes.Of("chosen") }).Holds(receipts));
        Assert.False((record with { UnitId = Digest.Zero }).Holds(receipts));
    }

    private static UnitCluster Ready(ulong seed, int size, params IReadOnlyList<NamedValue> parameters)
    {
        var cluster = new UnitCluster(seed, size, new RandomnessUnit(), Ed25519Scheme.Instance, parameters);
        Assert.True(
            cluster.Simulation.RunUntil(() => cluster[1].Reads.Key(RandomnessUnit.KeyPurpose) is not null, TimeSpan.FromSeconds(60)),
            cluster[1].Reads.Keys[0].Progress);
        return cluster;
    }

    // What a stranger does who has the directory and nothing else.
    private static GeneratedKey KeyOf(UnitCluster cluster)
    {
        var reading = cluster[1].Reads.Key(RandomnessUnit.KeyPurpose)!;
        var context = new UnitContext(cluster.Directory.ChainId, cluster.UnitId, 0, cluster.Committee.Hash);
        Assert.Equal(reading.Outputs.Digest, reading.Receipt.Leaf.OutputDigest);
        Assert.Null(reading.Record.Verify(reading.Outputs, context, cluster.Committee, Ed25519Scheme.Instance, out var key));
        return key!;
    }
}
