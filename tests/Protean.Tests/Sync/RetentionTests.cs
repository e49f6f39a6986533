using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Storage;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Tests.Node;
using Protean.Tests.Runtime;
using Xunit;

namespace Protean.Tests.Sync;

/// <summary>What a member keeps follows from what can still be asked for, and not from how long the unit has run (docs/operators.md).</summary>
public sealed class RetentionTests(ITestOutputHelper output)
{
    /// <summary>Set to 1, a million transactions go through the replay store instead of a fiftieth of them.</summary>
    private const string ExhaustiveVariable = "PROTEAN_EXHAUSTIVE";

    private const long ReplayBytes = 64 << 20;

    [Fact]
    public void Disks_grow_with_live_data_and_not_with_history()
    {
        var cluster = new UnitCluster(21, 4, new CountingUnit { EpochLengthMs = 20_000 });
        var sizes = new List<(int Keys, long Bytes)>();
        var nonce = 0UL;
        for (ulong epoch = 0; epoch < 14; epoch++)
        {
            for (var i = 0; i < 40; i++) cluster.Done(1, cluster.Direct("add", ++nonce, epoch + 1, new NamedValue("amount", CountingUnit.U64(1))));
            sizes.Add(SizeOf(cluster.Simulation[2].Store, Bytes.Empty));
            cluster.NextEpoch();
        }
        output.WriteLine(string.Join('\n', sizes.Select(static (size, epoch) => $"epoch {epoch}: {size.Keys} keys, {size.Bytes} bytes")));
        // Past the heights that are kept in any case, all that an epoch adds for good is its link.
        var (early, late) = (sizes[9], sizes[13]);
        Assert.InRange(late.Keys, 1, early.Keys + (early.Keys / 20));
        Assert.InRange(late.Bytes, 1, early.Bytes + (early.Bytes / 10));

        // What has expired is refused, though nothing is left that remembers it.
        var expired = Assert.IsType<Reply.Refused>(cluster.Ask(3, cluster.Direct("add", 1, 1, new NamedValue("amount", CountingUnit.U64(1)))));
        Assert.Equal("PRT-ADM-0003", expired.Refusal.Code);
        var last = cluster.Done(4, cluster.Direct("add", ++nonce, 15, new NamedValue("amount", CountingUnit.U64(1))));
        Assert.Equal(CountingUnit.U64(nonce), last.Outputs.Find("total"));
    }

    [Fact]
    public void A_million_transactions_leave_no_more_than_64_MiB_of_replay_entries()
    {
        const int Epochs = 40, PerBlock = 500, Transactions = 1_000_000;
        var share = Environment.GetEnvironmentVariable(ExhaustiveVariable) == "1" ? 1 : 50;
        var blocks = Transactions / share / Epochs / PerBlock;
        using var folder = new TemporaryFolder();
        using var database = RocksDatabase.Open(folder.At("data"), Digest.Zero, Digest.Zero);
        var store = database.StoreFor("replay"u8);
        var state = new UnitState(store);
        var (height, done, largest) = (0UL, 0UL, 0L);
        for (ulong epoch = 0; epoch < Epochs; epoch++)
        {
            for (var block = 0; block < Math.Max(1, blocks); block++)
            {
                height++;
                var entries = Enumerable.Range(0, PerBlock).Select(i => Entry(done + (ulong)i, epoch, height, (uint)i)).ToArray();
                done += PerBlock;
                Execute(state, store, entries, epoch, height);
            }
            largest = Math.Max(largest, SizeOf(store, Bytes.Of("state/")).Bytes);
        }
        output.WriteLine($"{done} transactions in {height} blocks of {Epochs} epochs: at most {largest} bytes of replay entries");
        Assert.InRange(largest, 1, ReplayBytes / share);
        Assert.Null(ReplayCache.Find(state.Replay, KeyOf(0)));
        Assert.NotNull(ReplayCache.Find(state.Replay, KeyOf(done - 1)));
    }

    private static void Execute(UnitState state, RocksStore store, ReplayEntry[] entries, ulong epoch, ulong height)
    {
        var (edits, batch) = (state.Edit(), new StoreBatch());
        var expired = state.Results.Expired(epoch);
        foreach (var result in expired) edits.Replay.Delete(new Bytes(result.ReplayKey.Span));
        foreach (var entry in entries) ReplayCache.Put(edits.Replay, entry, height);
        state.Results.Placed(entries, batch);
        state.Results.Forget(expired, batch);
        state.Commit(new ExecutedBlock(height, Digest.Zero, height), edits, [], batch);
        store.Write(batch);
    }

    private static Digest KeyOf(ulong number) => Hash.H("test/replay", BitConverter.GetBytes(number));

    private static ReplayEntry Entry(ulong number, ulong epoch, ulong height, uint index)
    {
        var key = KeyOf(number);
        return new ReplayEntry(
            epoch + Limits.PlanEpochs, new ResultLeaf(key, 0, key, key, key, "write", ResultStatus.Ok, key), new LeafPlace(height, index), null);
    }

    private static (int Keys, long Bytes) SizeOf(IStore store, Bytes prefix)
    {
        var (keys, bytes) = (0, 0L);
        foreach (var (key, value) in store.Scan(prefix)) (keys, bytes) = (keys + 1, bytes + key.Length + value.Length);
        return (keys, bytes);
    }
}
