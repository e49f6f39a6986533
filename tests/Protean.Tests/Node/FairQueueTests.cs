using CsCheck;
using Protean.Node.EventLoop;
using Xunit;

namespace Protean.Tests.Node;

public sealed class FairQueueTests
{
    [Fact]
    public void A_full_lane_delays_nobody_else()
    {
        var queue = new FairQueue<string, int>(Overflow.RefuseNewest);
        for (var i = 0; i < 100; i++) queue.Add("flood", i, 1, 100);
        queue.Add("quiet", 1000, 1, 100);

        Assert.True(queue.TryTake(out _));
        Assert.True(queue.TryTake(out var second));
        Assert.Equal(1000, second);
    }

    [Fact]
    public void A_full_lane_refuses_the_newest_or_drops_the_oldest()
    {
        var refusing = new FairQueue<int, int>(Overflow.RefuseNewest);
        var dropping = new FairQueue<int, int>(Overflow.DropOldest);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(i < 3, refusing.Add(0, i, 10, 30));
            Assert.True(dropping.Add(0, i, 10, 30));
        }
        Assert.Equal([0, 1, 2], Drain(refusing));
        Assert.Equal([2, 3, 4], Drain(dropping));
        Assert.Equal(2, refusing.Dropped);
        Assert.Equal(2, dropping.Dropped);
    }

    [Fact]
    public void An_item_larger_than_its_lane_is_refused_and_costs_nothing()
    {
        var queue = new FairQueue<int, int>(Overflow.DropOldest);
        queue.Add(0, 1, 10, 30);
        Assert.False(queue.Add(0, 2, 31, 30));
        Assert.Equal([1], Drain(queue));
    }

    [Fact]
    public void Within_a_lane_order_is_kept_and_nothing_is_lost_below_the_bound() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1000]).List[0, 60].Sample(items =>
        {
            foreach (var overflow in Enum.GetValues<Overflow>())
            {
                var queue = new FairQueue<int, (int, int)>(overflow);
                var taken = new List<(int Lane, int)>();
                foreach (var item in items)
                {
                    if (!queue.Add(item.Item1, item, 1, 1000)) return false;
                    if (item.Item2 % 3 == 0 && queue.TryTake(out var one)) taken.Add(one);
                }
                taken.AddRange(Drain(queue));
                for (var lane = 0; lane <= 3; lane++)
                    if (!taken.Where(item => item.Lane == lane).SequenceEqual(items.Where(item => item.Item1 == lane))) return false;
            }
            return true;
        });

    [Fact]
    public async Task The_reader_is_woken_and_told_of_the_end()
    {
        var queue = new FairQueue<int, int>(Overflow.RefuseNewest);
        var waiting = queue.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(waiting.IsCompleted);
        queue.Add(0, 7, 1, 10);
        Assert.True(await waiting);
        queue.End();
        Assert.False(await queue.WaitAsync(TestContext.Current.CancellationToken));
    }

    private static List<T> Drain<T>(FairQueue<int, T> queue)
    {
        var items = new List<T>();
        while (queue.TryTake(out var item)) items.Add(item);
        return items;
    }
}
