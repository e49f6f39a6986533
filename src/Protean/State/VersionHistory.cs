using Protean.Codec;
using Protean.Runtime;

namespace Protean.State;

/// <summary>Which heights of a map are readable, and which stored nodes only they need.</summary>
/// <remarks>The nodes that a commit replaces are filed under the last height that needs them. When that height is let go, each is filed
/// again under the next lower kept height if that has it, or else deleted: so the store holds exactly the nodes of the kept heights, and
/// nothing is counted.</remarks>
internal sealed class VersionHistory
{
    private const int IdBytes = sizeof(ulong) + sizeof(uint);

    private readonly IStore _store;
    private readonly MapKeys _keys;
    private readonly int _retained;
    private readonly SortedList<ulong, TrieLink?> _versions = [];
    private readonly SortedDictionary<ulong, uint> _pins = [];

    public VersionHistory(IStore store, MapKeys keys, int retained)
    {
        // The newest height's predecessor is never let go in the commit that files nodes under it, so the store's scan sees every filed
        // node.
        ArgumentOutOfRangeException.ThrowIfLessThan(retained, 2);
        (_store, _keys, _retained) = (store, keys, retained);
        foreach (var (key, record) in store.Scan(keys.Versions)) _versions.Add(MapKeys.HeightOf(key), DecodeRoot(record.Span));
        foreach (var (key, record) in store.Scan(keys.Pins)) _pins.Add(MapKeys.HeightOf(key), new Decoder(record.Span).U32());
    }

    public IList<ulong> Heights => _versions.Keys;
    public ulong? Latest => _versions.Count == 0 ? null : _versions.GetKeyAtIndex(_versions.Count - 1);
    public TrieLink? LatestRoot => _versions.Count == 0 ? null : _versions.GetValueAtIndex(_versions.Count - 1);
    public bool TryGet(ulong height, out TrieLink? root) => _versions.TryGetValue(height, out root);

    public void Pin(ulong height, StoreBatch batch)
    {
        if (!_versions.ContainsKey(height)) throw new ArgumentOutOfRangeException(nameof(height), $"{_keys.Name} at {height} is not kept");
        SetPins(height, _pins.GetValueOrDefault(height) + 1, batch);
    }

    public void Unpin(ulong height, StoreBatch batch)
    {
        if (!_pins.TryGetValue(height, out var count))
            throw new ArgumentOutOfRangeException(nameof(height), $"{_keys.Name} at {height} is not pinned");
        SetPins(height, count - 1, batch);
    }

    public void Add(ulong height, TrieLink? root, IReadOnlyList<NodeId> replaced, StoreBatch batch)
    {
        if (Latest is { } previous) File(previous, height, replaced, batch);
        _versions.Add(height, root);
        batch.Put(_keys.Version(height), EncodeRoot(root));
        LetGo(height, batch);
    }

    private void LetGo(ulong now, StoreBatch batch)
    {
        var gone = _versions.Keys.Take(Math.Max(0, _versions.Count - _retained)).Where(height => !_pins.ContainsKey(height)).ToList();
        foreach (var height in gone)
        {
            _versions.Remove(height);
            batch.Delete(_keys.Version(height));
        }
        foreach (var group in gone.GroupBy(NewestBelow)) LetGo(group, group.Key, now, batch);
    }

    private void LetGo(IEnumerable<ulong> heights, ulong? lower, ulong now, StoreBatch batch)
    {
        var stillNeeded = new List<NodeId>();
        foreach (var (key, file) in heights.SelectMany(height => _store.Scan(_keys.StaleAfter(height))))
        {
            batch.Delete(key);
            foreach (var id in DecodeIds(file.Span))
            {
                if (lower >= id.Height) stillNeeded.Add(id);
                else batch.Delete(_keys.Node(id));
            }
        }
        if (lower is { } last) File(last, now, stillNeeded, batch);
    }

    // One record for each pair of heights: a commit files once under its predecessor, and once under each pinned height below those it lets
    // go.
    private void File(ulong lastHeight, ulong now, IReadOnlyCollection<NodeId> ids, StoreBatch batch)
    {
        if (ids.Count == 0) return;
        var record = new Encoder(IdBytes * ids.Count);
        foreach (var id in ids) record.U64(id.Height).U32(id.Number);
        batch.Put(_keys.Stale(lastHeight, now), record.ToArray());
    }

    // Kept heights below one that is let go are the few pinned ones.
    private ulong? NewestBelow(ulong height)
    {
        ulong? newest = null;
        foreach (var kept in _versions.Keys)
        {
            if (kept >= height) break;
            newest = kept;
        }
        return newest;
    }

    private void SetPins(ulong height, uint count, StoreBatch batch)
    {
        if (count == 0)
        {
            _pins.Remove(height);
            batch.Delete(_keys.Pin(height));
            return;
        }
        _pins[height] = count;
        batch.Put(_keys.Pin(height), new Encoder(sizeof(uint)).U32(count).ToArray());
    }

    private static List<NodeId> DecodeIds(ReadOnlySpan<byte> record)
    {
        var ids = new List<NodeId>(record.Length / IdBytes);
        for (var from = new Decoder(record); from.Left > 0;) ids.Add(new NodeId(from.U64(), from.U32()));
        return ids;
    }

    internal static byte[] EncodeRoot(TrieLink? root)
    {
        var to = new Encoder(64).Bool(root is not null);
        root?.Encode(to);
        return to.ToArray();
    }

    private static TrieLink? DecodeRoot(ReadOnlySpan<byte> record)
    {
        var from = new Decoder(record);
        var root = from.Bool() ? TrieLink.Decode(ref from) : null;
        from.End();
        return root;
    }
}
