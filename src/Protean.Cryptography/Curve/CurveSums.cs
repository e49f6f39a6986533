namespace Protean.Cryptography;

/// <summary>Sums by own arithmetic in variable time: 5 to 50 times faster than term by term through libsodium, and equal to it.</summary>
/// <remarks>A sum is cut into pieces, which are spread over the cores; the group is commutative and the encoding unique, so the result does
/// not depend on the cut.</remarks>
public sealed class CurveSums : IMultiScalar
{
    // Between these the points of a piece and its buckets stay in the caches, and the buckets' own cost is small beside the points'.
    private const int LeastPiece = 512, GreatestPiece = 1 << 15;

    private readonly CurvePath _path;
    private readonly ICores _cores;

    public CurveSums(ICores cores) : this(cores, CurvePath.Best) { }

    internal CurveSums(ICores cores, CurvePath path) => (_cores, _path) = (cores, path);

    /// <summary>On the caller's core.</summary>
    public static CurveSums OnOneCore { get; } = new(OneCore.Instance);

    public Point Sum(ReadOnlySpan<Scalar> scalars, ReadOnlySpan<Point> points) =>
        Sum(new Terms(scalars.ToArray(), new PointList(points.ToArray())));

    public Point Sum(params ReadOnlySpan<Terms> terms) => Ristretto.Encode(Add(terms));

    private EdwardsPoint Add(ReadOnlySpan<Terms> terms)
    {
        var runs = new List<(ReadOnlyMemory<Scalar> Scalars, ReadOnlyMemory<AffinePoint> Points)>();
        var count = 0;
        foreach (var (scalars, points) in terms)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(scalars.Length, points.Count);
            runs.Add((scalars, points.Affine(_cores, _path)));
            count += points.Count;
        }
        var pieces = SumPiece.Cut(runs, Math.Clamp((count + _cores.Count - 1) / _cores.Count, LeastPiece, GreatestPiece));
        var sums = new EdwardsPoint[pieces.Count];
        _cores.Each(pieces.Count, i => sums[i] = _path.Sum(pieces[i]));
        var sum = sums[0];
        foreach (ref readonly var one in sums.AsSpan(1)) EdwardsPoint.Add(out sum, sum, one);
        return sum;
    }
}
