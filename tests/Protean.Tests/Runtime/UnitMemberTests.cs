using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator;
using Protean.Sealing;
using Xunit;

namespace Protean.Tests.Runtime;

/// <summary>Order, execute, seal: what holds of every unit (protocols 0.4, 2.2, 8.4).</summary>
public sealed class UnitMemberTests
{
    private static void Await(UnitCluster cluster, int member, ulong timeMs) =>
        cluster.Simulation[member].Do("await", (protocol, effects) => ((UnitMember)protocol).Await(timeMs, effects));

    private static NamedValue Amount(ulong amount) => new("amount", CountingUnit.U64(amount));

    [Fact]
    public void A_request_to_one_member_is_executed_by_all_and_its_receipt_verifies_from_genesis()
    {
        var cluster = new UnitCluster(seed: 1, size: 4, new CountingUnit(), Ed25519Scheme.Instance);
        var done = cluster.Done(1, cluster.Direct("add", 1, Amount(5)));
        Assert.Equal(ResultStatus.Ok, done.Receipt.Leaf.Status);
        Assert.Equal(CountingUnit.U64(5), done.Outputs.Find("total"));
        Assert.Equal(done.Receipt.Leaf.OutputDigest, done.Outputs.Digest);
        Assert.True(done.Receipt.Seal.Certificate.SignaturesHold(cluster.Committee, done.Receipt.Header.SignedPayload(), Ed25519Scheme.Instance));
        Assert.True(MerkleTree.Verify(
            done.Receipt.Header.ResultsRoot, done.Receipt.Header.ResultsCount, done.Receipt.Index, Canonical.Encode(done.Receipt.Leaf), done.Receipt.Path));
    }

    [Fact]
    public void A_repeated_request_gets_the_stored_result_at_every_member_and_is_not_executed_again()
    {
        var cluster = new UnitCluster(seed: 2, size: 4, new CountingUnit());
        var request = cluster.Direct("add", 1, Amount(5));
        var first = cluster.Done(1, request);
        for (var member = 1; member <= 4; member++) Assert.Equal(first.Receipt.Leaf, cluster.Done(member, request).Receipt.Leaf);
        Assert.Equal(CountingUnit.U64(6), cluster.Done(3, cluster.Direct("add", 2, Amount(1))).Outputs.Find("total"));
    }

    [Fact]
    public void A_hundred_concurrent_duplicates_execute_once()
    {
        var cluster = new UnitCluster(seed: 3, size: 4, new CountingUnit());
        var request = cluster.Direct("add", 1, Amount(5));
        for (var i = 0; i < 100; i++) cluster.Submit(1 + (i % 4), request);
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(CountingUnit.U64(6), cluster.Done(1, cluster.Direct("add", 2, Amount(1))).Outputs.Find("total"));
    }

    [Fact]
    public void A_failure_is_sealed_with_its_reason_and_leaves_the_state_as_it_was()
    {
        var cluster = new UnitCluster(seed: 4, size: 4, new CountingUnit());
        var failed = cluster.Done(1, cluster.Direct("add", 1, Amount(0)));
        Assert.Equal(ResultStatus.Failed, failed.Receipt.Leaf.Status);
        Assert.Equal(Bytes.Of("TST-0001"), failed.Outputs.Find("code"));
        Assert.Equal(CountingUnit.U64(2), cluster.Done(1, cluster.Direct("add", 2, Amount(2))).Outputs.Find("total"));
    }

    [Fact]
    public void What_is_not_admitted_is_refused_by_code_and_never_by_an_exception()
    {
        var cluster = new UnitCluster(seed: 5, size: 4, new CountingUnit());
        var unknown = Assert.IsType<Reply.Refused>(cluster.Ask(1, cluster.Direct("subtract", 1, Amount(1))));
        Assert.StartsWith("PRT-ADM-", unknown.Refusal.Code, StringComparison.Ordinal);
        var garbage = Assert.IsType<Reply.Refused>(cluster.Ask(1, Bytes.Of("garbage")));
        Assert.Equal("PRT-RUN-0001", garbage.Refusal.Code);
    }

    [Fact]
    public void What_the_log_has_refused_is_refused_again_to_whoever_asks_again()
    {
        var cluster = new UnitCluster(seed: 5, size: 4, new CountingUnit());
        var request = cluster.Direct("add", 1, Amount(ulong.MaxValue));
        foreach (var member in new[] { 1, 2, 3, 1 })
            Assert.Equal("TST-0002", Assert.IsType<Reply.Refused>(cluster.Ask(member, request)).Refusal.Code);
    }

    [Fact]
    public void A_pending_result_stands_in_the_block_of_the_quorums_word_and_is_the_same_everywhere()
    {
        var cluster = new UnitCluster(seed: 6, size: 4, new CountingUnit());
        var request = cluster.Direct("poll", 1);
        var first = cluster.Done(1, request);
        Assert.Equal(Bytes.Of("poll about"), first.Outputs.Find("answer"));
        Assert.Equal(Bytes.Of("poll about"), first.Record);
        for (var member = 2; member <= 4; member++) Assert.Equal(first.Receipt.Leaf, cluster.Done(member, request).Receipt.Leaf);
    }

    [Fact]
    public void A_unit_generates_its_keys_by_itself_and_every_member_holds_a_share()
    {
        var cluster = new UnitCluster(seed: 7, size: 4, new CountingUnit());
        var ready = cluster.Simulation.RunUntil(
            () => Enumerable.Range(1, 4).All(member => cluster[member].Reads.Keys.All(key => key.Ready)), TimeSpan.FromSeconds(30));
        Assert.True(ready, cluster[1].Reads.Keys[0].Progress);
    }

    [Theory]
    [InlineData(11ul, 4)]
    [InlineData(12ul, 7)]
    public void Members_that_crash_and_come_back_lose_nothing_and_agree(ulong seed, int size)
    {
        var cluster = new UnitCluster(seed, size, new CountingUnit());
        cluster.Simulation.CrashPerMille = 5;
        for (ulong nonce = 1; nonce <= 30; nonce++)
        {
            cluster.Submit(1 + (int)(nonce % (ulong)size), cluster.Direct(nonce % 5 == 0 ? "poll" : "add", nonce, nonce % 5 == 0 ? [] : [Amount(1)]));
            cluster.Simulation.RunFor(TimeSpan.FromMilliseconds(300));
        }
        cluster.Simulation.CrashPerMille = 0;
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(30));
        for (ulong nonce = 1; nonce <= 30; nonce++)
            cluster.Done(2, cluster.Direct(nonce % 5 == 0 ? "poll" : "add", nonce, nonce % 5 == 0 ? [] : [Amount(1)]));
        Assert.Equal(CountingUnit.U64(25), cluster.Done(1, cluster.Direct("add", 100, Amount(1))).Outputs.Find("total"));
        Assert.Empty(cluster.Halted);
    }

    [Fact]
    public void Awaiting_a_time_makes_an_idle_unit_seal_a_block_at_or_after_it()
    {
        var cluster = new UnitCluster(seed: 8, size: 4, new CountingUnit());
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(20));
        var due = cluster.Simulation.Time + 5000;
        Await(cluster, 2, due);
        Assert.True(cluster.Simulation.RunUntil(() => cluster[2].Reads.Head?.Header.TimeMs >= due, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_time_that_the_log_has_reached_already_keeps_nobody_from_waiting_for_a_later_one()
    {
        var cluster = new UnitCluster(seed: 9, size: 4, new CountingUnit());
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(20));
        cluster.Done(1, cluster.Direct("add", 1, Amount(5)));
        var (old, due) = (cluster.Simulation.Time - 10_000, cluster.Simulation.Time + 5000);
        // As other members say it: late, or because they mean ill.
        foreach (var member in cluster.Simulation.Ids)
            cluster.Simulation[member].Do("old", (protocol, effects) => ((UnitMember)protocol).Receive(new MemberId((ushort)(member.Index == 1 ? 2 : 1)), new UnitMessage.Await(old), effects));
        Await(cluster, 2, due);
        Assert.True(cluster.Simulation.RunUntil(() => cluster[2].Reads.Head?.Header.TimeMs >= due, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_flood_of_far_times_pushes_out_no_near_one()
    {
        var cluster = new UnitCluster(seed: 12, size: 4, new CountingUnit());
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(1));
        for (var i = 0ul; i < 2 * Limits.MaxAwaited; i++) Await(cluster, 3, ulong.MaxValue - i);
        var due = cluster.Simulation.Time + 5000;
        Await(cluster, 2, due);
        Assert.True(cluster.Simulation.RunUntil(() => cluster[2].Reads.Head?.Header.TimeMs >= due, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_due_time_that_the_others_did_not_hear_of_is_told_again()
    {
        var cluster = new UnitCluster(seed: 13, size: 4, new CountingUnit());
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(1));
        cluster.Simulation.Link = static (_, _) => false;
        var due = cluster.Simulation.Time + 500;
        Await(cluster, 2, due);
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(20));
        cluster.Simulation.Link = Links.All;
        Assert.True(cluster.Simulation.RunUntil(() => cluster[2].Reads.Head?.Header.TimeMs >= due, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void An_epoch_ends_with_a_sealed_block_and_the_next_goes_on_from_the_same_state()
    {
        var cluster = new UnitCluster(seed: 10, size: 4, new CountingUnit { EpochLengthMs = 20_000 });
        var request = cluster.Direct("add", 1, Amount(5));
        var first = cluster.Done(1, request);
        Assert.True(cluster.Simulation.RunUntil(() => cluster[2].Reads.EpochLink(1) is not null, TimeSpan.FromSeconds(60)));
        var link = cluster[2].Reads.EpochLink(1)!;
        cluster.Simulation[2].Do("link", (protocol, effects) => ((UnitMember)protocol).Submit(link, effects));
        Assert.True(cluster.Simulation.RunUntil(() => cluster.Ended.Count == 4, TimeSpan.FromSeconds(30)), $"{cluster.Ended.Count} of 4 ended");
        foreach (var member in cluster.Simulation.Ids)
        {
            cluster.Simulation[member].Crash();
            cluster.Simulation[member].Restart();
        }
        Assert.Equal(first.Receipt.Leaf, cluster.Done(3, request).Receipt.Leaf);
        var second = cluster.Done(1, cluster.Direct("add", 2, Amount(1)));
        Assert.Equal(1ul, second.Receipt.Header.Context.Epoch);
        Assert.Equal(CountingUnit.U64(6), second.Outputs.Find("total"));
        Assert.Equal(CountingUnit.U64(7), cluster.Done(2, cluster.Direct("add", 3, Amount(1))).Outputs.Find("total"));
    }

    [Fact]
    public void A_member_that_sees_a_quorum_fork_the_log_stops_and_says_why()
    {
        var cluster = new UnitCluster(seed: 12, size: 4, new CountingUnit());
        cluster.Done(1, cluster.Direct("add", 1, Amount(5)));
        var seal = cluster.Done(1, cluster.Direct("add", 2, Amount(5))).Receipt.Header;
        var header = new BlockHeader(
            seal.Context, View: 1000, seal.Height, 0, Hash.H("test/parent", []), seal.TimeMs, 0, Digest.Zero, Block.RootOf([]), BlockKind.Normal);
        var forged = new Block(header, []);
        var vote = Vote.Finalize(forged.View, forged.Id);
        var run = new FinalizedRun(new Certificate(vote, cluster.Conspire(vote.SignedPayload(seal.Context))), [forged]);
        const int Witness = 4; // no conspirator
        cluster.Simulation[Witness].Do("fork", (member, effects) => member.Receive(new MemberId(1), new UnitMessage.Ordering(run), effects));
        var (halted, why) = Assert.Single(cluster.Halted);
        Assert.Equal((Witness, "PRT-RUN-0007"), (halted.Index, why.Code));
        Assert.Equal(why, cluster[Witness].Status(new UnixMs(cluster.Simulation.Time)).Halted);
    }

    [Fact]
    public void An_idle_unit_says_nothing()
    {
        var cluster = new UnitCluster(seed: 9, size: 4, new CountingUnit());
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(60));
        var height = cluster[1].Reads.Head!.Header.Height;
        cluster.Simulation.RunFor(TimeSpan.FromMinutes(10));
        Assert.Equal(height, cluster[1].Reads.Head!.Header.Height);
    }

    [Fact]
    public void A_member_whose_execution_differs_from_a_quorums_stops_says_why_and_shows_what_it_holds()
    {
        var cluster = new UnitCluster(seed: 13, size: 4, new CountingUnit { Wrong = new MemberId(3) });
        cluster.Done(1, cluster.Direct("add", 1, Amount(5)));
        Assert.True(cluster.Simulation.RunUntil(() => cluster.Halted.Count > 0, TimeSpan.FromSeconds(20)));
        var (member, why) = Assert.Single(cluster.Halted);
        Assert.Equal((new MemberId(3), "PRT-RUN-0003"), (member, why.Code));
        var dump = cluster[3].Dump().ToArray();
        Assert.Contains(dump, static line => line.StartsWith("own height", StringComparison.Ordinal));
        Assert.Contains($"data {Bytes.Of("total")} version", string.Join('\n', dump), StringComparison.Ordinal);
        Assert.Contains($"value {CountingUnit.U64(6)}", string.Join('\n', dump), StringComparison.Ordinal);
        Assert.Empty(cluster[1].Dump());
        Assert.Equal("PRT-RUN-0003", Assert.IsType<Reply.Refused>(cluster.Ask(3, cluster.Direct("add", 2, Amount(5)))).Refusal.Code);
    }
}
