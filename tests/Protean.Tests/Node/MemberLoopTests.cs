using System.Collections.Concurrent;
using Protean.Codec;
using Protean.Node;
using Protean.Node.EventLoop;
using Protean.Node.Storage;
using Protean.Runtime;
using Xunit;

namespace Protean.Tests.Node;

public sealed class MemberLoopTests
{
    private static readonly MemberId Peer = new(2);
    private readonly RecordingStore _store = new();
    private readonly RecordingOutlet _outlet;

    public MemberLoopTests() => _outlet = new RecordingOutlet(_store.Trace);

    [Fact]
    public async Task Nothing_leaves_before_what_was_written_is_on_disk()
    {
        await using var loop = Loop(new Script
        {
            OnReceive = (message, effects) =>
            {
                effects.Broadcast(message);
                effects.Output(message);
                _store.Put(message);
                effects.Send(Peer, message);
            },
        });
        loop.Receive(Peer, "vote", 4);
        await loop.Ask(_ => 0);

        Assert.Equal(["write vote", "flush", "broadcast vote", "output vote", "send 2 vote"], _store.Trace);
    }

    [Fact]
    public async Task Inputs_that_wait_together_share_a_flush()
    {
        _store.Hold();
        await using var loop = Loop(new Script
        {
            OnReceive = (message, effects) =>
            {
                _store.Put(message);
                effects.Send(Peer, message);
            },
        });
        loop.Receive(Peer, "first", 5);
        await _store.FlushReached;
        for (var i = 0; i < 100; i++) loop.Receive(Peer, $"later {i}", 8);
        _store.Release();
        await loop.Ask(_ => 0);

        Assert.Equal(101, _store.Trace.Count(line => line.StartsWith("send", StringComparison.Ordinal)));
        Assert.InRange(_store.Trace.Count(line => line == "flush"), 2, 5);
    }

    [Fact]
    public async Task Calls_never_overlap()
    {
        var inside = 0;
        var most = 0;
        await using var loop = Loop(new Script
        {
            OnReceive = (_, effects) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                Thread.SpinWait(200);
                Interlocked.Decrement(ref inside);
            },
        });
        await Parallel.ForAsync(1, 9, async (member, _) =>
        {
            for (var i = 0; i < 200; i++)
            {
                loop.Receive(new MemberId((ushort)member), "x", 1);
                await loop.Ask(_ => Interlocked.Increment(ref inside) + Interlocked.Decrement(ref inside));
            }
        });
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Timers_fire_once_move_and_can_be_taken_back()
    {
        var fired = new ConcurrentQueue<TimerId>();
        var last = new TaskCompletionSource();
        await using var loop = Loop(new Script
        {
            OnTimeOut = (timer, _) =>
            {
                fired.Enqueue(timer);
                if (timer.Kind == "last") last.SetResult();
            },
        });
        await loop.Ask(effects =>
        {
            effects.SetTimer(new TimerId("moved"), TimeSpan.FromMilliseconds(1));
            effects.SetTimer(new TimerId("moved"), TimeSpan.FromMilliseconds(30));
            effects.SetTimer(new TimerId("gone"), TimeSpan.FromMilliseconds(1));
            Thread.Sleep(20); // both have fired into the queue by now
            effects.SetTimer(new TimerId("gone"), TimeSpan.FromMilliseconds(-1));
            effects.SetTimer(new TimerId("moved", 2), TimeSpan.FromMilliseconds(10));
            effects.SetTimer(new TimerId("last"), TimeSpan.FromMilliseconds(120));
            return 0;
        });
        await last.Task.Soon();
        Assert.Equal(
            [new TimerId("last"), new TimerId("moved"), new TimerId("moved", 2)], fired.OrderBy(timer => (timer.Kind, timer.Number)));
    }

    [Fact]
    public async Task A_job_runs_off_the_loop_and_its_result_comes_back_as_an_input()
    {
        await using var loop = Loop(new Script());
        var loopIsFree = new ManualResetEventSlim();
        await loop.Ask(effects =>
        {
            effects.Run(new Job("heavy", () =>
            {
                loopIsFree.Wait();
                return () => effects.Output("result");
            }));
            return 0;
        });
        await loop.Ask(_ => 0);
        loopIsFree.Set();
        await _outlet.First.Soon();
        Assert.Contains("output result", _store.Trace);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broken_invariant_stops_this_member_says_why_and_lets_nothing_leave(bool inJob)
    {
        await using var other = Loop(new Script());
        await using var loop = Loop(new Script
        {
            OnReceive = (_, effects) =>
            {
                effects.Send(Peer, "half done");
                if (inJob) effects.Run(new Job("heavy", () => throw new InvalidOperationException("two blocks at height 7")));
                else throw new InvalidOperationException("two blocks at height 7");
            },
        });
        loop.Receive(Peer, "poison", 6);

        var broken = await Assert.ThrowsAsync<InvalidOperationException>(() => loop.Completion.Soon());
        Assert.Contains("two blocks at height 7", broken.ToString());
        if (!inJob) Assert.DoesNotContain("send 2 half done", _store.Trace);
        Assert.False(loop.Receive(Peer, "more", 4));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => loop.Ask(_ => 0));
        Assert.Equal("PRT-NOD-0050", refused.Refusal.Code);
        Assert.Equal(5, await other.Ask(_ => 5));
    }

    [Fact]
    public async Task A_store_that_fails_stops_the_member_and_nothing_leaves()
    {
        _store.Failure = new IOException("no space left");
        await using var loop = Loop(new Script
        {
            OnReceive = (message, effects) =>
            {
                _store.Put(message);
                effects.Broadcast(message);
            },
        });
        loop.Receive(Peer, "vote", 4);
        await Assert.ThrowsAsync<IOException>(() => loop.Completion.Soon());
        Assert.DoesNotContain("broadcast vote", _store.Trace);
    }

    [Fact]
    public async Task A_flooding_peer_neither_fills_memory_nor_delays_the_others()
    {
        using var gate = new ManualResetEventSlim();
        var order = new ConcurrentQueue<MemberId>();
        var entered = false;
        await using var loop = Loop(new Script
        {
            OnFrom = (from, _) =>
            {
                Volatile.Write(ref entered, true);
                gate.Wait();
                order.Enqueue(from);
            },
        });
        var flooder = new MemberId(3);
        loop.Receive(Peer, "first", 5);
        await Waiting.Until(() => Volatile.Read(ref entered));
        var taken = 0;
        while (loop.Receive(flooder, "noise", 1 << 20)) taken++;
        Assert.InRange(taken, 5, 20);
        Assert.False(loop.HasRoom(flooder, 1 << 20));
        Assert.True(loop.Receive(Peer, "vote", 4));
        gate.Set();
        await loop.Ask(_ => 0);
        Assert.InRange(order.ToList().LastIndexOf(Peer), 1, 3);
    }

    [Fact]
    public async Task Stopping_answers_every_waiting_call()
    {
        using var gate = new ManualResetEventSlim();
        var loop = Loop(new Script());
        var entered = false;
        var underWay = loop.Ask(_ =>
        {
            Volatile.Write(ref entered, true);
            gate.Wait();
            return 1;
        });
        await Waiting.Until(() => Volatile.Read(ref entered));
        var stopping = loop.DisposeAsync();
        var late = loop.Ask(_ => 2);
        gate.Set();
        await stopping;
        Assert.Equal(1, await underWay);
        await Assert.ThrowsAsync<RefusedException>(() => late);
    }

    [Fact]
    public async Task Now_is_the_world_clocks_time()
    {
        await using var loop = Loop(new Script());
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var now = await loop.Ask(effects => effects.Now);
        Assert.InRange((long)now.Value, before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    private MemberLoop<string, string> Loop(Script script)
    {
        var loop = new MemberLoop<string, string>("test", script, _store, _outlet, TimeProvider.System, JobWorkers.Shared);
        loop.Start();
        return loop;
    }

    private sealed class Script : IProtocol<string, string>
    {
        public Action<string, IEffects<string, string>> OnReceive { get; init; } = (_, _) => { };
        public Action<MemberId, string> OnFrom { get; init; } = (_, _) => { };
        public Action<TimerId, IEffects<string, string>> OnTimeOut { get; init; } = (_, _) => { };

        public void Start(IEffects<string, string> effects) { }

        public void Receive(MemberId from, string message, IEffects<string, string> effects)
        {
            OnFrom(from, message);
            OnReceive(message, effects);
        }

        public void TimeOut(TimerId timer, IEffects<string, string> effects) => OnTimeOut(timer, effects);
    }

    private sealed class RecordingOutlet(ConcurrentQueue<string> trace) : IOutlet<string, string>
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task First => _first.Task;
        public void Send(MemberId to, string message) => trace.Enqueue($"send {to} {message}");
        public void Broadcast(string message) => trace.Enqueue($"broadcast {message}");

        public void Output(string output)
        {
            trace.Enqueue($"output {output}");
            _first.TrySetResult();
        }
    }

    /// <summary>Records writes and flushes in order, and can hold a flush back or fail it.</summary>
    private sealed class RecordingStore : IDurableStore
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _held;
        private bool _dirty;

        public ConcurrentQueue<string> Trace { get; } = [];
        public Task FlushReached => _reached.Task;
        public Exception? Failure { get; set; }

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        public void Release() => _held!.SetResult();

        public void Put(string text)
        {
            var batch = new StoreBatch();
            batch.Put(Bytes.Of(text), []);
            Write(batch);
        }

        public void Write(StoreBatch batch)
        {
            Trace.Enqueue($"write {batch.Changes.First().Key.ToText()}");
            _dirty = true;
        }

        public async ValueTask FlushAsync()
        {
            if (!_dirty) return;
            _reached.TrySetResult();
            if (_held is not null) await _held.Task;
            if (Failure is not null) throw Failure;
            _dirty = false;
            Trace.Enqueue("flush");
        }

        public byte[]? Get(ReadOnlySpan<byte> key) => null;
        public IEnumerable<(Bytes Key, Bytes Value)> Scan(Bytes prefix, Bytes from = default) => [];
    }
}
