using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Sync;

/// <summary>The heights whose state and whose following blocks a member keeps for others: the last two at which an epoch ended or a number of
/// heights was full. The same at all members, so that a fetch begun with one goes on with another.</summary>
internal sealed class Checkpoints
{
    private const int Kept = 2;

    private const string Prefix = "checkpoint/";

    private readonly IStore _store;
    private readonly UnitState _state;
    private readonly ulong _interval;
    private readonly List<ulong> _heights;

    public Checkpoints(IStore store, UnitState state, ulong interval)
    {
        (_store, _state, _interval) = (store, state, interval);
        _heights = [.. store.Scan(state.Scope.Key(Prefix)).Select(static pair => UnitState.HeightOf(pair.Key))];
    }

    /// <summary>Blocks up to here have served; null while nothing has.</summary>
    public ulong? Served => _heights.Count == Kept ? _heights[0] : null;

    public bool Holds(ulong height) => _heights.Contains(height);

    /// <summary>The newest one that is sealed.</summary>
    public Snapshot? Newest(Sealer sealer)
    {
        for (var i = _heights.Count - 1; i >= 0; i--)
            if (sealer.At(_heights[i]) is { } seal) return SnapshotAt(_heights[i], seal);
        return null;
    }

    /// <summary>After a block's execution is in the batch.</summary>
    /// <returns>The checkpoint that this one takes the place of.</returns>
    public ulong? Executed(FinalizedBlock final, bool endsEpoch, StoreBatch batch)
    {
        var height = final.Block.Height;
        if (!endsEpoch && height % _interval != 0) return null;
        _state.Pin(height, batch);
        var finality = final.Finality.Vote.BlockId == final.Block.Id ? final.Finality : null;
        batch.Put(Key(height), new Encoder().Value(final.Block.Header).Optional(finality)
            .Digest(_state.Data.Root).Digest(_state.Keys.Root).Digest(_state.Replay.Root).ToArray());
        _heights.Add(height);
        if (_heights.Count <= Kept) return null;
        var gone = _heights[0];
        _heights.RemoveAt(0);
        _state.Unpin(gone, batch);
        batch.Delete(Key(gone));
        return gone;
    }

    private Snapshot SnapshotAt(ulong height, SealedHeader seal)
    {
        var from = new Decoder(_store.Get(Key(height).Span));
        return new Snapshot(seal, from.Value<BlockHeader>(), from.Optional<Certificate>(), from.Digest(), from.Digest(), from.Digest());
    }

    private Bytes Key(ulong height) => UnitState.AtHeight(_state.Scope.Key(Prefix), height);
}
