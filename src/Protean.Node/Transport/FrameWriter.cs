using System.Buffers;
using System.Buffers.Binary;

namespace Protean.Node.Transport;

/// <summary>Writes frames; small ones are gathered until <see cref="FlushAsync"/>, large ones go through uncopied.</summary>
public sealed class FrameWriter(Stream stream)
{
    private const int LengthSize = sizeof(uint);
    private const int GatherBytes = 16 << 10; // one TLS record

    private readonly ArrayBufferWriter<byte> _gathered = new(GatherBytes);

    public async ValueTask WriteAsync(Frame frame, CancellationToken cancellation)
    {
        var header = _gathered.GetSpan(LengthSize + Frame.HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(Frame.HeaderSize + frame.Payload.Length));
        frame.Unit.Span.CopyTo(header[LengthSize..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[(LengthSize + frame.Unit.Span.Length)..], frame.Epoch);
        _gathered.Advance(LengthSize + Frame.HeaderSize);
        await AppendAsync(frame.Payload, cancellation);
    }

    /// <summary>A frame of the handshake: a length and what follows it.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_gathered.GetSpan(LengthSize), (uint)content.Length);
        _gathered.Advance(LengthSize);
        await AppendAsync(content, cancellation);
    }

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (_gathered.WrittenCount == 0) return;
        await stream.WriteAsync(_gathered.WrittenMemory, cancellation);
        _gathered.ResetWrittenCount();
    }

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (_gathered.WrittenCount + content.Length <= GatherBytes)
        {
            _gathered.Write(content.Span);
            return;
        }
        await FlushAsync(cancellation);
        await stream.WriteAsync(content, cancellation);
    }
}
