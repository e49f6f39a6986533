using Protean.Codec;
using Protean.Consensus;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;

namespace Protean.Sync;

/// <summary>The pieces of one snapshot, in a member's store beside the state that is there. Nothing refers to them before the last
/// step.</summary>
internal sealed class SnapshotPieces
{
    private readonly IStore _store;
    private readonly StateScope _scope;
    private readonly MapImport[] _maps;
    private readonly ResultIndex _results;
    private ulong _epoch;

    /// <summary>Begins beside whatever an earlier attempt has left.</summary>
    internal SnapshotPieces(IStore store, ulong height)
    {
        (_store, _scope) = (store, StateScope.BeginNext(store));
        _maps = [.. Snapshot.Maps.Select(map => StateMap.Import(store, map, _scope.Prefix, height))];
        _results = new ResultIndex(store, _scope);
    }

    /// <summary>Adds proven entries of one map, in order of keys.</summary>
    public void Add(byte map, IReadOnlyList<MapEntry> entries)
    {
        var batch = new StoreBatch();
        _maps[map].Add(entries, batch);
        if (Snapshot.Maps[map] == UnitState.ReplayMap)
            _results.Adopt([.. entries.Where(ReplayCache.IsEntry).Select(static entry => Canonical.Decode<ReplayEntry>(entry.Value.Span))], batch);
        if (Snapshot.Maps[map] == UnitState.KeysMap)
            foreach (var entry in entries)
                if (entry.Key == UnitState.EpochKey) _epoch = new Decoder(entry.Value.Span).U64();
        _store.Write(batch);
    }

    /// <summary>One batch makes the snapshot the member's state, and the place where its chain goes on.</summary>
    /// <param name="directory">As far as the links were followed.</param>
    /// <returns>False where the links do not reach the epoch that the unit's log has entered at this height.</returns>
    public bool Finish(Snapshot snapshot, LinkedDirectory directory)
    {
        for (byte map = 0; map < _maps.Length; map++)
            if (_maps[map].Root != snapshot.RootOf(Snapshot.Maps[map]))
                throw new StateDamagedException($"map {Snapshot.Maps[map]} at height {snapshot.Height} came to another root than its entries were proven under");
        if (directory.CurrentEpoch < _epoch) return false;
        var batch = new StoreBatch();
        foreach (var map in _maps) map.Finish(batch);
        _scope.MakeCurrent(batch);
        UnitState.Adopt(
            new ExecutedBlock(snapshot.Height, snapshot.Block.Id, snapshot.Block.TimeMs), _scope, snapshot.ReplayRoot, snapshot.KeysRoot, batch);
        Sealer.Adopt(_store, snapshot.Seal, batch);
        UnitEpochs.Adopt(directory.Links.Take((int)_epoch), _epoch, StartOf(snapshot), batch);
        if (snapshot.Finality is { } finality && !EndsEpoch(snapshot)) new ChainStore(_store, _epoch).Adopt(snapshot.Height, finality, batch);
        _store.Write(batch);
        return true;
    }

    // The last height of an epoch is the start of the next one's chain; any other is a block like those that follow.
    private ChainStart StartOf(Snapshot snapshot)
    {
        var (block, seal) = (snapshot.Block, snapshot.Seal.Header);
        return EndsEpoch(snapshot)
            ? new ChainStart(seal.Height, seal.BlockId, seal.TimeMs, seal.Hash)
            : new ChainStart(seal.Height, seal.BlockId, seal.TimeMs, block.SealedHash, block.View, block.SealedHeight);
    }

    private bool EndsEpoch(Snapshot snapshot) => _epoch != snapshot.Seal.Header.Context.Epoch;
}
