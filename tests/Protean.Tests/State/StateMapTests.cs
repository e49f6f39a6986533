using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;
using Xunit;

namespace Protean.Tests.State;

public sealed class StateMapTests
{
    private static readonly Gen<(MapEntry Entry, bool Deletes)[]> Changes = Gen.Select(Maps.Entries, Gen.Bool).Array[0, 60];

    [Fact]
    public void Equal_content_has_an_equal_root_whatever_the_order_and_the_deletions() =>
        Gen.Select(Maps.Entries.Array[0, 40], Maps.Entries.Array[0, 20], Gen.Int).Sample((kept, passing, seed) =>
        {
            var content = kept.DistinctBy(entry => entry.Key).ToArray();
            var plain = Maps.With(content).Map.Current.Root;
            var order = new Random(seed);
            var maps = new Maps();
            maps.Commit(1, edit => { foreach (var entry in passing) edit.Put(entry); });
            maps.Commit(2, edit =>
            {
                foreach (var entry in content.OrderBy(_ => order.Next())) edit.Put(entry);
                foreach (var entry in passing.OrderBy(_ => order.Next()))
                    if (content.All(wanted => wanted.Key != entry.Key)) edit.Delete(entry.Key);
            });
            return maps.Map.Current.Root == plain;
        });

    [Fact]
    public void A_different_entry_gives_a_different_root() =>
        Gen.Select(Maps.Entries.Array[1, 20], Maps.Entries).Where((content, other) => !content.Contains(other)).Sample((content, other) =>
            Maps.With(content).Map.Current.Root != Maps.With([.. content, other]).Map.Current.Root);

    [Fact]
    public void The_map_reads_like_a_sorted_dictionary() =>
        Gen.Select(Changes, Maps.Keys, Maps.Keys).Sample((changes, prefix, from) =>
        {
            var (maps, model) = (new Maps(cacheBytes: 1000), new SortedDictionary<Bytes, MapEntry>());
            var height = 0ul;
            foreach (var chunk in changes.Chunk(7))
                maps.Commit(++height, edit => { foreach (var (entry, deletes) in chunk) Apply(edit, model, entry, deletes); });
            maps.Reopen();
            var map = maps.Map.Current;
            Assert.Equal(model.Values, map.Scan(default));
            Assert.Equal(model.Values.Where(e => Maps.StartsWith(e.Key, prefix) && e.Key >= from), map.Scan(prefix, from));
            foreach (var (entry, _) in changes) Assert.Equal(model.GetValueOrDefault(entry.Key), map.Get(entry.Key));
            Assert.Equal(model.GetValueOrDefault(prefix), map.Get(prefix));
        });

    [Fact]
    public void A_subtree_hash_is_that_of_a_map_with_only_these_keys() =>
        Gen.Select(Maps.Entries.Array[0, 40], Maps.Keys).Sample((content, prefix) =>
        {
            var whole = Maps.With(content).Map.Current;
            return whole.SubtreeHash(prefix) == Maps.With(whole.Scan(prefix)).Map.Current.Root && whole.SubtreeHash(default) == whole.Root;
        });

    [Fact]
    public void An_edit_reads_its_own_writes_and_commits_to_the_root_it_showed() =>
        Gen.Select(Changes, Changes, Maps.Keys).Sample((before, changes, prefix) =>
        {
            var (maps, model) = (new Maps(), new SortedDictionary<Bytes, MapEntry>());
            maps.Commit(1, edit => { foreach (var (entry, deletes) in before) Apply(edit, model, entry, deletes); });
            var shown = default(Digest);
            var committed = maps.Commit(2, edit =>
            {
                foreach (var (entry, deletes) in changes) Apply(edit, model, entry, deletes);
                Assert.Equal(model.Values.Where(e => Maps.StartsWith(e.Key, prefix)), edit.Scan(prefix));
                Assert.Equal(Maps.With(edit.Scan(prefix)).Map.Current.Root, edit.SubtreeHash(prefix));
                shown = edit.Root;
            });
            return shown == committed && committed == Maps.With(model.Values).Map.Current.Root;
        });

    [Fact]
    public void A_dropped_edit_leaves_no_trace_and_a_merged_one_is_as_if_made_in_place() =>
        Gen.Select(Changes, Gen.Select(Changes, Gen.Bool).Array[0, 5]).Sample((before, transactions) =>
        {
            var (with, without) = (new Maps(retained: 2), new Maps(retained: 2));
            foreach (var maps in new[] { with, without })
                maps.Commit(1, edit => { foreach (var (entry, deletes) in before) Apply(edit, [], entry, deletes); });
            with.Commit(2, block =>
            {
                foreach (var (changes, succeeds) in transactions)
                {
                    var transaction = block.Begin();
                    foreach (var (entry, deletes) in changes) Apply(transaction, [], entry, deletes);
                    if (succeeds) transaction.Merge();
                }
            });
            without.Commit(2, block =>
            {
                foreach (var (changes, _) in transactions.Where(transaction => transaction.Item2))
                    foreach (var (entry, deletes) in changes) Apply(block, [], entry, deletes);
            });
            return with.Store.Scan(default).SequenceEqual(without.Store.Scan(default));
        });

    [Fact]
    public void An_edit_does_not_merge_over_changes_it_has_not_seen()
    {
        var block = Maps.With(Maps.Entry("a")).Map.Edit();
        var (first, second) = (block.Begin(), block.Begin());
        first.Put(Maps.Entry("b"));
        second.Put(Maps.Entry("c"));
        first.Merge();
        Assert.Throws<InvalidOperationException>(second.Merge);
        Assert.Throws<InvalidOperationException>(block.Merge);
    }

    [Fact]
    public void A_commit_takes_only_an_edit_of_the_last_height_and_a_higher_one()
    {
        var maps = Maps.With(Maps.Entry("a"));
        var early = maps.Map.Edit();
        Assert.Throws<InvalidOperationException>(() => maps.Map.Commit(1, maps.Map.Edit(), new StoreBatch()));
        maps.Commit(2, edit => edit.Put(Maps.Entry("b")));
        Assert.Throws<InvalidOperationException>(() => maps.Map.Commit(3, early, new StoreBatch()));
    }

    [Fact]
    public void Fields_over_their_limits_are_refused()
    {
        var edit = new Maps().Map.Edit();
        var longest = new string('k', Limits.MaxKeyBytes);
        edit.Put(Maps.Entry(longest));
        Assert.NotNull(edit.Get(Maps.Key(longest)));
        Assert.Throws<ArgumentException>(() => edit.Put(Maps.Entry(longest + "k")));
        Assert.Throws<ArgumentException>(() => edit.Put(Maps.Entry("k", owner: new string('o', Limits.MaxOwnerBytes + 1))));
        Assert.Throws<ArgumentException>(() => edit.Put(Maps.Entry("k", value: new string('v', Limits.MaxValue + 1))));
    }

    [Fact]
    public void A_change_writes_as_many_nodes_as_its_path_is_long()
    {
        const int keys = 1 << 12;
        var maps = Maps.With(Enumerable.Range(0, keys).Select(i => Maps.Entry(Name(i))));
        maps.Commit(2, edit => edit.Put(Maps.Entry(Name(77), "other")));
        var node = Maps.Key("map/data/n");
        var written = maps.LastBatch.Changes.Count(change => change.Value is not null && Maps.StartsWith(change.Key, node));
        // Uniform keys: the depth of n keys is about log2 n, its longest path less than twice that.
        Assert.InRange(written, 2, 2 * 12);
        maps.Commit(3, edit =>
        {
            edit.Put(Maps.Entry(Name(77), "other"));
            edit.Delete(Maps.Key("absent"));
        });
        Assert.DoesNotContain(maps.LastBatch.Changes, change => Maps.StartsWith(change.Key, node));
    }

    [Fact]
    public void A_damaged_node_is_noticed()
    {
        var maps = Maps.With(Maps.Entry("a"), Maps.Entry("b"));
        var (key, record) = maps.Store.Scan(Maps.Key("map/data/n")).First();
        for (var i = 0; i < record.Length; i++)
        {
            var damaged = record.ToArray();
            damaged[i] ^= 1;
            maps.Write(batch => batch.Put(key, damaged));
            maps.Reopen();
            Assert.Throws<StateDamagedException>(() => maps.Map.Current.Scan(default).ToList());
        }
        maps.Write(batch => batch.Delete(key));
        Assert.Throws<StateDamagedException>(() => maps.Map.Current.Scan(default).ToList());
    }

    private static string Name(int i) => Convert.ToHexStringLower(Hash.H("test", BitConverter.GetBytes(i)).Span[..8]);

    private static void Apply(MapEdit edit, SortedDictionary<Bytes, MapEntry> model, MapEntry entry, bool deletes)
    {
        if (deletes) Assert.Equal(edit.Get(entry.Key) is not null, edit.Delete(entry.Key));
        else edit.Put(entry);
        if (deletes) model.Remove(entry.Key);
        else model[entry.Key] = entry;
    }
}
