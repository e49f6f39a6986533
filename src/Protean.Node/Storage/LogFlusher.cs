namespace Protean.Node.Storage;

/// <summary>Flushes the database's log to disk on a thread of its own: everybody who waits meanwhile shares the next flush.</summary>
internal sealed class LogFlusher : IDisposable
{
    private readonly Action _flush;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wanted = new(0, 1);
    private readonly Thread _thread;
    private List<TaskCompletionSource> _waiting = [];
    private long _written;
    private long _flushed;
    private Exception? _failure;
    private bool _stopped;

    /// <param name="flush">Blocks until the log is on disk.</param>
    public LogFlusher(Action flush)
    {
        _flush = flush;
        _thread = new Thread(Work) { IsBackground = true, Name = "protean log flush" };
        _thread.Start();
    }

    /// <summary>Numbers a write that has reached the log.</summary>
    public long Written() => Interlocked.Increment(ref _written);

    /// <summary>Done when the write of this number is on disk. After a flush failed, nothing is ever said to be on disk again:
    /// the system may have dropped the pages that it could not write.</summary>
    public ValueTask WaitAsync(long number)
    {
        if (Volatile.Read(ref _flushed) >= number) return ValueTask.CompletedTask;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_failure is not null) return ValueTask.FromException(_failure);
            ObjectDisposedException.ThrowIf(_stopped, this);
            _waiting.Add(done);
            if (_waiting.Count == 1) _wanted.Release();
        }
        return new ValueTask(done.Task);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
            if (_waiting.Count == 0) _wanted.Release();
        }
        _thread.Join();
        _wanted.Dispose();
    }

    private void Work()
    {
        while (true)
        {
            _wanted.Wait();
            List<TaskCompletionSource> served;
            lock (_gate)
            {
                if (_waiting.Count == 0) return;
                (served, _waiting) = (_waiting, []);
            }
            Serve(served);
            lock (_gate)
                if (_stopped && _waiting.Count == 0) return;
        }
    }

    private void Serve(List<TaskCompletionSource> served)
    {
        var reached = Volatile.Read(ref _written);
        try
        {
            if (_failure is null) _flush();
        }
        catch (Exception failed)
        {
            lock (_gate) _failure = failed;
        }
        if (_failure is null) Volatile.Write(ref _flushed, reached);
        foreach (var waiter in served)
        {
            if (_failure is null) waiter.SetResult();
            else waiter.SetException(_failure);
        }
    }
}
