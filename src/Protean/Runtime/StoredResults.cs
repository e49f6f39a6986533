using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>Results that are sealed and whose outputs are at hand, as they are given to clients.</summary>
internal sealed class StoredResults(UnitState state, Sealer sealer, OutputStore outputs)
{
    private (ulong Height, IReadOnlyList<ResultLeaf> Leaves, byte[][] Encoded)? _block;

    /// <summary>The result under a replay key; null where it is pending, not sealed yet, or its outputs have not arrived.</summary>
    public Reply.Done? Find(Digest replayKey) =>
        ReplayCache.Find(state.Replay, replayKey) is { Place: { } place } entry ? At(entry.Request, place) : null;

    public Reply.Done? At(ResultLeaf leaf, LeafPlace place)
    {
        if (sealer.At(place.Height) is not { } seal || outputs.Find(leaf.OutputDigest) is not { } found) return null;
        var (_, leaves, encoded) = Block(place.Height);
        var index = (int)place.Index;
        return new Reply.Done(new Receipt(leaves[index], place.Index, MerkleTree.Path(encoded, index), seal), found.Outputs, found.Record);
    }

    // Most results of a block are asked for together, when it is sealed.
    private (ulong Height, IReadOnlyList<ResultLeaf> Leaves, byte[][] Encoded) Block(ulong height)
    {
        if (_block is { } known && known.Height == height) return known;
        var leaves = state.LeavesAt(height);
        var block = (height, leaves, (byte[][])[.. leaves.Select(Canonical.Encode)]);
        _block = block;
        return block;
    }
}
