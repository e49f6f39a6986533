using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>Many secret integers modulo the group order in one piece of guarded memory, wiped when disposed. Arithmetic and multiples are
/// libsodium's, in constant time.</summary>
internal sealed class SecretScalars(int count) : IDisposable
{
    // Below this a core is not worth waking for.
    private const int LeastPiece = 8;

    private readonly SecretMemory _secret = new(count * Scalar.Size);

    public int Count => count;

    /// <summary>The 32 bytes of one; they live no longer than this object is reachable.</summary>
    public Span<byte> this[int index] => _secret.Span.Slice(index * Scalar.Size, Scalar.Size);

    public static SecretScalars Random(int count, IRandom random)
    {
        var scalars = new SecretScalars(count);
        for (var i = 0; i < count; i++) SecretScalar.Fill(scalars[i], random);
        return scalars;
    }

    public static void Add(Span<byte> sum, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Sodium.crypto_core_ristretto255_scalar_add(sum, left, right);

    public static void Subtract(Span<byte> difference, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Sodium.crypto_core_ristretto255_scalar_sub(difference, left, right);

    public static void Multiply(Span<byte> product, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Sodium.crypto_core_ristretto255_scalar_mul(product, left, right);

    /// <summary><c>sum = summand + left * right</c>.</summary>
    public static void MultiplyAdd(Span<byte> sum, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ReadOnlySpan<byte> summand)
    {
        Span<byte> product = stackalloc byte[Scalar.Size];
        Multiply(product, left, right);
        Add(sum, product, summand);
        CryptographicOperations.ZeroMemory(product);
    }

    /// <summary><c>summand + left * right</c> that is fit to be published: a response of a proof.</summary>
    public static Scalar Respond(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ReadOnlySpan<byte> summand)
    {
        Span<byte> response = stackalloc byte[Scalar.Size];
        MultiplyAdd(response, left, right, summand);
        return Scalar.OfReduced(response);
    }

    /// <summary>Each times G, to be published.</summary>
    public PointList MultiplyBase(ICores cores)
    {
        var products = new Point[count];
        cores.Each(count, LeastPiece, i => products[i] = Point.MultiplyBase(this[i]));
        GC.KeepAlive(this);
        return new PointList(products);
    }

    /// <summary><c>sum this[i] * points[i] + shift * generator</c>, to be published; its terms stay secret.</summary>
    public Point Sum(ReadOnlyMemory<Point> points, ReadOnlySpan<byte> shift, Point generator, ICores cores)
    {
        var pieces = cores.Cut(count, LeastPiece);
        using var sums = new SecretMemory((pieces.Length + 1) * Point.Size);
        cores.Each(pieces.Length, piece =>
        {
            var partial = sums.Span.Slice(piece * Point.Size, Point.Size);
            Span<byte> product = stackalloc byte[Point.Size];
            for (var i = pieces[piece].From; i < pieces[piece].To; i++)
            {
                Point.Multiply(this[i], points.Span[i], product);
                _ = Sodium.crypto_core_ristretto255_add(partial, partial, product);
            }
            CryptographicOperations.ZeroMemory(product);
        });
        GC.KeepAlive(this);
        var sum = sums.Span[^Point.Size..];
        Point.Multiply(shift, generator, sum);
        for (var piece = 0; piece < pieces.Length; piece++)
            _ = Sodium.crypto_core_ristretto255_add(sum, sum, sums.Span.Slice(piece * Point.Size, Point.Size));
        return Point.OfValid(sum);
    }

    public void Dispose() => _secret.Dispose();
}
