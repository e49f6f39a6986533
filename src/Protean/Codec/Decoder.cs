using System.Buffers.Binary;
using System.Text;
using Protean.Cryptography;

namespace Protean.Codec;

/// <summary>Reads the canonical byte form and refuses every other: lengths are checked against what is left before memory is taken.</summary>
public ref struct Decoder
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _data;
    private int _position;

    public Decoder(ReadOnlySpan<byte> data)
    {
        _data = data;
        _position = 0;
    }

    public readonly int Position => _position;
    public readonly int Left => _data.Length - _position;
    public readonly ReadOnlySpan<byte> Since(int position) => _data[position.._position];

    public byte U8() => Raw(1)[0];
    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Raw(2));
    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Raw(4));
    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Raw(8));

    public ReadOnlySpan<byte> Raw(int length)
    {
        if (length > Left) throw new MalformedException($"{length} bytes expected at offset {_position}, {Left} left");
        var slice = _data.Slice(_position, length);
        _position += length;
        return slice;
    }

    /// <param name="max">The most bytes this field may have.</param>
    public ReadOnlySpan<byte> Bytes(int max)
    {
        var length = U32();
        if (length > (uint)max) throw new MalformedException($"field of {length} bytes at offset {_position}, at most {max} allowed");
        return Raw((int)length);
    }

    public string Text(int max)
    {
        var at = _position;
        var bytes = Bytes(max);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new MalformedException($"text at offset {at} is not UTF-8");
        }
    }

    public Digest Digest() => new(Raw(Cryptography.Digest.Size));
    public PublicKey Key() => new(Raw(PublicKey.Size));
    public Signature Signature() => new(Raw(Cryptography.Signature.Size));

    public bool Bool()
    {
        var value = U8();
        return value <= 1 ? value == 1 : throw new MalformedException($"{value} at offset {_position - 1}, 0 or 1 expected");
    }

    public T Value<T>() where T : ICanonical<T> => T.Decode(ref this);

    public delegate T Item<out T>(ref Decoder from);

    public IReadOnlyList<T> List<T>(int max) where T : ICanonical<T>
    {
        var items = Items<T>(max);
        for (var i = 0; i < items.Length; i++) items[i] = T.Decode(ref this);
        return items;
    }

    public IReadOnlyList<T> List<T>(int max, Item<T> item)
    {
        var items = Items<T>(max);
        for (var i = 0; i < items.Length; i++) items[i] = item(ref this);
        return items;
    }

    public T? Optional<T>() where T : class, ICanonical<T> => Bool() ? T.Decode(ref this) : null;
    public T? Optional<T>(Item<T> item) where T : struct => Bool() ? item(ref this) : null;

    // Every item takes at least a byte, so a lying count is refused before memory is taken.
    private T[] Items<T>(int max)
    {
        var count = U32();
        if (count > (uint)max || count > (uint)Left) throw new MalformedException($"list of {count} at offset {_position}, at most {Math.Min(max, Left)} possible");
        return count == 0 ? [] : new T[count];
    }

    /// <summary>Refuses trailing bytes.</summary>
    public readonly void End()
    {
        if (Left != 0) throw new MalformedException($"{Left} bytes after the end at offset {_position}");
    }
}
