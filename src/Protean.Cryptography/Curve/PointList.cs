using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Protean.Cryptography;

/// <summary>Public points with their decoded coordinates, so that a sum over them does not decode them again. 152 bytes each.</summary>
public sealed class PointList
{
    private const int LeastPiece = 256;

    private readonly Point[] _points;

    // Made at the first sum where the points were not decoded from bytes. Two threads that make it at once make the same.
    private AffinePoint[]? _affine;

    /// <param name="points">Kept, not copied.</param>
    public PointList(params Point[] points) => _points = points;

    private PointList(Point[] points, AffinePoint[] affine) => (_points, _affine) = (points, affine);

    public int Count => _points.Length;

    public ReadOnlySpan<Point> Span => _points;
    public ReadOnlyMemory<Point> Memory => _points;

    public Point this[int index] => _points[index];

    /// <summary>Reads points that stand one after another, 32 bytes each.</summary>
    /// <returns>False where any of them is not the one encoding of an element, or the length is not a multiple of 32.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, ICores cores, [NotNullWhen(true)] out PointList? points) =>
        TryDecode(encoded, cores, CurvePath.Best, out points);

    internal static bool TryDecode(ReadOnlySpan<byte> encoded, ICores cores, CurvePath path, [NotNullWhen(true)] out PointList? points)
    {
        points = null;
        if (encoded.Length % Point.Size != 0) return false;
        // Nothing but this method sees them before they are known to be valid.
        var candidates = MemoryMarshal.Cast<byte, Point>(encoded).ToArray();
        if (Decode(candidates, cores, path) is not { } affine) return false;
        points = new PointList(candidates, affine);
        return true;
    }

    /// <summary>Sums, place by place, of lists of one length.</summary>
    public static Point[] Sum(IReadOnlyList<PointList> lists)
    {
        var sums = new Point[lists[0].Count];
        for (var k = 0; k < sums.Length; k++)
        {
            var sum = EdwardsPoint.Identity;
            foreach (var list in lists) EdwardsPoint.Add(out sum, sum, list.Affine(OneCore.Instance, CurvePath.Best).Span[k], negative: false);
            sums[k] = Ristretto.Encode(sum);
        }
        return sums;
    }

    /// <summary><c>sum_k x^k this[k]</c> by Horner's rule: cheap for a small x.</summary>
    public Point Evaluate(ushort x)
    {
        var points = Affine(OneCore.Instance, CurvePath.Best).Span;
        var value = EdwardsPoint.Identity;
        for (var k = points.Length - 1; k >= 0; k--)
        {
            EdwardsPoint.Multiply(out value, value, x);
            EdwardsPoint.Add(out value, value, points[k], negative: false);
        }
        return Ristretto.Encode(value);
    }

    internal ReadOnlyMemory<AffinePoint> Affine(ICores cores, CurvePath path) =>
        _affine ??= Decode(_points, cores, path) ?? throw new InvalidOperationException("a point that libsodium decoded does not decode here");

    private static AffinePoint[]? Decode(Point[] points, ICores cores, CurvePath path)
    {
        var affine = new AffinePoint[points.Length];
        var isInvalid = false;
        var ranges = cores.Cut(points.Length, LeastPiece);
        cores.Each(ranges.Length, piece =>
        {
            var (from, to) = ranges[piece];
            if (!path.TryDecode(points.AsSpan(from, to - from), affine.AsSpan(from, to - from))) isInvalid = true;
        });
        return isInvalid ? null : affine;
    }
}
