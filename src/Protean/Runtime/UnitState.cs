using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;
using Protean.State;

namespace Protean.Runtime;

/// <summary>A unit member's replicated state: the unit's data, the replay entries and the key generations, under one root (protocols 8.6).</summary>
public sealed class UnitState
{
    public const string DataMap = "data";
    public const string ReplayMap = "replay";
    public const string KeysMap = "keys";

    /// <summary>In the keys map: the epoch that the unit's log has entered. No purpose of a key begins with this character.</summary>
    public static readonly Bytes EpochKey = Bytes.Of("@epoch");

    private static readonly Bytes ExecutedKey = Bytes.Of("executed");
    private static readonly Bytes LeavesPrefix = Bytes.Of("leaves/");

    private readonly IStore _store;
    private readonly StateMap _data;
    private readonly StateMap _replay;
    private readonly StateMap _keys;

    // Asked for again when the height is sealed, and then for each client that waits for one of them.
    private readonly Dictionary<ulong, IReadOnlyList<ResultLeaf>> _lately = [];

    public UnitState(IStore store)
    {
        _store = store;
        Scope = StateScope.Current(store);
        Results = new ResultIndex(store, Scope);
        _data = new StateMap(store, DataMap, scope: Scope.Prefix);
        // Of the past, only the roots of these are asked for.
        _replay = new StateMap(store, ReplayMap, retained: 2, scope: Scope.Prefix);
        _keys = new StateMap(store, KeysMap, retained: 2, scope: Scope.Prefix);
        Executed = store.Get(ExecutedKey.Span) is { } record ? Canonical.Decode<ExecutedBlock>(record) : null;
    }

    /// <summary>The last executed block; null before the first.</summary>
    public ExecutedBlock? Executed { get; private set; }

    internal StateScope Scope { get; }

    /// <summary>What the replay entries come to.</summary>
    internal ResultIndex Results { get; }

    public MapSnapshot Data => _data.Current;
    public MapSnapshot Replay => _replay.Current;
    public MapSnapshot Keys => _keys.Current;

    /// <summary>Of the last executed block.</summary>
    public Digest Root => Roots(_data.Current.Root, _replay.Current.Root, _keys.Current.Root).Root;

    /// <summary>Data at a sealed height with its place under the state root; null where that height is no longer kept.</summary>
    public (MapSnapshot Data, MapRoot Root)? DataAt(ulong height)
    {
        if (_data.At(height) is not { } data || _store.Get(RootsKey(Scope, height).Span) is not { } record) return null;
        var from = new Decoder(record);
        return (data, Roots(data.Root, from.Digest(), from.Digest()).Open(DataMap));
    }

    public BlockEdits Edit() => new(_data.Edit(), _replay.Edit(), _keys.Edit());

    /// <summary>Makes a block's changes the state at its height; durable with the batch.</summary>
    /// <returns>The state root.</returns>
    public Digest Commit(ExecutedBlock block, BlockEdits edits, IReadOnlyList<ResultLeaf> leaves, StoreBatch batch)
    {
        var (replay, keys) = (_replay.Commit(block.Height, edits.Replay, batch), _keys.Commit(block.Height, edits.Keys, batch));
        var root = Roots(_data.Commit(block.Height, edits.Data, batch), replay, keys).Root;
        if (block.Height > Limits.RetainedHeights) batch.Delete(RootsKey(Scope, block.Height - Limits.RetainedHeights));
        Adopt(block, Scope, replay, keys, batch);
        if (leaves.Count > 0) batch.Put(AtHeight(LeavesPrefix, block.Height), new Encoder().List(leaves).ToArray());
        _lately[block.Height] = leaves;
        _lately.Remove(block.Height - Math.Min(block.Height, Limits.HeightsInMemory));
        Executed = block;
        return root;
    }

    public IReadOnlyList<ResultLeaf> LeavesAt(ulong height)
    {
        if (_lately.TryGetValue(height, out var leaves)) return leaves;
        if (_store.Get(AtHeight(LeavesPrefix, height).Span) is not { } record) return [];
        var from = new Decoder(record);
        return from.List<ResultLeaf>(Limits.MaxBlockResults);
    }

    internal static void DropLeaves(ulong height, StoreBatch batch) => batch.Delete(AtHeight(LeavesPrefix, height));

    /// <summary>Replay entries whose results members still have to find, after a restart.</summary>
    public IEnumerable<ReplayEntry> Pending() => Results.Pending.Select(key => ReplayCache.Find(Replay, key)!);

    /// <summary>One of the maps at a kept height.</summary>
    internal MapSnapshot? MapAt(string map, ulong height) => All.First(known => known.Name == map).At(height);

    /// <summary>Keeps a height readable until it is unpinned.</summary>
    internal void Pin(ulong height, StoreBatch batch)
    {
        foreach (var map in All) map.Pin(height, batch);
    }

    internal void Unpin(ulong height, StoreBatch batch)
    {
        foreach (var map in All) map.Unpin(height, batch);
    }

    /// <summary>Where execution goes on from: what stands in the store in place of what this member executed.</summary>
    internal static void Adopt(ExecutedBlock block, StateScope scope, Digest replay, Digest keys, StoreBatch batch)
    {
        batch.Put(ExecutedKey, Canonical.Encode(block));
        batch.Put(RootsKey(scope, block.Height), new Encoder().Digest(replay).Digest(keys).ToArray());
    }

    internal static ulong HeightOf(Bytes key) => BinaryPrimitives.ReadUInt64BigEndian(key.Span[^sizeof(ulong)..]);

    private StateMap[] All => [_data, _keys, _replay];

    private static Bytes RootsKey(StateScope scope, ulong height) => AtHeight(scope.Key("roots/"), height);

    private static StateRoot Roots(Digest data, Digest replay, Digest keys) => new([(DataMap, data), (KeysMap, keys), (ReplayMap, replay)]);

    internal static Bytes AtHeight(Bytes prefix, ulong height)
    {
        var key = new byte[prefix.Length + sizeof(ulong)];
        prefix.Span.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(prefix.Length), height);
        return Bytes.Wrap(key);
    }
}

/// <summary>The last executed block: where execution goes on after a restart.</summary>
public sealed record ExecutedBlock(ulong Height, Digest BlockId, ulong TimeMs) : ICanonical<ExecutedBlock>
{
    public void Encode(Encoder to) => to.U64(Height).Digest(BlockId).U64(TimeMs);
    public static ExecutedBlock Decode(ref Decoder from) => new(from.U64(), from.Digest(), from.U64());
}

/// <summary>One block's uncommitted changes to the three maps.</summary>
public sealed record BlockEdits(MapEdit Data, MapEdit Replay, MapEdit Keys);
