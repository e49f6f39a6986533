using System.Text;
using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Simulator;
using Protean.State;

namespace Protean.Tests.State;

/// <summary>What the tests of state maps share: small keys that are often the beginning of one another, and a map with its store.</summary>
internal sealed class Maps
{
    public Maps(int retained = 4, long cacheBytes = 1 << 20)
    {
        (Retained, CacheBytes) = (retained, cacheBytes);
        Map = new StateMap(Store, "data", retained, cacheBytes);
    }

    public InMemoryStore Store { get; } = new();
    public StateMap Map { get; private set; }
    public StoreBatch LastBatch { get; private set; } = new();
    private int Retained { get; }
    private long CacheBytes { get; }

    public static Gen<Bytes> Keys { get; } = Gen.OneOf<Bytes>(
        Gen.OneOf((byte)0, (byte)1, (byte)128, (byte)255).Array[0, 5].Select(bytes => new Bytes(bytes)),
        Gen.Byte.Array[0, 40].Select(bytes => new Bytes(bytes)));

    public static Gen<MapEntry> Entries { get; } = Gen.Select(
        Keys, Gen.ULong[0, 3], Gen.OneOf("", "alice", "bob"), Gen.Byte.Array[0, 3],
        (key, version, owner, value) => new MapEntry(key, version, Bytes.Of(owner), new Bytes(value)));

    public static Bytes Key(string text) => new(Encoding.Latin1.GetBytes(text));
    public static MapEntry Entry(string key, string value = "v", ulong version = 1, string owner = "o") =>
        new(Key(key), version, Bytes.Of(owner), Bytes.Of(value));

    /// <summary>A map that holds exactly these entries, at height 1.</summary>
    public static Maps With(params IEnumerable<MapEntry> entries)
    {
        var maps = new Maps();
        maps.Commit(1, edit => { foreach (var entry in entries) edit.Put(entry); });
        return maps;
    }

    public Digest Commit(ulong height, Action<MapEdit> change)
    {
        var edit = Map.Edit();
        change(edit);
        LastBatch = new StoreBatch();
        var root = Map.Commit(height, edit, LastBatch);
        Store.Write(LastBatch);
        return root;
    }

    public void Write(Action<StoreBatch> change)
    {
        var batch = new StoreBatch();
        change(batch);
        Store.Write(batch);
    }

    public void Reopen() => Map = new StateMap(Store, "data", Retained, CacheBytes);

    public int NodesInStore => Store.Scan(Key("map/data/n")).Count();
    public int StaleInStore => Store.Scan(Key("map/data/s")).Count();

    /// <summary>A trie over n keys has n leaves and n-1 branches.</summary>
    public int LiveNodes => Math.Max(0, 2 * Map.Current.Scan(default).Count() - 1);

    public static bool StartsWith(Bytes key, Bytes prefix) => key.Span.StartsWith(prefix.Span);
}
