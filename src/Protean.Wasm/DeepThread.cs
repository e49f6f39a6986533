using System.Collections.Concurrent;

namespace Protean.Wasm;

/// <summary>One thread with a stack of known size that does what others hand it, in order: how deep contracts may nest must not depend on
/// whose thread called.</summary>
internal sealed class DeepThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public DeepThread(string name, int stackBytes)
    {
        _thread = new Thread(Loop, stackBytes) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Runs the work there and waits for its result, or throws what it threw.</summary>
    public T Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Loop()
    {
        foreach (var action in _work.GetConsumingEnumerable()) action();
    }
}
