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
    private static readonly Bytes PendingPrefix = Bytes.Of("pending/");

    private readonly IStore _store;
    private readonly StateMap _data;
    private readonly StateMap _replay;
    private readonly StateMap _keys;

    // Asked for again when the height is sealed, and then for each client that waits for one of them.
    private readonly Dictionary<ulong, IReadOnlyList<ResultLeaf>> _lately = [];

    public UnitState(IStore store)
    {
        _store = store;
        _data = new StateMap(store, DataMap);
        _replay = new StateMap(store, ReplayMap);
        _keys = new StateMap(store, KeysMap);
        Executed = store.Get(ExecutedKey.Span) is { } record ? Canonical.Decode<ExecutedBlock>(record) : null;
    }

    /// <summary>The last executed block; null before the first.</summary>
    public ExecutedBlock? Executed { get; private set; }

    public MapSnapshot Data => _data.Current;
    public MapSnapshot Replay => _replay.Current;
    public MapSnapshot Keys => _keys.Current;

    /// <summary>Data at a sealed height with its place under the state root; null where that height is no longer kept.</summary>
    public (MapSnapshot Data, MapRoot Root)? DataAt(ulong height) =>
        _data.At(height) is { } data && _replay.At(height) is { } replay && _keys.At(height) is { } keys
            ? (data, Roots(data.Root, replay.Root, keys.Root).Open(DataMap))
            : null;

    /// <summary>A keys map entry's proof under the state root at a kept height.</summary>
    public (MapSnapshot Keys, MapRoot Root)? KeysAt(ulong height) =>
        _data.At(height) is { } data && _replay.At(height) is { } replay && _keys.At(height) is { } keys
            ? (keys, Roots(data.Root, replay.Root, keys.Root).Open(KeysMap))
            : null;

    public BlockEdits Edit() => new(_data.Edit(), _replay.Edit(), _keys.Edit());

    /// <summary>Makes a block's changes the state at its height; durable with the batch.</summary>
    /// <returns>The state root.</returns>
    public Digest Commit(ExecutedBlock block, BlockEdits edits, IReadOnlyList<ResultLeaf> leaves, StoreBatch batch)
    {
        var root = Roots(
            _data.Commit(block.Height, edits.Data, batch), _replay.Commit(block.Height, edits.Replay, batch), _keys.Commit(block.Height, edits.Keys, batch)).Root;
        batch.Put(ExecutedKey, Canonical.Encode(block));
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

    public static void MarkPending(Digest replayKey, StoreBatch batch) => batch.Put(Of(PendingPrefix, replayKey), []);
    public static void MarkDone(Digest replayKey, StoreBatch batch) => batch.Delete(Of(PendingPrefix, replayKey));

    /// <summary>Replay entries whose results members still have to find, after a restart.</summary>
    public IEnumerable<ReplayEntry> Pending() =>
        from pair in _store.Scan(PendingPrefix)
        select ReplayCache.Find(Replay, new Digest(pair.Key.Span[PendingPrefix.Length..]));

    private static StateRoot Roots(Digest data, Digest replay, Digest keys) => new([(DataMap, data), (KeysMap, keys), (ReplayMap, replay)]);

    private static Bytes Of(Bytes prefix, Digest digest) => Bytes.Wrap([.. prefix.Span, .. digest.Span]);

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
