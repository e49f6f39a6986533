using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Protean.Cryptography;

namespace Protean.Codec;

/// <summary>Writes the one canonical byte form of a value (protocols 0.2): little-endian integers of fixed width,
/// <c>bytes = u32 length || data</c>, <c>list = u32 count || items</c>, <c>opt = u8 0|1 || value</c>; fields in order, no padding.</summary>
public sealed class Encoder
{
    private readonly ArrayBufferWriter<byte> _buffer;

    public Encoder(int capacity = 256) => _buffer = new ArrayBufferWriter<byte>(capacity);

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;
    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public Encoder U8(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    public Encoder U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.GetSpan(2), value);
        _buffer.Advance(2);
        return this;
    }

    public Encoder U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    public Encoder U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    /// <summary>Raw bytes without a length: for fields whose length the format fixes.</summary>
    public Encoder Raw(ReadOnlySpan<byte> value)
    {
        _buffer.Write(value);
        return this;
    }

    public Encoder Bytes(ReadOnlySpan<byte> value) => U32((uint)value.Length).Raw(value);
    public Encoder Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));
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
}
