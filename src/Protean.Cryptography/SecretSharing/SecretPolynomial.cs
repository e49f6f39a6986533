using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>A secret polynomial of degree t-1 modulo the group order: any t of its values at 1..n determine it, fewer say nothing
/// about its constant term (Shamir 1979).</summary>
public sealed class SecretPolynomial : IDisposable
{
    private readonly SecretMemory _coefficients;

    private SecretPolynomial(int threshold)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);
        Threshold = threshold;
        _coefficients = new SecretMemory(threshold * Scalar.Size);
    }

    /// <summary>The number t of coefficients.</summary>
    public int Threshold { get; }

    /// <summary>The coefficients are uniform and independent.</summary>
    public static SecretPolynomial Random(int threshold, IRandom random)
    {
        var polynomial = new SecretPolynomial(threshold);
        for (var k = 0; k < threshold; k++) SecretScalar.Fill(polynomial.Coefficient(k), random);
        return polynomial;
    }

    /// <summary>A copy of the constant term: the shared secret.</summary>
    public SecretScalar Constant()
    {
        var constant = SecretScalar.Copy(Coefficient(0));
        GC.KeepAlive(this);
        return constant;
    }

    /// <summary>The share of <paramref name="index"/>, which is never 0: that would be the secret.</summary>
    public SecretScalar Evaluate(ushort index)
    {
        Span<byte> share = stackalloc byte[Scalar.Size];
        Evaluate(index, share);
        var scalar = SecretScalar.Copy(share);
        CryptographicOperations.ZeroMemory(share);
        return scalar;
    }

    /// <summary>Feldman's commitments <c>A_k = a_k G</c>.</summary>
    public PublicPolynomial Commit()
    {
        var commitments = new Point[Threshold];
        for (var k = 0; k < Threshold; k++) commitments[k] = Point.MultiplyBase(Coefficient(k));
        GC.KeepAlive(this);
        return new PublicPolynomial(commitments);
    }

    public void Dispose() => _coefficients.Dispose();

    /// <summary>Writes the share; the caller wipes it.</summary>
    internal void Evaluate(ushort index, Span<byte> share)
    {
        ArgumentOutOfRangeException.ThrowIfZero(index);
        var x = Scalar.FromInteger(index);
        share.Clear();
        for (var k = Threshold - 1; k >= 0; k--)
        {
            Sodium.crypto_core_ristretto255_scalar_mul(share, share, x.Span);
            Sodium.crypto_core_ristretto255_scalar_add(share, share, Coefficient(k));
        }
        GC.KeepAlive(this);
    }

    private Span<byte> Coefficient(int k) => _coefficients.Span.Slice(k * Scalar.Size, Scalar.Size);
}
