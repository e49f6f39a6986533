using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>An integer modulo the group order l = 2^252 + 27742317777372353535851937790883648493, 32 bytes little-endian, always
/// reduced.</summary>
/// <remarks>For public data: its copies are not wiped. Secrets are <see cref="SecretScalar"/>s.</remarks>
public readonly struct Scalar : IEquatable<Scalar>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    /// <summary>Length in bytes of what is reduced to a nearly uniform scalar.</summary>
    internal const int WideSize = 64;

    private readonly Block32 _bytes;

    private Scalar(ReadOnlySpan<byte> reduced) => _bytes = new Block32(reduced);

    public static Scalar Zero => default;
    public static Scalar One { get; } = FromInteger(1);

    public bool IsZero => this == Zero;

    [UnscopedRef] public ReadOnlySpan<byte> Span => _bytes.Span;

    private static ReadOnlySpan<byte> Order =>
    [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
    ];

    /// <summary>Accepts 32 bytes that encode an integer below l, and nothing else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Scalar scalar)
    {
        var canonical = IsCanonical(encoded);
        scalar = canonical ? new Scalar(encoded) : default;
        return canonical;
    }

    /// <summary>32 bytes that libsodium reduced.</summary>
    internal static Scalar OfReduced(ReadOnlySpan<byte> reduced) => new(reduced);

    public static Scalar FromInteger(ulong value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return new Scalar(bytes);
    }

    /// <summary>The little-endian integer modulo l.</summary>
    /// <param name="wide">Exactly 64 bytes.</param>
    public static Scalar Reduce(ReadOnlySpan<byte> wide)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(wide.Length, WideSize);
        Span<byte> reduced = stackalloc byte[Size];
        Sodium.crypto_core_ristretto255_scalar_reduce(reduced, wide);
        return new Scalar(reduced);
    }

    /// <summary>Uniform, from 64 random bytes.</summary>
    public static Scalar Random(IRandom random)
    {
        Span<byte> wide = stackalloc byte[WideSize];
        random.Fill(wide);
        return Reduce(wide);
    }

    /// <summary>The inverse modulo l; there is none of zero.</summary>
    public Scalar Invert()
    {
        if (IsZero) throw new DivideByZeroException("zero has no inverse modulo the group order");
        Span<byte> inverse = stackalloc byte[Size];
        _ = Sodium.crypto_core_ristretto255_scalar_invert(inverse, Span);
        return new Scalar(inverse);
    }

    /// <summary>Inverts every one, none being zero, at the price of one inversion and three products each (Montgomery's trick).</summary>
    public static void InvertAll(Span<Scalar> scalars)
    {
        var products = new Scalar[scalars.Length + 1];
        products[0] = One;
        for (var i = 0; i < scalars.Length; i++) products[i + 1] = products[i] * scalars[i];
        var inverse = products[^1].Invert();
        for (var i = scalars.Length - 1; i >= 0; i--) (scalars[i], inverse) = (inverse * products[i], inverse * scalars[i]);
    }

    internal static bool IsCanonical(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != Size) return false;
        for (var i = Size - 1; i >= 0; i--)
            if (encoded[i] != Order[i]) return encoded[i] < Order[i];
        return false;
    }

    public bool Equals(Scalar other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);
    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Span);
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(Scalar left, Scalar right) => left.Equals(right);
    public static bool operator !=(Scalar left, Scalar right) => !left.Equals(right);

    public static Scalar operator +(Scalar left, Scalar right)
    {
        Span<byte> sum = stackalloc byte[Size];
        Sodium.crypto_core_ristretto255_scalar_add(sum, left.Span, right.Span);
        return new Scalar(sum);
    }

    public static Scalar operator -(Scalar left, Scalar right)
    {
        Span<byte> difference = stackalloc byte[Size];
        Sodium.crypto_core_ristretto255_scalar_sub(difference, left.Span, right.Span);
        return new Scalar(difference);
    }

    public static Scalar operator *(Scalar left, Scalar right)
    {
        Span<byte> product = stackalloc byte[Size];
        Sodium.crypto_core_ristretto255_scalar_mul(product, left.Span, right.Span);
        return new Scalar(product);
    }

    public static Scalar operator -(Scalar scalar) => Zero - scalar;

    public static Scalar Add(Scalar left, Scalar right) => left + right;
    public static Scalar Subtract(Scalar left, Scalar right) => left - right;
    public static Scalar Multiply(Scalar left, Scalar right) => left * right;
    public static Scalar Negate(Scalar scalar) => -scalar;
}
