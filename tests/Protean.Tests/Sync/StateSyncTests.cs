using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.Simulator.Byzantine;
using Protean.State;
using Protean.Sync;
using Protean.Tests.Runtime;
using Xunit;

namespace Protean.Tests.Sync;

/// <summary>Members that lost their disk, or were away for longer than the others keep blocks (docs/protocols/state-sync.md).</summary>
public sealed class StateSyncTests
{
    private static NamedValue Amount(ulong amount) => new("amount", CountingUnit.U64(amount));

    [Theory]
    [InlineData(1ul, 4)]
    [InlineData(2ul, 7)]
    public void A_member_that_lost_its_disk_takes_the_state_from_the_others_and_signs_nothing_in_this_epoch(ulong seed, int size)
    {
        var cluster = new UnitCluster(seed, size, new CountingUnit { EpochLengthMs = 60_000 });
        var first = cluster.Done(1, cluster.Direct("add", 1, Amount(5)));
        Add(cluster, 2, 40);
        var said = Signed(cluster, size);
        cluster.LoseDisk(size);
        CaughtUp(cluster, size);
        Assert.Contains(cluster.Synced, synced => synced.Member.Index == size);
        Add(cluster, 42, 60);
        CaughtUp(cluster, size);
        Assert.True(cluster[size].IsSilent);
        Assert.Empty(said);

        // What it never executed it still answers, with the receipt that the others gave.
        var again = cluster.Done(size, cluster.Direct("add", 1, Amount(5)));
        Assert.Equal((first.Receipt.Leaf, first.Receipt.Header), (again.Receipt.Leaf, again.Receipt.Header));
        Assert.Equal(first.Outputs, again.Outputs);

        cluster.NextEpoch();
        CaughtUp(cluster, size);
        Assert.False(cluster[size].IsSilent);
        cluster.Done(size, cluster.Direct("add", 1000, 2, Amount(1)));
        Assert.NotEmpty(said);
        Assert.Empty(cluster.Halted);
    }

    [Fact]
    public void A_silent_member_of_a_unit_that_has_become_idle_gets_the_seals_of_what_it_executed()
    {
        var cluster = new UnitCluster(9, 4, new CountingUnit());
        for (ulong nonce = 1; nonce <= 21; nonce++) cluster.Done(1, cluster.Direct("add", nonce, Amount(1)));
        cluster.LoseDisk(4);
        Assert.True(cluster.Simulation.RunUntil(() => cluster[4].Reads.Head == cluster[1].Reads.Head, TimeSpan.FromSeconds(10)));
        Assert.True(cluster[4].IsSilent);
    }

    [Fact]
    public void A_member_that_was_away_for_longer_than_blocks_are_kept_takes_the_state_and_votes_again()
    {
        var cluster = new UnitCluster(3, 4, new CountingUnit());
        cluster.Done(1, cluster.Direct("add", 1, Amount(5)));
        cluster.Simulation[4].Crash();
        Add(cluster, 2, 40);
        cluster.Simulation[4].Restart();
        CaughtUp(cluster, 4);
        Assert.Contains(cluster.Synced, synced => synced.Member.Index == 4);
        cluster.Simulation[1].Crash(); // from now on nothing happens without member 4
        cluster.Done(2, cluster.Direct("add", 1000, Amount(1)));
        Assert.False(cluster[4].IsSilent);
    }

    [Fact]
    public void A_member_that_missed_whole_epochs_follows_their_links_and_begins_where_the_last_one_began()
    {
        var cluster = new UnitCluster(4, 4, new CountingUnit { EpochLengthMs = 20_000 });
        cluster.Done(1, cluster.Direct("add", 1, Amount(5)));
        cluster.Simulation[4].Crash();
        for (ulong epoch = 1; epoch <= 3; epoch++)
        {
            cluster.NextEpoch();
            cluster.Done(1, cluster.Direct("add", 100 + epoch, epoch + 1, Amount(1)));
        }
        cluster.Simulation[4].Restart();
        CaughtUp(cluster, 4);
        Assert.Equal(3ul, cluster[4].Epoch);
        cluster.Simulation[1].Crash();
        Assert.Equal(CountingUnit.U64(9), cluster.Done(4, cluster.Direct("add", 1000, 4, Amount(1))).Outputs.Find("total"));
    }

    [Theory]
    [InlineData("entries of another map")]
    [InlineData("nothing")]
    [InlineData("a changed proof")]
    [InlineData("another root")]
    public void Garbage_is_refused_and_who_gives_it_passed_over(string deed)
    {
        var cluster = new UnitCluster(5, 4, new CountingUnit());
        cluster.Deed = (id, member) => id.Index is 1 or 2
            ? new Garbler(member, deed) { Others = [.. cluster.Committee.Ids.Where(other => other != id)] } : member;
        foreach (var liar in new[] { 1, 2 })
        {
            cluster.Simulation[liar].Crash();
            cluster.Simulation[liar].Restart();
        }
        Add(cluster, 1, 40);
        cluster.LoseDisk(4);
        CaughtUp(cluster, 4);
        cluster.Done(4, cluster.Direct("add", 1000, Amount(1)));
        Assert.True(cluster.Simulation.RunUntil(() => cluster[4].Reads.Head == cluster[3].Reads.Head, TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData(6ul)]
    [InlineData(7ul)]
    [InlineData(8ul)]
    public void Crashes_and_losses_amidst_it_begin_it_anew_and_nothing_half_done_is_ever_used(ulong seed)
    {
        var cluster = new UnitCluster(seed, 4, new CountingUnit());
        Add(cluster, 1, 40);
        cluster.Simulation.Conditions = new(LossPerMille: 150, DuplicatePerMille: 150, MaxDelay: 200);
        cluster.Simulation.CrashPerMille = 20;
        cluster.LoseDisk(4);
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(20));
        cluster.Simulation.CrashPerMille = 0;
        cluster.Simulation.Conditions = NetworkConditions.Calm;
        CaughtUp(cluster, 4);
        cluster.Done(3, cluster.Direct("add", 1000, Amount(1)));
        CaughtUp(cluster, 4);
        Assert.Empty(cluster.Halted);
    }

    [Theory]
    [InlineData(9ul)]
    [InlineData(10ul)]
    [InlineData(11ul)]
    public void An_older_disk_image_is_noticed_before_anything_new_is_signed(ulong seed)
    {
        var cluster = new UnitCluster(seed, 4, new CountingUnit());
        var said = Signed(cluster, 2);
        Add(cluster, 1, 3);
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(5));
        var image = cluster.Simulation[2].CopyDisk();
        cluster.Simulation[3].Crash(); // now nothing happens without member 2
        Add(cluster, 4, 6);
        var before = said.ToHashSet();
        cluster.Simulation[2].Crash();
        cluster.Simulation[3].Restart();
        cluster.Simulation[2].RestartOn(image);
        Add(cluster, 10, 3);
        CaughtUp(cluster, 2);
        Assert.True(cluster[2].IsSilent);
        Assert.DoesNotContain(said, message => !before.Contains(message));

        // It stays so, whatever happens, until its key is another one.
        cluster.Simulation[2].Crash();
        cluster.Simulation[2].Restart();
        Add(cluster, 20, 2);
        Assert.True(cluster[2].IsSilent);
        Assert.Empty(cluster.Halted);
    }

    [Fact]
    public void A_member_that_only_restarted_is_not_taken_for_one_that_has_forgotten()
    {
        var cluster = new UnitCluster(12, 4, new CountingUnit());
        for (var round = 0; round < 10; round++)
        {
            Add(cluster, (ulong)(10 * round) + 1, 2);
            cluster.Simulation[2].Crash();
            cluster.Simulation[2].Restart();
        }
        cluster.Simulation[3].Crash();
        Add(cluster, 1000, 2);
        Assert.False(cluster[2].IsSilent);
    }

    private static void Add(UnitCluster cluster, ulong nonce, int count)
    {
        for (var i = 0; i < count; i++, nonce++) cluster.Done(1, cluster.Direct("add", nonce, Amount(1)));
    }

    private static void CaughtUp(UnitCluster cluster, int member) => Assert.True(
        cluster.Simulation.RunUntil(() => cluster.Height(member) == cluster.Members.Max(cluster.HeightOf), TimeSpan.FromMinutes(2)),
        $"seed {cluster.Simulation.Seed}: member {member} at {cluster.Height(member)} of {cluster.Members.Max(cluster.HeightOf)}");

    // What a member says that needs its key of the epoch.
    private static List<UnitMessage> Signed(UnitCluster cluster, int member)
    {
        var said = new List<UnitMessage>();
        cluster.Simulation.OnSent = (from, message) =>
        {
            if (from.Index != member) return;
            if (message is UnitMessage.SealVote or UnitMessage.Share or UnitMessage.Ordering { Message: VoteMessage or Proposal }
                or UnitMessage.Ordering { Message: Gossip { Entry.Kind: EntryKind.Contribution } }) said.Add(message);
        };
        return said;
    }

    /// <summary>Serves state that is not what it says.</summary>
    private sealed class Garbler(IProtocol<UnitMessage, UnitEvent> inner, string deed) : Interceptor<UnitMessage, UnitEvent>(inner)
    {
        protected override void Send(MemberId to, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
        {
            if (message is UnitMessage.Sync { Message: SyncMessage.Entries entries }) message = new UnitMessage.Sync(Garbled(entries));
            if (deed == "another root" && message is UnitMessage.Sync { Message: SyncMessage.Offer offer })
                message = new UnitMessage.Sync(offer with { Snapshot = offer.Snapshot with { DataRoot = offer.Snapshot.KeysRoot } });
            effects.Send(to, message);
        }

        private SyncMessage.Entries Garbled(SyncMessage.Entries entries)
        {
            var none = Canonical.Decode<MapProof>([0]);
            switch (deed)
            {
                case "nothing": return entries with { Proof = none };
                case "entries of another map": return entries with { Map = (byte)((entries.Map + 1) % Snapshot.Maps.Count) };
                case "a changed proof":
                    var bytes = Canonical.Encode(entries.Proof);
                    bytes[^1] ^= 1;
                    return entries with { Proof = Canonical.Decode<MapProof>(bytes) };
                default: return entries;
            }
        }
    }
}
