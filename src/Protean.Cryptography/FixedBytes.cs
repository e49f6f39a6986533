using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Protean.Cryptography;

/// <summary>32 bytes of a hash: node, unit, plan, block and every other identifier derived by <c>H</c> (protocols 0.2).</summary>
public readonly struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private readonly Block32 _bytes;

    /// <param name="bytes">Exactly 32 bytes.</param>
    public Digest(ReadOnlySpan<byte> bytes) => _bytes = new Block32(bytes);

    /// <summary>32 zero bytes: "none".</summary>
    public static Digest Zero => default;

    [UnscopedRef] public ReadOnlySpan<byte> Span => _bytes.Span;

    public static Digest FromHex(string hex) => new(Convert.FromHexString(hex));

    /// <returns>False where the text is not 64 hexadecimal digits.</returns>
    public static bool TryFromHex(string text, out Digest digest)
    {
        var isHex = text.Length == 2 * Size && text.All(char.IsAsciiHexDigit);
        digest = isHex ? FromHex(text) : Zero;
        return isHex;
    }

    public bool Equals(Digest other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);
    public override int GetHashCode() => _bytes.GetHashCode();
    public int CompareTo(Digest other) => Span.SequenceCompareTo(other.Span);
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(Digest left, Digest right) => left.Equals(right);
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;
}

/// <summary>An encoded public key, 32 bytes: Ed25519 (RFC 8032) or ristretto255 (RFC 9496), as its holder says. Not necessarily a valid
/// point.</summary>
public readonly struct PublicKey : IEquatable<PublicKey>, IComparable<PublicKey>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private readonly Block32 _bytes;

    /// <param name="bytes">Exactly 32 bytes.</param>
    public PublicKey(ReadOnlySpan<byte> bytes) => _bytes = new Block32(bytes);

    [UnscopedRef] public ReadOnlySpan<byte> Span => _bytes.Span;

    public static PublicKey FromHex(string hex) => new(Convert.FromHexString(hex));
    public bool Equals(PublicKey other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is PublicKey other && Equals(other);
    public override int GetHashCode() => _bytes.GetHashCode();
    public int CompareTo(PublicKey other) => Span.SequenceCompareTo(other.Span);
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(PublicKey left, PublicKey right) => left.Equals(right);
    public static bool operator !=(PublicKey left, PublicKey right) => !left.Equals(right);
    public static bool operator <(PublicKey left, PublicKey right) => left.CompareTo(right) < 0;
    public static bool operator >(PublicKey left, PublicKey right) => left.CompareTo(right) > 0;
    public static bool operator <=(PublicKey left, PublicKey right) => left.CompareTo(right) <= 0;
    public static bool operator >=(PublicKey left, PublicKey right) => left.CompareTo(right) >= 0;
}

/// <summary>An Ed25519 signature (RFC 8032), 64 bytes.</summary>
public readonly struct Signature : IEquatable<Signature>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 64;

    private readonly Block32 _r;
    private readonly Block32 _s;

    /// <param name="bytes">Exactly 64 bytes.</param>
    public Signature(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"expected {Size} bytes, got {bytes.Length}", nameof(bytes));
        _r = new Block32(bytes[..32]);
        _s = new Block32(bytes[32..]);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in this, 1));

    public bool Equals(Signature other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Signature other && Equals(other);
    public override int GetHashCode() => _r.GetHashCode();
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(Signature left, Signature right) => left.Equals(right);
    public static bool operator !=(Signature left, Signature right) => !left.Equals(right);
}

/// <summary>32 bytes by value, so that keys and digests live in dictionaries and structs without an array each.</summary>
[InlineArray(32)]
internal struct Block32
{
    private byte _first;

    public Block32(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 32) throw new ArgumentException($"expected 32 bytes, got {bytes.Length}", nameof(bytes));
        bytes.CopyTo(this);
    }

    [UnscopedRef] public readonly ReadOnlySpan<byte> Span => this;

    // The last eight bytes: uniform in digests and keys alike, and the same in every process.
    public override readonly int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Span[24..]);
    public override readonly bool Equals(object? obj) => obj is Block32 other && Span.SequenceEqual(other.Span);
}
