using Protean.Node.Storage;
using Protean.Runtime;

namespace Protean.Node.EventLoop;

/// <summary>Drives one member's state machine: one input at a time, never two at once, on threads of the pool.</summary>
/// <remarks>Inputs that wait together form a turn. What the turn wrote is flushed to disk once; only then do its messages, outputs and
/// answers leave. An exception out of the state machine is a broken invariant: nothing of that turn leaves, the member stops for good and
/// <see cref="Completion"/> says why; other members go on.</remarks>
public sealed class MemberLoop<TMessage, TOutput> : IAsyncDisposable
{
    private const int Local = 0; // lane of timers, job results and calls; members' lanes are their indices

    private readonly IProtocol<TMessage, TOutput> _protocol;
    private readonly IDurableStore _store;
    private readonly TimeProvider _time;
    private readonly FairQueue<int, Action> _inputs = new(Overflow.RefuseNewest);
    private readonly List<Action> _departures = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly LoopEffects<TMessage, TOutput> _effects;
    private Task _completion = Task.CompletedTask;
    private int _waitingCalls;
    private volatile bool _stopping;
    private volatile Exception? _broken;

    public MemberLoop(
        string name, IProtocol<TMessage, TOutput> protocol, IDurableStore store, IOutlet<TMessage, TOutput> outlet, TimeProvider time,
        JobWorkers jobs)
    {
        Name = name;
        _protocol = protocol;
        _store = store;
        _time = time;
        _effects = new LoopEffects<TMessage, TOutput>(outlet, time, jobs, _departures.Add, PostLocal, protocol.TimeOut);
        PostLocal(() => protocol.Start(_effects)); // the first input, whatever arrives before the loop runs
    }

    /// <summary>For logs and refusals.</summary>
    public string Name { get; }

    /// <summary>Ends when the loop was stopped; fails with the reason when the member broke.</summary>
    public Task Completion => _completion;

    public bool IsRunning => !_ended.IsCancellationRequested && !_stopping;

    /// <summary>Messages dropped because their sender's lane was full.</summary>
    public long Dropped => _inputs.Dropped;

    public void Start() => _completion = Task.Run(RunAsync);

    /// <summary>Whether a message of this size would be taken from this member now; asked before it is decoded.</summary>
    public bool HasRoom(MemberId from, int size) => IsRunning && _inputs.HasRoom(from.Index, Cost(size), Limits.MaxInboxBytes);

    /// <param name="size">Bytes the message came in.</param>
    /// <returns>False where it was dropped: too much of this sender's waits, or the member has stopped.</returns>
    public bool Receive(MemberId from, TMessage message, int size) =>
        IsRunning && _inputs.Add(from.Index, () => _protocol.Receive(from, message, _effects), Cost(size), Limits.MaxInboxBytes);

    /// <summary>Runs a call on the loop and gives its result once what it wrote is on disk.</summary>
    /// <exception cref="RefusedException">The member stopped, or too many calls wait.</exception>
    public async Task<T> Ask<T>(Func<IEffects<TMessage, TOutput>, T> call)
    {
        if (Interlocked.Increment(ref _waitingCalls) > Limits.MaxWaitingCalls)
        {
            Interlocked.Decrement(ref _waitingCalls);
            throw new RefusedException(NodeRefusals.MemberBusy(Name));
        }
        try
        {
            var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            PostLocal(() =>
            {
                var result = call(_effects);
                _departures.Add(() => answer.TrySetResult(result));
            });
            await using var ended = _ended.Token.Register(() => answer.TrySetException(new RefusedException(Stopped())));
            return await answer.Task;
        }
        finally
        {
            Interlocked.Decrement(ref _waitingCalls);
        }
    }

    /// <summary>Finishes the turn under way, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _inputs.End();
        await _completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ended.CancelAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stopping && await _inputs.WaitAsync())
                while (!_stopping && TakeTurn())
                    await DepartAsync();
        }
        catch (Exception broken)
        {
            _broken = broken;
            throw;
        }
        finally
        {
            _effects.StopTimers();
            _stopping = true;
            await _ended.CancelAsync();
        }
    }

    private bool TakeTurn()
    {
        var taken = 0;
        for (; !_stopping && taken < Limits.MaxTurnInputs && _inputs.TryTake(out var input); taken++)
        {
            _effects.Now = new UnixMs((ulong)_time.GetUtcNow().ToUnixTimeMilliseconds());
            input();
        }
        return taken > 0;
    }

    private async ValueTask DepartAsync()
    {
        await _store.FlushAsync();
        foreach (var departure in _departures) departure();
        _departures.Clear();
    }

    private void PostLocal(Action input) => _inputs.Add(Local, input, 0, 0);

    private static long Cost(int size) => size + Limits.MessageOverhead;

    private Refusal Stopped() => NodeRefusals.MemberStopped(Name, _broken?.Message ?? "stopped by the node");
}
