using System.Numerics;
using Protean.Codec;

namespace Protean.State;

/// <summary>Bits from the root of a map's trie downwards, most significant bit of each byte first (docs/protocols/state-map.md,
/// "Paths").</summary>
/// <remarks>A key's path is, for each byte, a 1 and the byte's eight bits, and at the end a 0. So no key's path is the beginning of
/// another's, paths have the bytewise order of keys, and the keys that start with some bytes are exactly those whose paths start with the
/// path of these bytes. The array may hold more bits than <see cref="Length"/>: beginnings of a path share its array.</remarks>
internal readonly struct BitPath : IEquatable<BitPath>
{
    /// <summary>Bits of the longest key's path.</summary>
    public const int MaxLength = 9 * Limits.MaxKeyBytes + 1;

    /// <summary>Bytes that hold the longest path.</summary>
    public const int MaxBytes = (MaxLength + 7) / 8;

    private readonly byte[]? _bits;

    private BitPath(byte[]? bits, int length)
    {
        _bits = bits;
        Length = length;
    }

    public int Length { get; }
    public int ByteCount => (Length + 7) / 8;
    public bool this[int index] => (_bits![index >> 3] & (0x80 >> (index & 7))) != 0;
    private ReadOnlySpan<byte> Bits => _bits.AsSpan(0, ByteCount);

    /// <summary>The path of one key.</summary>
    public static BitPath OfKey(ReadOnlySpan<byte> key) => Expand(key, 9 * key.Length + 1);

    /// <summary>Where all keys that start with <paramref name="prefix"/> are.</summary>
    public static BitPath OfPrefix(ReadOnlySpan<byte> prefix) => Expand(prefix, 9 * prefix.Length);

    private static BitPath Expand(ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length > Limits.MaxKeyBytes)
            throw new ArgumentOutOfRangeException(nameof(bytes), $"key of {bytes.Length} bytes, at most {Limits.MaxKeyBytes} allowed");
        var bits = new byte[(length + 7) / 8];
        for (var i = 0; i < bytes.Length; i++)
        {
            var nine = (0x100 | bytes[i]) << (7 - (9 * i & 7));
            bits[9 * i >> 3] |= (byte)(nine >> 8);
            bits[(9 * i >> 3) + 1] |= (byte)nine;
        }
        return new BitPath(bits, length);
    }

    /// <exception cref="MalformedException">No key has this path.</exception>
    public Bytes ToKey()
    {
        if (Length % 9 != 1 || this[Length - 1]) throw new MalformedException($"path of {Length} bits does not end a key");
        var key = new byte[Length / 9];
        for (var i = 0; i < key.Length; i++)
        {
            var nine = ((_bits![9 * i >> 3] << 8) | _bits[(9 * i >> 3) + 1]) >> (7 - (9 * i & 7));
            if ((nine & 0x100) == 0) throw new MalformedException($"path ends a key at bit {9 * i} and goes on");
            key[i] = (byte)nine;
        }
        return Bytes.Wrap(key);
    }

    /// <summary>The first <paramref name="length"/> bits.</summary>
    public BitPath Take(int length) => new(_bits, length);

    public BitPath Append(bool bit)
    {
        var bits = new byte[(Length + 8) / 8];
        CopyTo(bits);
        if (bit) bits[Length >> 3] |= (byte)(0x80 >> (Length & 7));
        return new BitPath(bits, Length + 1);
    }

    /// <summary>How many bits both begin with.</summary>
    public int CommonLength(BitPath other)
    {
        var max = Math.Min(Length, other.Length);
        var mine = Take(max).Bits;
        var theirs = other.Take(max).Bits;
        var same = mine.CommonPrefixLength(theirs);
        return same == mine.Length ? max : Math.Min(max, 8 * same + BitOperations.LeadingZeroCount((uint)(mine[same] ^ theirs[same])) - 24);
    }

    public bool StartsWith(BitPath beginning) => beginning.Length <= Length && CommonLength(beginning) == beginning.Length;

    /// <summary>Whether everything that starts with this path lies before <paramref name="other"/>.</summary>
    public bool IsWhollyBefore(BitPath other)
    {
        var common = CommonLength(other);
        return common < Length && common < other.Length && other[common];
    }

    /// <summary>Writes the bits to the beginning of <paramref name="to"/>, zeros after the last one up to the whole byte.</summary>
    public int CopyTo(Span<byte> to)
    {
        Bits.CopyTo(to);
        if ((Length & 7) != 0) to[ByteCount - 1] &= (byte)(0xff00 >> (Length & 7));
        return ByteCount;
    }

    /// <summary>Writes the bits from <paramref name="start"/> on: <c>u16 count || bits</c>, zeros up to the whole byte.</summary>
    public void EncodeFrom(int start, Encoder to)
    {
        var count = Length - start;
        Span<byte> rest = stackalloc byte[MaxBytes];
        rest = rest[..((count + 7) / 8)];
        for (var i = 0; i < rest.Length; i++)
        {
            var at = (start >> 3) + i;
            var pair = (Bits[at] << 8) | (at + 1 < ByteCount ? Bits[at + 1] : 0);
            rest[i] = (byte)(pair >> (8 - (start & 7)));
        }
        if ((count & 7) != 0) rest[^1] &= (byte)(0xff00 >> (count & 7));
        to.U16((ushort)count).Raw(rest);
    }

    /// <summary>Reads what <see cref="EncodeFrom"/> wrote and puts it after this path.</summary>
    /// <exception cref="MalformedException">Longer than any key's path, or bits set after the last one.</exception>
    public BitPath DecodeAfter(ref Decoder from)
    {
        int count = from.U16();
        if (Length + count > MaxLength) throw new MalformedException($"path of {Length + count} bits, at most {MaxLength} allowed");
        var rest = from.Raw((count + 7) / 8);
        if ((count & 7) != 0 && (rest[^1] & (0xff >> (count & 7))) != 0) throw new MalformedException("bits set after the end of a path");
        var bits = new byte[(Length + count + 7) / 8];
        CopyTo(bits);
        for (var i = 0; i < rest.Length; i++)
        {
            var at = (Length >> 3) + i;
            bits[at] |= (byte)(rest[i] >> (Length & 7));
            if (at + 1 < bits.Length) bits[at + 1] |= (byte)(rest[i] << (8 - (Length & 7)));
        }
        return new BitPath(bits, Length + count);
    }

    public bool Equals(BitPath other) => Length == other.Length && CommonLength(other) == Length;
    public override bool Equals(object? obj) => obj is BitPath other && Equals(other);
    public override int GetHashCode() => Length;
}
