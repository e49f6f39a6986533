using Protean.Runtime;

namespace Protean.Node.EventLoop;

/// <summary>The effects of one loop. One object for the member's life, so that a job's continuation may use it later.</summary>
internal sealed class LoopEffects<TMessage, TOutput>(
    IOutlet<TMessage, TOutput> outlet, TimeProvider time, JobWorkers jobs, Action<Action> depart, Action<Action> post,
    Action<TimerId, IEffects<TMessage, TOutput>> timeOut) : IEffects<TMessage, TOutput>
{
    private readonly Dictionary<TimerId, ITimer> _timers = [];
    private bool _stopped;

    public UnixMs Now { get; set; }

    public void Send(MemberId to, TMessage message) => depart(() => outlet.Send(to, message));
    public void Broadcast(TMessage message) => depart(() => outlet.Broadcast(message));
    public void Output(TOutput output) => depart(() => outlet.Output(output));

    public void SetTimer(TimerId timer, TimeSpan delay)
    {
        if (_timers.Remove(timer, out var old)) old.Dispose();
        if (delay < TimeSpan.Zero || _stopped) return;
        // A timer that was moved or taken back may have fired already and wait in the queue: only the one that still stands counts.
        ITimer? created = null;
        created = time.CreateTimer(_ => post(() => Fire(timer, created!)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timers[timer] = created;
        created.Change(delay, Timeout.InfiniteTimeSpan);
    }

    public void Run(Job job) => jobs.Run(() =>
    {
        Action input;
        try
        {
            input = job.Work();
        }
        catch (Exception broken)
        {
            input = () => throw new InvalidOperationException($"job {job.Name} failed", broken);
        }
        post(input);
    });

    public void StopTimers()
    {
        _stopped = true;
        foreach (var timer in _timers.Values) timer.Dispose();
        _timers.Clear();
    }

    private void Fire(TimerId timer, ITimer fired)
    {
        if (!_timers.TryGetValue(timer, out var current) || current != fired) return;
        _timers.Remove(timer);
        fired.Dispose();
        timeOut(timer, this);
    }
}
