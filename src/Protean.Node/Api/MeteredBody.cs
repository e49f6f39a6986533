using Microsoft.AspNetCore.Http;

namespace Protean.Node.Api;

/// <summary>A request's body that is read only as far as there is room for it, and only for so long. What is announced counts for nothing: what has
/// arrived does, so that a sender holds no more room than it has filled.</summary>
/// <param name="patience">For all of it.</param>
internal sealed class MeteredBody(HttpContext context, Stream body, ByteBudget room, TimeSpan patience) : Stream
{
    private readonly CancellationTokenSource _patience = new(patience);

    // The first part is bounded by the number of connections.
    private long _paidFor = Limits.SmallApiBody;
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="RefusedException">No room.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _patience.Token);
        try
        {
            var length = await body.ReadAsync(buffer, limit.Token);
            for (_read += length; _read > _paidFor; _paidFor += Limits.SmallApiBody)
                if (!room.TryTake(context, Limits.SmallApiBody)) throw new RefusedException(ApiRefusals.Crowded("body"));
            return length;
        }
        catch (OperationCanceledException) when (_patience.IsCancellationRequested)
        {
            throw new BadHttpRequestException("the body took too long", StatusCodes.Status408RequestTimeout);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _patience.Dispose();
        base.Dispose(disposing);
    }
}
