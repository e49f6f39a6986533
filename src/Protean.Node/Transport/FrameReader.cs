using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Protean.Codec;

namespace Protean.Node.Transport;

/// <summary>Cuts a stream into frames. A length is checked before memory is taken for it, and memory grows only with what
/// arrives.</summary>
public sealed class FrameReader(Stream stream) : IAsyncDisposable
{
    private const int LengthSize = sizeof(uint);
    private const int TlsRecord = 16 << 10;

    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: TlsRecord, leaveOpen: true));

    /// <summary>What follows the next length; null at the end of the stream.</summary>
    /// <param name="max">The most it may be.</param>
    /// <param name="silence">How long no byte may come.</param>
    /// <exception cref="MalformedException">Too long, or the stream ended inside.</exception>
    public async ValueTask<byte[]?> ReadAsync(int max, TimeSpan silence, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        while (true)
        {
            patience.CancelAfter(silence);
            var result = await _reader.ReadAsync(patience.Token);
            var buffer = result.Buffer;
            if (TryCut(ref buffer, max, out var content))
            {
                _reader.AdvanceTo(buffer.Start);
                return content;
            }
            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted) continue;
            return buffer.IsEmpty ? null : throw new MalformedException($"the stream ended {buffer.Length} bytes into a frame");
        }
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private static bool TryCut(ref ReadOnlySequence<byte> buffer, int max, out byte[] content)
    {
        content = [];
        if (buffer.Length < LengthSize) return false;
        Span<byte> prefix = stackalloc byte[LengthSize];
        buffer.Slice(0, LengthSize).CopyTo(prefix);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length > (uint)max) throw new MalformedException($"frame of {length} bytes, at most {max} allowed");
        if (buffer.Length < LengthSize + length) return false;
        content = buffer.Slice(LengthSize, length).ToArray();
        buffer = buffer.Slice(LengthSize + length);
        return true;
    }
}
