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
        var (block, found) = (Block(place.Height), outputs.Find(place));
        var receipt = block is not null
            ? new Receipt(block.Leaves[(int)place.Index], place.Index, block.Paths.Of((int)place.Index), block.Seal) : found?.Receipt;
        if (receipt is not null && found is not null) return new Reply.Done(receipt, found.Outputs, found.Record);
        // Above the last seal it is only early; below, this member was not there, and the others have it.
        if (place.Height <= (sealer.Last?.Header.Height ?? 0)) outputs.Want(place, leaf);
        return null;
    }

    /// <summary>The result at a place, for a member that lacks it.</summary>
    public Reply.Done? At(LeafPlace place) =>
        Block(place.Height) is { } block && place.Index < block.Leaves.Count && outputs.Find(place) is not null
            ? At(block.Leaves[(int)place.Index], place) : null;

    // Most results of a block are asked for together, when it is sealed.
    private SealedBlock? Block(ulong height)
    {
        if (_block is { } known && known.Seal.Header.Height == height) return known;
        if (sealer.At(height) is not { } seal) return null;
        var leaves = state.LeavesAt(height);
        if (leaves.Count != seal.Header.ResultsCount) return null; // the height that this member's state was fetched at
        return _block = new SealedBlock(seal, leaves, new MerklePaths([.. leaves.Select(Canonical.Encode)]));
    }

    private sealed record SealedBlock(SealedHeader Seal, IReadOnlyList<ResultLeaf> Leaves, MerklePaths Paths);
}
