using System.Buffers.Binary;
using System.Text;
using Protean.Cryptography;

namespace Protean.Codec;

/// <summary>Writes the one canonical byte form of a value (protocols 0.2): little-endian integers of fixed width,
/// <c>bytes = u32 length || data</c>, <c>list = u32 count || items</c>, <c>opt = u8 0|1 || value</c>; fields in order, no padding.</summary>
/// <remarks>Ends with the result that is taken, <see cref="ToArray"/>, <see cref="ToHash"/> or <see cref="ToSignMsg"/>: its memory then
/// serves the next encoder of the thread.</remarks>
public sealed class Encoder
{
    private const int MaxSpare = 64 << 10;

    [ThreadStatic] private static byte[]? _spare;

    private byte[]? _buffer;
    private int _length;

    public Encoder(int capacity = 256)
    {
        if (_spare is { } spare && spare.Length >= capacity) (_buffer, _spare) = (spare, null);
        else _buffer = new byte[capacity];
    }

    public ReadOnlySpan<byte> Written => Buffer.AsSpan(0, _length);

    private byte[] Buffer => _buffer ?? throw new InvalidOperationException("the encoder's result was taken: it has ended");

    public byte[] ToArray()
    {
        var bytes = Written.ToArray();
        End();
        return bytes;
    }

    /// <summary><see cref="Hash.H"/> of what was written.</summary>
    public Digest ToHash(string tag)
    {
        var hash = Hash.H(tag, Written);
        End();
        return hash;
    }

    /// <summary><see cref="SignMsg.Payload"/> of what was written.</summary>
    public byte[] ToSignMsg(string tag)
    {
        var payload = SignMsg.Payload(tag, Written);
        End();
        return payload;
    }

    public Encoder U8(byte value)
    {
        Next(sizeof(byte))[0] = value;
        return this;
    }

    public Encoder U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Next(sizeof(ushort)), value);
        return this;
    }

    public Encoder U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Next(sizeof(uint)), value);
        return this;
    }

    public Encoder U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Next(sizeof(ulong)), value);
        return this;
    }

    /// <summary>Raw bytes without a length: for fields whose length the format fixes.</summary>
    public Encoder Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Next(value.Length));
        return this;
    }

    public Encoder Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, U32((uint)length).Next(length));
        return this;
    }

    public Encoder Bytes(ReadOnlySpan<byte> value) => U32((uint)value.Length).Raw(value);
    public Encoder Digest(Digest value) => Raw(value.Span);
    public Encoder Key(PublicKey value) => Raw(value.Span);
    public Encoder Signature(Signature value) => Raw(value.Span);
    public Encoder Bool(bool value) => U8(value ? (byte)1 : (byte)0);

    public Encoder Value<T>(T value) where T : ICanonical<T>
    {
        value.Encode(this);
        return this;
    }

    public Encoder List<T>(IReadOnlyCollection<T> values) where T : ICanonical<T> => List(values, static (to, value) => value.Encode(to));

    public Encoder List<T>(IReadOnlyCollection<T> values, Action<Encoder, T> encode)
    {
        U32((uint)values.Count);
        if (values is T[] array) // as most are: no enumerator
            foreach (var value in array) encode(this, value);
        else
            foreach (var value in values) encode(this, value);
        return this;
    }

    public Encoder Optional<T>(T? value) where T : class, ICanonical<T>
    {
        Bool(value is not null);
        value?.Encode(this);
        return this;
    }

    public Encoder Optional<T>(T? value, Action<Encoder, T> encode) where T : struct
    {
        Bool(value is not null);
        if (value is { } present) encode(this, present);
        return this;
    }

    private Span<byte> Next(int count)
    {
        if (Buffer.Length - _length < count) Array.Resize(ref _buffer, Math.Max(2 * Buffer.Length, _length + count));
        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }

    private void End()
    {
        if (Buffer.Length <= MaxSpare && (_spare is null || _spare.Length < Buffer.Length)) _spare = _buffer;
        _buffer = null;
    }
}
