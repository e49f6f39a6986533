using CsCheck;
using Protean.Codec;
using Protean.State;
using Xunit;

namespace Protean.Tests.State;

public sealed class VersionTests
{
    private const int Retained = 3;

    [Fact]
    public void Kept_heights_read_as_they_were_and_others_leave_nothing_in_the_store() =>
        Gen.Select(Gen.Select(Maps.Entries, Gen.Bool).Array[0, 6].Array[1, 14], Gen.Int[0, 13].Array[0, 4], Gen.Int[0, 13].Array[0, 4], Gen.Bool)
            .Sample((blocks, pinned, unpinned, reopens) =>
            {
                var maps = new Maps(Retained, cacheBytes: 1000);
                var contents = new SortedDictionary<ulong, List<MapEntry>>();
                var pins = new List<ulong>();
                for (var i = 0; i < blocks.Length; i++)
                {
                    var height = 2ul * (ulong)i + 1;
                    maps.Commit(height, edit => Apply(edit, blocks[i]));
                    contents[height] = [.. maps.Map.Current.Scan(default)];
                    foreach (var _ in pinned.Where(at => at == i)) Pin(maps, pins, height);
                    foreach (var at in unpinned.Where(at => at == i && pins.Count > 0)) Unpin(maps, pins, pins[at % pins.Count]);
                    if (reopens) maps.Reopen();
                    CheckHeights(maps, contents, pins);
                }
                foreach (var height in pins.ToArray()) Unpin(maps, pins, height);
                for (var i = 0; i < Retained; i++) maps.Commit(1000 + (ulong)i, _ => { });
                Assert.Equal(maps.LiveNodes, maps.NodesInStore);
                Assert.Equal(0, maps.StaleInStore);
                Assert.Equal(Retained, maps.Store.Count - maps.NodesInStore);
            });

    [Fact]
    public void The_map_opens_at_its_last_height_without_reading_nodes()
    {
        var maps = Maps.With(Enumerable.Range(0, 100).Select(i => Maps.Entry($"key {i}")));
        var root = maps.Map.Current.Root;
        maps.Write(batch => { foreach (var (key, _) in maps.Store.Scan(Maps.Key("map/data/n"))) batch.Delete(key); });
        maps.Reopen();
        Assert.Equal((1ul, root), (maps.Map.Height, maps.Map.Current.Root));
    }

    [Fact]
    public void Maps_of_different_names_share_a_store_and_nothing_else()
    {
        var maps = Maps.With(Maps.Entry("a"));
        var replay = new StateMap(maps.Store, "replay");
        Assert.Null(replay.Height);
        var edit = replay.Edit();
        edit.Put(Maps.Entry("b"));
        maps.Write(batch => replay.Commit(9, edit, batch));
        maps.Reopen();
        Assert.Equal([Maps.Entry("a")], maps.Map.Current.Scan(default));
        Assert.Equal([Maps.Entry("b")], replay.Current.Scan(default));
        Assert.Throws<ArgumentException>(() => new StateMap(maps.Store, "data/n"));
    }

    [Fact]
    public void Only_kept_heights_are_pinned_and_only_pinned_ones_unpinned()
    {
        var maps = Maps.With(Maps.Entry("a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => maps.Write(batch => maps.Map.Pin(2, batch)));
        Assert.Throws<ArgumentOutOfRangeException>(() => maps.Write(batch => maps.Map.Unpin(1, batch)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StateMap(maps.Store, "data", retained: 1));
    }

    private static void CheckHeights(Maps maps, SortedDictionary<ulong, List<MapEntry>> contents, List<ulong> pins)
    {
        var readable = contents.Keys.TakeLast(Retained).ToList();
        foreach (var (height, content) in contents)
        {
            var snapshot = maps.Map.At(height);
            // A pin taken back counts until the next commit.
            if (readable.Contains(height) || pins.Contains(height)) Assert.NotNull(snapshot);
            if (snapshot is null) continue;
            Assert.Equal(content, snapshot.Scan(default));
            Assert.Equal(Maps.With(content).Map.Current.Root, snapshot.Root);
        }
    }

    private static void Apply(MapEdit edit, (MapEntry Entry, bool Deletes)[] changes)
    {
        foreach (var (entry, deletes) in changes)
        {
            if (deletes) edit.Delete(entry.Key);
            else edit.Put(entry);
        }
    }

    private static void Pin(Maps maps, List<ulong> pins, ulong height)
    {
        pins.Add(height);
        maps.Write(batch => maps.Map.Pin(height, batch));
    }

    private static void Unpin(Maps maps, List<ulong> pins, ulong height)
    {
        pins.Remove(height);
        maps.Write(batch => maps.Map.Unpin(height, batch));
    }
}
