using Protean.Sealing;
using Protean.Sync;

namespace Protean.Runtime;

/// <summary>What of the past a member keeps, and what a block lets go of (docs/operators.md): results as long as somebody can ask for them,
/// certificates of recent heights and of checkpoints.</summary>
internal sealed class Retention(UnitState state, OutputStore outputs, Checkpoints checkpoints)
{
    /// <summary>In the batch of an executed block; bounded by what a block may add.</summary>
    /// <param name="expired">Whose replay entries the block has deleted.</param>
    /// <param name="checkpoint">That the block has taken the place of.</param>
    public void Executed(ulong height, IReadOnlyList<ExpiredResult> expired, ulong? checkpoint, StoreBatch batch)
    {
        foreach (var past in state.Results.Forget(expired, batch)) Drop(past, height, batch);
        if (height > Limits.KeptHeights) DropUnlessLive(height - Limits.KeptHeights, height, batch);
        if (checkpoint is { } gone) DropUnlessLive(gone, height, batch);
    }

    private void DropUnlessLive(ulong past, ulong height, StoreBatch batch)
    {
        if (state.Results.Live(past) == 0) Drop(past, height, batch);
    }

    private void Drop(ulong past, ulong height, StoreBatch batch)
    {
        if (past + Limits.KeptHeights > height || checkpoints.Holds(past)) return;
        UnitState.DropLeaves(past, batch);
        Sealer.Drop(past, batch);
        outputs.Drop(past, batch);
    }
}
