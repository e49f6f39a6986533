using System.Net.Sockets;
using System.Threading.Channels;

namespace Protean.Cli.Chaos;

/// <summary>One direction of a wire: bytes arrive in order, later by a delay, and not at all while it is cut.</summary>
/// <remarks>What is sent into a cut waits, as packets that are sent again and again do; the connection learns nothing of it.</remarks>
internal sealed class Lane
{
    private const int ChunkSize = 16 << 10, WaitingChunks = 256;

    private readonly Lock _gate = new();
    private TaskCompletionSource _open = Opened();
    private long _delayMs;

    public TimeSpan Delay
    {
        set => Volatile.Write(ref _delayMs, (long)value.TotalMilliseconds);
    }

    /// <summary>Bytes carried.</summary>
    public long Carried => Volatile.Read(ref _carried);
    private long _carried;

    public void Cut()
    {
        lock (_gate)
            if (_open.Task.IsCompleted) _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Mend()
    {
        lock (_gate) _open.TrySetResult();
    }

    /// <summary>Carries all that one side says to the other, its end included.</summary>
    public async Task Carry(NetworkStream from, NetworkStream to, CancellationToken cancel)
    {
        var under = Channel.CreateBounded<(byte[] Bytes, long Due)>(WaitingChunks);
        var reading = Read(from, under.Writer, cancel);
        await foreach (var (bytes, due) in under.Reader.ReadAllAsync(cancel))
        {
            await UntilOpen().WaitAsync(cancel);
            if (due - Environment.TickCount64 is > 0 and var early) await Task.Delay((int)early, cancel);
            await to.WriteAsync(bytes, cancel);
            Interlocked.Add(ref _carried, bytes.Length);
        }
        await UntilOpen().WaitAsync(cancel);
        await reading;
    }

    private async Task Read(NetworkStream from, ChannelWriter<(byte[] Bytes, long Due)> under, CancellationToken cancel)
    {
        Exception? end = null;
        try
        {
            var chunk = new byte[ChunkSize];
            while (await from.ReadAsync(chunk, cancel) is > 0 and var length)
                await under.WriteAsync((chunk[..length], Environment.TickCount64 + Volatile.Read(ref _delayMs)), cancel);
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException)
        {
            end = broken;
        }
        under.Complete(end);
    }

    private Task UntilOpen()
    {
        lock (_gate) return _open.Task;
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
