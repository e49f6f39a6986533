using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>A secret integer modulo the group order, in guarded memory, wiped when disposed. All of its arithmetic is libsodium's, in
/// constant time.</summary>
public sealed class SecretScalar : IDisposable
{
    private const int FreshSize = 32;

    private readonly SecretMemory _secret = new(Scalar.Size);

    private SecretScalar() { }

    /// <summary>The 32 bytes; they live no longer than this object is reachable.</summary>
    internal Span<byte> Bytes => _secret.Span;

    /// <summary>Uniform, from 64 random bytes.</summary>
    public static SecretScalar Random(IRandom random)
    {
        var scalar = new SecretScalar();
        Fill(scalar.Bytes, random);
        return scalar;
    }

    /// <summary>Reads back what <see cref="CopyTo"/> wrote; the caller wipes its copy.</summary>
    /// <returns>False unless the 32 bytes are an integer below the group order.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out SecretScalar? scalar)
    {
        scalar = Scalar.IsCanonical(encoded) ? Copy(encoded) : null;
        return scalar is not null;
    }

    /// <summary>A fresh nonce for proving <paramref name="statement"/>: <c>H2S("nonce", secret || statement || 32 random bytes)</c>, so
    /// that neither a weak generator alone nor a repeated statement alone reveals the secret (protocols 0.2).</summary>
    public static SecretScalar Nonce(SecretScalar secret, Transcript statement, IRandom random)
    {
        var nonce = new SecretScalar();
        Nonce(secret.Bytes, statement, random, nonce.Bytes);
        GC.KeepAlive(secret);
        return nonce;
    }

    /// <summary>The same, written where the caller keeps it.</summary>
    internal static void Nonce(ReadOnlySpan<byte> secret, Transcript statement, IRandom random, Span<byte> nonce)
    {
        Span<byte> input = stackalloc byte[Scalar.Size + Transcript.StateSize + FreshSize];
        secret.CopyTo(input);
        statement.State.CopyTo(input[Scalar.Size..]);
        random.Fill(input[^FreshSize..]);

        Span<byte> wide = stackalloc byte[Scalar.WideSize];
        HashToGroup.ExpandScalar("nonce", input, wide);
        CryptographicOperations.ZeroMemory(input);
        Reduce(wide, nonce);
    }

    public static SecretScalar Sum(IReadOnlyList<SecretScalar> terms)
    {
        var sum = new SecretScalar();
        foreach (var term in terms) Sodium.crypto_core_ristretto255_scalar_add(sum.Bytes, sum.Bytes, term.Bytes);
        return sum;
    }

    /// <summary><c>this * G</c>: the public key.</summary>
    public Point MultiplyBase()
    {
        var product = Point.MultiplyBase(Bytes);
        GC.KeepAlive(this);
        return product;
    }

    /// <summary><c>this * point</c>.</summary>
    public Point Multiply(Point point)
    {
        var product = Point.Multiply(Bytes, point);
        GC.KeepAlive(this);
        return product;
    }

    /// <summary>A product that is itself secret, such as a shared key; the caller wipes it.</summary>
    internal void Multiply(Point point, Span<byte> product)
    {
        if (Sodium.crypto_scalarmult_ristretto255(product, Bytes, point.Span) != 0) product.Clear();
        GC.KeepAlive(this);
    }

    /// <summary>The response <c>this + challenge * secret</c> of a proof, this being its nonce: fit to be published, once.</summary>
    public Scalar Respond(Scalar challenge, SecretScalar secret)
    {
        Span<byte> response = stackalloc byte[Scalar.Size];
        Sodium.crypto_core_ristretto255_scalar_mul(response, challenge.Span, secret.Bytes);
        Sodium.crypto_core_ristretto255_scalar_add(response, response, Bytes);
        GC.KeepAlive(secret);
        GC.KeepAlive(this);
        Scalar.TryDecode(response, out var published);
        return published;
    }

    /// <summary>Hands out the 32 bytes, for an encrypted key file; the caller wipes them.</summary>
    public void CopyTo(Span<byte> destination)
    {
        Bytes.CopyTo(destination);
        GC.KeepAlive(this);
    }

    public void Dispose() => _secret.Dispose();

    internal static SecretScalar Copy(ReadOnlySpan<byte> reduced)
    {
        var scalar = new SecretScalar();
        reduced.CopyTo(scalar.Bytes);
        return scalar;
    }

    /// <summary>Writes a uniform scalar where the caller keeps it.</summary>
    internal static void Fill(Span<byte> destination, IRandom random)
    {
        Span<byte> wide = stackalloc byte[Scalar.WideSize];
        random.Fill(wide);
        Reduce(wide, destination);
    }

    /// <summary>Reduces 64 bytes modulo the group order and wipes them.</summary>
    private static void Reduce(Span<byte> wide, Span<byte> destination)
    {
        Sodium.crypto_core_ristretto255_scalar_reduce(destination, wide);
        CryptographicOperations.ZeroMemory(wide);
    }
}
