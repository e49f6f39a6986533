using System.Net.Security;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Node.EventLoop;

namespace Protean.Node.Transport;

/// <summary>A connection with a known peer.</summary>
internal sealed class PeerConnection(Digest peer, SslStream stream, FrameReader reader, FrameWriter writer, PeerTimings timings)
    : IAsyncDisposable
{
    // Never disposed: a newer connection may close this one while it ends by itself. It holds nothing but memory.
    private readonly CancellationTokenSource _closing = new();

    public Digest Peer { get; } = peer;

    /// <summary>Makes <see cref="RunAsync"/> end.</summary>
    public void Close() => _closing.Cancel();

    /// <summary>Carries frames both ways until either side ends it; throws the reason where there is one.</summary>
    /// <param name="outbox">What is to be sent; null stands for the sign of life.</param>
    /// <param name="receive">Called for each frame, in order.</param>
    public async Task RunAsync(FairQueue<Digest, Frame?> outbox, Action<Frame> receive, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        var token = ending.Token;
        Task[] directions = [ReadAllAsync(receive, token), WriteAllAsync(outbox, token), KeepAliveAsync(outbox, token)];
        var first = await Task.WhenAny(directions);
        await ending.CancelAsync();
        await Task.WhenAll(directions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await stream.DisposeAsync();
    }

    private async Task ReadAllAsync(Action<Frame> receive, CancellationToken cancellation)
    {
        while (await reader.ReadAsync(Frame.HeaderSize + Limits.MaxFrame, timings.Silence, cancellation) is { } content)
            if (content.Length > 0) receive(Frame.Parse(Peer, content));
    }

    private async Task WriteAllAsync(FairQueue<Digest, Frame?> outbox, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        do
        {
            while (outbox.TryTake(out var frame))
            {
                patience.CancelAfter(timings.Silence);
                if (frame is { } message) await writer.WriteAsync(message, patience.Token);
                else await writer.WriteAsync(ReadOnlyMemory<byte>.Empty, patience.Token);
            }
            await writer.FlushAsync(patience.Token);
            patience.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        while (await outbox.WaitAsync(cancellation));
    }

    private async Task KeepAliveAsync(FairQueue<Digest, Frame?> outbox, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(timings.KeepAlive);
        while (await timer.WaitForNextTickAsync(cancellation)) outbox.Add(Digest.Zero, null, 0, 0);
    }
}
