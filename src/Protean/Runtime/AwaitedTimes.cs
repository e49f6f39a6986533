namespace Protean.Runtime;

/// <summary>Block times that clients of this unit wait for: duties of an otherwise idle log (protocols 1.3).</summary>
internal sealed class AwaitedTimes
{
    private readonly SortedSet<ulong> _times = [];

    /// <summary>The first one later than this. What a block has reached already is no duty, and must not hide what is.</summary>
    public ulong? After(ulong timeMs)
    {
        foreach (var time in _times)
            if (time > timeMs) return time;
        return null;
    }

    /// <summary>Of too many the furthest goes: others ask for it again when it is nearer.</summary>
    /// <returns>False where it is known already or goes.</returns>
    public bool Add(ulong timeMs)
    {
        if (!_times.Add(timeMs)) return false;
        if (_times.Count <= Limits.MaxAwaited) return true;
        var furthest = _times.Max;
        _times.Remove(furthest);
        return furthest != timeMs;
    }

    /// <summary>A block at this time is final.</summary>
    public void Reached(ulong timeMs) => _times.RemoveWhere(time => time <= timeMs);
}
