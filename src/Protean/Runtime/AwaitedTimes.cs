namespace Protean.Runtime;

/// <summary>Block times that clients of this unit wait for: duties of an otherwise idle log (protocols 1.3).</summary>
internal sealed class AwaitedTimes
{
    private readonly SortedSet<ulong> _times = [];

    public ulong? Next => _times.Count == 0 ? null : _times.Min;

    /// <returns>False where it is known already or there are too many.</returns>
    public bool Add(ulong timeMs) => _times.Count < Limits.MaxAwaited && _times.Add(timeMs);

    /// <summary>A block at this time is final.</summary>
    public void Reached(ulong timeMs) => _times.RemoveWhere(time => time <= timeMs);
}
