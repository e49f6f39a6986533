using System.Collections.Concurrent;

namespace Protean.Node.EventLoop;

/// <summary>Threads for heavy pure work: apart from the thread pool, so that no loop waits behind a job, and few, so that jobs share the
/// cores with loops.</summary>
public sealed class JobWorkers : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    public JobWorkers(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        for (var i = 0; i < threads; i++)
            new Thread(Work) { IsBackground = true, Name = $"protean job {i + 1}" }.Start();
    }

    /// <summary>The workers of this process: one per core.</summary>
    public static JobWorkers Shared { get; } = new(Environment.ProcessorCount);

    /// <param name="work">Does not throw.</param>
    public void Run(Action work) => _work.Add(work);

    public void Dispose() => _work.CompleteAdding();

    private void Work()
    {
        foreach (var work in _work.GetConsumingEnumerable()) work();
    }
}
