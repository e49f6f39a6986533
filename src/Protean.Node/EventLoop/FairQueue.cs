using System.Threading.Channels;

namespace Protean.Node.EventLoop;

/// <summary>What happens to an item that finds its lane full.</summary>
public enum Overflow
{
    RefuseNewest,
    DropOldest,
}

/// <summary>A bounded queue with a lane per key; lanes are served in turn, so a full one delays nobody but itself.</summary>
/// <remarks>Any number of writers, one reader.</remarks>
public sealed class FairQueue<TKey, TItem>(Overflow overflow) where TKey : notnull
{
    private sealed class Lane
    {
        public readonly Queue<(TItem Item, long Cost)> Items = [];
        public long Cost;
        public bool InTurn;
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Lane> _lanes = [];
    private readonly Queue<Lane> _ready = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _dropped;

    /// <summary>Items refused or dropped so far.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <param name="cost">What the item takes of its lane's <paramref name="bound"/>; an item of cost 0 always fits.</param>
    /// <returns>Whether the item is in the queue.</returns>
    public bool Add(TKey key, TItem item, long cost, long bound)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(key, out var lane)) _lanes[key] = lane = new Lane();
            if (!MakeRoom(lane, cost, bound))
            {
                Interlocked.Increment(ref _dropped);
                return false;
            }
            lane.Items.Enqueue((item, cost));
            lane.Cost += cost;
            if (!lane.InTurn) _ready.Enqueue(lane);
            lane.InTurn = true;
        }
        _signal.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Whether an item of this cost would be taken now without dropping another.</summary>
    public bool HasRoom(TKey key, long cost, long bound)
    {
        lock (_gate) return !_lanes.TryGetValue(key, out var lane) || lane.Cost + cost <= bound;
    }

    public bool TryTake(out TItem item)
    {
        lock (_gate)
        {
            if (!_ready.TryDequeue(out var lane))
            {
                item = default!;
                return false;
            }
            (item, var cost) = lane.Items.Dequeue();
            lane.Cost -= cost;
            lane.InTurn = lane.Items.Count > 0;
            if (lane.InTurn) _ready.Enqueue(lane);
            return true;
        }
    }

    /// <summary>Waits until something may be there to take; false once the queue was ended.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellation = default)
    {
        if (!await _signal.Reader.WaitToReadAsync(cancellation)) return false;
        _signal.Reader.TryRead(out _);
        return true;
    }

    /// <summary>Wakes the reader for the last time.</summary>
    public void End() => _signal.Writer.TryComplete();

    private bool MakeRoom(Lane lane, long cost, long bound)
    {
        if (cost == 0 || lane.Cost + cost <= bound) return true;
        if (overflow == Overflow.RefuseNewest || cost > bound) return false;
        // May empty a lane that stands in turn: the caller puts the new item in before anybody takes.
        while (lane.Cost + cost > bound)
        {
            lane.Cost -= lane.Items.Dequeue().Cost;
            Interlocked.Increment(ref _dropped);
        }
        return true;
    }
}
