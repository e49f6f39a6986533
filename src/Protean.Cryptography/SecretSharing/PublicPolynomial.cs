namespace Protean.Cryptography;

/// <summary>The commitments <c>A_k = a_k G</c> to a secret polynomial (Feldman 1987): every share can be checked against them.</summary>
public sealed class PublicPolynomial
{
    private readonly PointList _commitments;

    /// <param name="commitments">At least one.</param>
    public PublicPolynomial(ReadOnlyMemory<Point> commitments)
    {
        ArgumentOutOfRangeException.ThrowIfZero(commitments.Length);
        _commitments = new PointList(commitments.ToArray());
    }

    public ReadOnlyMemory<Point> Commitments => _commitments.Memory;

    /// <summary>The number of shares that determine the secret.</summary>
    public int Threshold => Commitments.Length;

    /// <summary><c>A_0</c>: the secret times G.</summary>
    public Point Constant => Commitments.Span[0];

    /// <summary><c>sum_k index^k A_k</c>: the share of <paramref name="index"/> times G.</summary>
    public Point Evaluate(ushort index)
    {
        ArgumentOutOfRangeException.ThrowIfZero(index);
        return _commitments.Evaluate(index);
    }

    /// <summary>The commitments to the sum of the committed polynomials, all of one threshold.</summary>
    public static PublicPolynomial Sum(IReadOnlyList<PublicPolynomial> terms)
    {
        foreach (var term in terms) ArgumentOutOfRangeException.ThrowIfNotEqual(term.Threshold, terms[0].Threshold);
        return new PublicPolynomial(PointList.Sum([.. terms.Select(static term => term._commitments)]));
    }
}
