using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>Results that are sealed and whose outputs are at hand, as they are given to clients.</summary>
internal sealed class StoredResults(UnitState state, Sealer sealer, OutputStore outputs)
{
    private SealedBlock? _block;

    /// <summary>The result under a replay key; null where it is pending, not sealed yet, or its outputs have not arrived.</summary>
    public Reply.Done? Find(Digest replayKey) =>
        ReplayCache.Find(state.Replay, replayKey) is { Place: { } place } entry ? At(entry.Request, place) : null;

    public Reply.Done? At(ResultLeaf leaf, LeafPlace place)
    {
        if (Block(place.Height) is not { } block || outputs.Find(leaf.OutputDigest) is not { } found) return null;
        var index = (int)place.Index;
        return new Reply.Done(new Receipt(block.Leaves[index], place.Index, block.Paths.Of(index), block.Seal), found.Outputs, found.Record);
    }

    // Most results of a block are asked for together, when it is sealed.
    private SealedBlock? Block(ulong height)
    {
        if (_block is { } known && known.Seal.Header.Height == height) return known;
        if (sealer.At(height) is not { } seal) return null;
        var leaves = state.LeavesAt(height);
        return _block = new SealedBlock(seal, leaves, new MerklePaths([.. leaves.Select(Canonical.Encode)]));
    }

    private sealed record SealedBlock(SealedHeader Seal, IReadOnlyList<ResultLeaf> Leaves, MerklePaths Paths);
}
