namespace Protean.Cryptography;

/// <summary>Sums of few multiples: all scalars bit by bit together, with a table of odd multiples of each point (Straus 1964), for public
/// data.</summary>
internal static class Straus
{
    private const int Bits = 256;

    // Digits are odd, of absolute value below 2^(Width - 1), and followed by Width - 1 zeros at least.
    private const int Width = 5;
    private const int TableSize = 1 << (Width - 2);

    public static EdwardsPoint Sum(SumPiece piece)
    {
        var digits = new sbyte[piece.Count * Bits];
        var tables = new ProjectivePoint[piece.Count * TableSize];
        var (filled, highest) = (0, 0);
        foreach (var (scalars, points) in piece.Runs)
        {
            for (var i = 0; i < points.Length; i++, filled++)
            {
                highest = Math.Max(highest, NonAdjacentForm(scalars.Span[i], digits.AsSpan(filled * Bits, Bits)));
                OddMultiples(points.Span[i], tables.AsSpan(filled * TableSize, TableSize));
            }
        }

        var sum = EdwardsPoint.Identity;
        for (var bit = highest; bit >= 0; bit--)
        {
            EdwardsPoint.Double(out sum, sum);
            for (var i = 0; i < filled; i++)
            {
                var digit = digits[i * Bits + bit];
                if (digit != 0) EdwardsPoint.Add(out sum, sum, tables[i * TableSize + Math.Abs(digit) / 2], negative: digit < 0);
            }
        }
        return sum;
    }

    /// <summary>P, 3P, 5P, ...</summary>
    private static void OddMultiples(in AffinePoint point, Span<ProjectivePoint> table)
    {
        EdwardsPoint.Add(out var multiple, EdwardsPoint.Identity, point, negative: false);
        EdwardsPoint.Double(out var twice, multiple);
        ProjectivePoint.From(out var step, twice);
        ProjectivePoint.From(out table[0], multiple);
        for (var i = 1; i < table.Length; i++)
        {
            EdwardsPoint.Add(out multiple, multiple, step, negative: false);
            ProjectivePoint.From(out table[i], multiple);
        }
    }

    /// <returns>The highest bit with a digit.</returns>
    private static int NonAdjacentForm(Scalar scalar, Span<sbyte> digits)
    {
        Span<byte> bytes = stackalloc byte[Scalar.Size + 1];
        bytes[Scalar.Size] = 0;
        scalar.Span.CopyTo(bytes);
        var (carry, highest) = (0, 0);
        for (var bit = 0; bit < Bits;)
        {
            var window = ((bytes[bit / 8] | (bytes[bit / 8 + 1] << 8)) >> (bit % 8) & ((1 << Width) - 1)) + carry;
            if ((window & 1) == 0)
            {
                bit++;
                continue;
            }
            carry = window < 1 << (Width - 1) ? 0 : 1;
            digits[bit] = (sbyte)(window - (carry << Width));
            highest = bit;
            bit += Width;
        }
        return highest;
    }
}
