using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Node;
using Protean.Node.Storage;
using Protean.Runtime;
using Xunit;

namespace Protean.Tests.Node;

public sealed class RocksStoreTests : IDisposable
{
    private static readonly Digest Chain = Hash.Blake2b("chain"u8);
    private static readonly Digest Node = Hash.Blake2b("node"u8);

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.At("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_batch_is_visible_at_once_and_its_last_change_of_a_key_wins()
    {
        using var database = Open();
        var store = database.StoreFor("unit"u8);
        store.Write(Batch(("a", "1"), ("b", "2"), ("a", "3"), ("b", null)));

        Assert.Equal("3"u8.ToArray(), store.Get("a"u8));
        Assert.Null(store.Get("b"u8));
    }

    [Fact]
    public void Members_do_not_see_each_other_though_one_name_begins_with_the_other()
    {
        using var database = Open();
        var one = database.StoreFor("unit"u8);
        var other = database.StoreFor("uni"u8);
        one.Write(Batch(("key", "mine")));
        other.Write(Batch(("tkey", "theirs")));

        Assert.Null(other.Get("key"u8));
        Assert.Equal("theirs", Assert.Single(other.Scan(default)).Value.ToText());
        Assert.Equal("mine", Assert.Single(one.Scan(default)).Value.ToText());
    }

    [Fact]
    public void It_agrees_with_a_sorted_dictionary()
    {
        using var database = Open();
        var name = 0;
        var key = Gen.Byte[0, 3].Array[0, 3];
        var change = Gen.Select(key, Gen.Byte.Array[0, 4].Null());
        Gen.Select(change.List[0, 8].List[0, 8], key, key).Sample((batches, prefix, from) =>
        {
            var store = database.StoreFor(BitConverter.GetBytes(Interlocked.Increment(ref name)));
            var model = new SortedDictionary<Bytes, byte[]>();
            foreach (var changes in batches)
            {
                var batch = new StoreBatch();
                foreach (var (k, v) in changes)
                {
                    if (v is null) batch.Delete(new Bytes(k));
                    else batch.Put(new Bytes(k), v);
                    if (v is null) model.Remove(new Bytes(k));
                    else model[new Bytes(k)] = v;
                }
                store.Write(batch);
            }
            var expected = model
                .Where(pair => pair.Key.Span.StartsWith(prefix) && pair.Key >= new Bytes(from))
                .Select(pair => (pair.Key, new Bytes(pair.Value)));
            return store.Scan(new Bytes(prefix), new Bytes(from)).SequenceEqual(expected)
                && model.All(pair => store.Get(pair.Key.Span).AsSpan().SequenceEqual(pair.Value));
        }, iter: 200);
    }

    [Fact]
    public async Task What_was_flushed_is_there_after_the_process_was_killed()
    {
        using var database = Open();
        var store = database.StoreFor("unit"u8);
        store.Write(Batch(("vote", "view 7")));
        await store.FlushAsync();

        // What a kill leaves: the files as they are, no orderly close.
        TemporaryFolder.Copy(Path.Combine(Data, "database"), _folder.At("killed", "database"));
        using var reopened = RocksDatabase.Open(_folder.At("killed"), Chain, Node);
        Assert.Equal("view 7"u8.ToArray(), reopened.StoreFor("unit"u8).Get("vote"u8));
    }

    [Fact]
    public async Task Flushing_without_a_write_is_done_at_once()
    {
        using var database = Open();
        var store = database.StoreFor("unit"u8);
        Assert.True(store.FlushAsync().AsTask().IsCompletedSuccessfully);
        store.Write(Batch(("a", "1")));
        await store.FlushAsync();
        Assert.True(store.FlushAsync().AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Many_members_share_a_flush_and_all_their_writes_last()
    {
        using (var database = Open())
        {
            await Parallel.ForAsync(0, 8, async (member, _) =>
            {
                var store = database.StoreFor([(byte)member]);
                for (var i = 0; i < 50; i++)
                {
                    store.Write(Batch(($"{i}", $"{member}")));
                    await store.FlushAsync();
                }
            });
        }
        using var reopened = Open();
        for (var member = 0; member < 8; member++) Assert.Equal(50, reopened.StoreFor([(byte)member]).Scan(default).Count());
    }

    [Fact]
    public void A_folder_in_use_is_refused()
    {
        using var database = Open();
        Refused("PRT-NOD-0003");
    }

    [Fact]
    public void A_folder_of_another_network_or_node_is_refused()
    {
        Open().Dispose();
        Refused("PRT-NOD-0002", chain: Hash.Blake2b("other"u8));
        Refused("PRT-NOD-0002", node: Hash.Blake2b("other"u8));
        Open().Dispose();
    }

    [Fact]
    public void A_folder_with_other_files_is_not_taken_for_a_new_one()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "letters.txt"), "dear");
        Refused("PRT-NOD-0001");
    }

    [Fact]
    public void A_file_where_the_folder_should_be_is_refused()
    {
        File.WriteAllText(Data, "not a folder");
        Refused("PRT-NOD-0004");
    }

    [Theory]
    [InlineData("CURRENT")]
    [InlineData("MANIFEST-*")]
    [InlineData("*.sst")]
    [InlineData("*.log")]
    public void A_lost_file_is_noticed_at_start(string pattern)
    {
        Fill();
        foreach (var file in Directory.GetFiles(Path.Combine(Data, "database"), pattern)) File.Delete(file);
        Refused("PRT-NOD-0001");
    }

    [Theory]
    [InlineData("MANIFEST-*")]
    [InlineData("*.sst")]
    [InlineData("*.log")]
    public void A_flipped_bit_is_noticed_at_start(string pattern)
    {
        Fill();
        var file = Directory.GetFiles(Path.Combine(Data, "database"), pattern).OrderByDescending(name => new FileInfo(name).Length).First();
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 3] ^= 0x10;
        File.WriteAllBytes(file, bytes);
        Refused("PRT-NOD-0001");
    }

    // More than two write buffers: some of it in a table file, the rest in the log.
    private void Fill()
    {
        using var database = Open();
        var store = database.StoreFor("unit"u8);
        var value = new byte[4096];
        for (var i = 0; i < 9000; i++)
        {
            Random.Shared.NextBytes(value);
            var batch = new StoreBatch();
            batch.Put(Bytes.Of($"{i:d6}"), value.ToArray());
            store.Write(batch);
        }
    }

    private void Refused(string code, Digest? chain = null, Digest? node = null)
    {
        var refused = Assert.Throws<RefusedException>(() => RocksDatabase.Open(Data, chain ?? Chain, node ?? Node));
        Assert.Equal(code, refused.Refusal.Code);
    }

    private RocksDatabase Open() => RocksDatabase.Open(Data, Chain, Node);

    private static StoreBatch Batch(params (string Key, string? Value)[] changes)
    {
        var batch = new StoreBatch();
        foreach (var (key, value) in changes)
        {
            if (value is null) batch.Delete(Bytes.Of(key));
            else batch.Put(Bytes.Of(key), Bytes.Of(value).ToArray());
        }
        return batch;
    }
}
