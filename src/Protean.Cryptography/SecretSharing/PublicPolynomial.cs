namespace Protean.Cryptography;

/// <summary>The commitments <c>A_k = a_k G</c> to a secret polynomial (Feldman 1987): every share can be checked against them.</summary>
public sealed class PublicPolynomial
{
    /// <param name="commitments">At least one.</param>
    public PublicPolynomial(ReadOnlyMemory<Point> commitments)
    {
        ArgumentOutOfRangeException.ThrowIfZero(commitments.Length);
        Commitments = commitments;
    }

    public ReadOnlyMemory<Point> Commitments { get; }

    /// <summary>The number of shares that determine the secret.</summary>
    public int Threshold => Commitments.Length;

    /// <summary><c>A_0</c>: the secret times G.</summary>
    public Point Constant => Commitments.Span[0];

    /// <summary><c>sum_k index^k A_k</c>: the share of <paramref name="index"/> times G. Costs t multiplications.</summary>
    public Point Evaluate(ushort index)
    {
        ArgumentOutOfRangeException.ThrowIfZero(index);
        var x = Scalar.FromInteger(index);
        var commitments = Commitments.Span;
        var value = commitments[^1];
        for (var k = Threshold - 2; k >= 0; k--) value = x * value + commitments[k];
        return value;
    }

    /// <summary>The commitments to the sum of the committed polynomials, all of one threshold.</summary>
    public static PublicPolynomial Sum(IReadOnlyList<PublicPolynomial> terms)
    {
        var sum = new Point[terms[0].Threshold];
        foreach (var term in terms)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(term.Threshold, sum.Length);
            for (var k = 0; k < sum.Length; k++) sum[k] += term.Commitments.Span[k];
        }
        return new PublicPolynomial(sum);
    }
}
