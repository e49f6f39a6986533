using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Runtime;

/// <summary>Which replay entries end with which epoch, which are pending, and how many results of each height can still be asked for. It follows
/// from the replay entries alone, so members agree on it, and it saves them from searching all entries.</summary>
internal sealed class ResultIndex(IStore store, StateScope scope)
{
    private readonly Bytes _expires = scope.Key("expires/");
    private readonly Bytes _live = scope.Key("live/");
    private readonly Bytes _pending = scope.Key("pending/");

    // Scans begin here: a store may have to pass over everything that was deleted below.
    private Bytes _expiredTo;

    /// <summary>Replay keys of results that members still have to find.</summary>
    public IEnumerable<Digest> Pending => store.Scan(_pending).Select(static pair => new Digest(pair.Key.Span[^Digest.Size..]));

    public void Begun(Digest replayKey, StoreBatch batch) => batch.Put(Of(_pending, replayKey.Span), []);

    public void Ended(Digest replayKey, StoreBatch batch) => batch.Delete(Of(_pending, replayKey.Span));

    /// <summary>Results that one block has placed.</summary>
    public void Placed(IReadOnlyList<ReplayEntry> entries, StoreBatch batch)
    {
        foreach (var entry in entries) PutExpiry(entry, batch);
        if (entries.Count > 0) SetLive(entries[0].Place!.Height, (uint)entries.Count, batch);
    }

    /// <summary>Entries of a state that was fetched.</summary>
    public void Adopt(IReadOnlyList<ReplayEntry> entries, StoreBatch batch)
    {
        foreach (var entry in entries)
        {
            if (entry.Place is null) Begun(entry.Request.ReplayKey, batch);
            else PutExpiry(entry, batch);
        }
        foreach (var height in entries.Where(static entry => entry.Place is not null).GroupBy(static entry => entry.Place!.Height))
            SetLive(height.Key, Live(height.Key) + (uint)height.Count(), batch);
    }

    /// <summary>Some of the replay entries that no request can name any more, the oldest first (protocols 8.4).</summary>
    /// <param name="epoch">The unit's own.</param>
    public IReadOnlyList<ExpiredResult> Expired(ulong epoch) =>
    [
        .. store.Scan(_expires, _expiredTo)
            .TakeWhile(pair => BinaryPrimitives.ReadUInt64BigEndian(pair.Key.Span[_expires.Length..]) < epoch)
            .Take(Limits.MaxDeletedPerBlock)
            .Select(static pair => new ExpiredResult(
                pair.Key, new Digest(pair.Key.Span[^Digest.Size..]), BinaryPrimitives.ReadUInt64BigEndian(pair.Value.Span))),
    ];

    /// <returns>The heights of which no result can be asked for any more.</returns>
    public IReadOnlyList<ulong> Forget(IReadOnlyList<ExpiredResult> expired, StoreBatch batch)
    {
        var done = new List<ulong>();
        foreach (var result in expired) batch.Delete(result.Key);
        foreach (var height in expired.GroupBy(static result => result.Height))
        {
            var left = Live(height.Key) - (uint)height.Count();
            SetLive(height.Key, left, batch);
            if (left == 0) done.Add(height.Key);
        }
        if (expired.Count > 0) _expiredTo = expired[^1].Key;
        return done;
    }

    /// <summary>Results of a height that can still be asked for.</summary>
    public uint Live(ulong height) =>
        store.Get(UnitState.AtHeight(_live, height).Span) is { } count ? BinaryPrimitives.ReadUInt32BigEndian(count) : 0;

    private void PutExpiry(ReplayEntry entry, StoreBatch batch)
    {
        if (entry.LastEpoch == ulong.MaxValue) return; // kept for good
        var key = Of(UnitState.AtHeight(_expires, entry.LastEpoch), entry.Request.ReplayKey.Span);
        var height = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(height, entry.Place!.Height);
        batch.Put(key, height);
    }

    private void SetLive(ulong height, uint count, StoreBatch batch)
    {
        var key = UnitState.AtHeight(_live, height);
        var value = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(value, count);
        if (count == 0) batch.Delete(key);
        else batch.Put(key, value);
    }

    private static Bytes Of(Bytes prefix, ReadOnlySpan<byte> rest) => Bytes.Wrap([.. prefix.Span, .. rest]);
}

/// <summary>A replay entry whose last epoch is over.</summary>
/// <param name="Key">In the index.</param>
/// <param name="ReplayKey">In the replay map.</param>
/// <param name="Height">Where its result stands.</param>
internal sealed record ExpiredResult(Bytes Key, Digest ReplayKey, ulong Height);
