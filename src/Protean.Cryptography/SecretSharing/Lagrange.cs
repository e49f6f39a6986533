namespace Protean.Cryptography;

/// <summary>Interpolation at zero: from t shares to what they share.</summary>
public static class Lagrange
{
    /// <summary><c>lambda_i = prod_{j != i} j / (j - i)</c>, so that <c>f(0) = sum lambda_i f(i)</c>, for distinct non-zero
    /// indices.</summary>
    public static Scalar[] AtZero(ReadOnlySpan<ushort> indices)
    {
        var product = Scalar.One;
        var coefficients = new Scalar[indices.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            var own = Scalar.FromInteger(indices[i]);
            product *= own;
            coefficients[i] = own;
            for (var j = 0; j < indices.Length; j++)
                if (j != i) coefficients[i] *= Scalar.FromInteger(indices[j]) - own;
        }
        if (product.IsZero || Array.Exists(coefficients, coefficient => coefficient.IsZero))
            throw new ArgumentException("share indices must be distinct and not zero", nameof(indices));
        Scalar.InvertAll(coefficients);
        for (var i = 0; i < coefficients.Length; i++) coefficients[i] *= product;
        return coefficients;
    }

    /// <summary><c>sum lambda_i values[i]</c>: the value at zero in the exponent.</summary>
    public static Point Combine(ReadOnlySpan<ushort> indices, ReadOnlySpan<Point> values, IMultiScalar sums) =>
        sums.Sum(AtZero(indices), values);
}
