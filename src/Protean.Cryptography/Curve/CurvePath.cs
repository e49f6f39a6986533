namespace Protean.Cryptography;

/// <summary>One way to do the arithmetic of many public points; all give the same results.</summary>
internal abstract class CurvePath
{
    /// <summary>The fastest that this processor supports.</summary>
    public static CurvePath Best { get; } = VectorPath.IsSupported ? VectorPath.Instance : PortablePath.Instance;

    /// <summary>All that this processor supports.</summary>
    public static IReadOnlyList<CurvePath> Supported { get; } =
        VectorPath.IsSupported ? [PortablePath.Instance, VectorPath.Instance] : [PortablePath.Instance];

    /// <summary>Decodes each; false where any is not the one encoding of an element.</summary>
    public abstract bool TryDecode(ReadOnlySpan<Point> encoded, Span<AffinePoint> decoded);

    /// <summary>The sum of the multiples.</summary>
    public abstract EdwardsPoint Sum(SumPiece piece);
}

/// <summary>64-bit integers, on any processor.</summary>
internal sealed class PortablePath : CurvePath
{
    // From here on buckets cost less than a table of multiples for each point.
    private const int FewPoints = 180;

    public static PortablePath Instance { get; } = new();

    public override bool TryDecode(ReadOnlySpan<Point> encoded, Span<AffinePoint> decoded)
    {
        var isValid = true;
        for (var i = 0; i < encoded.Length; i++) isValid &= Ristretto.TryDecode(encoded[i].Span, out decoded[i]);
        return isValid;
    }

    public override EdwardsPoint Sum(SumPiece piece) => piece.Count < FewPoints ? Straus.Sum(piece) : Pippenger.Sum(piece);
}

/// <summary>Some of the terms of a sum: runs of scalars and their points.</summary>
internal sealed class SumPiece
{
    private readonly List<(ReadOnlyMemory<Scalar> Scalars, ReadOnlyMemory<AffinePoint> Points)> _runs = [];

    public int Count { get; private set; }

    public IReadOnlyList<(ReadOnlyMemory<Scalar> Scalars, ReadOnlyMemory<AffinePoint> Points)> Runs => _runs;

    /// <summary>Cuts the terms into pieces of at most <paramref name="size"/>.</summary>
    public static List<SumPiece> Cut(IEnumerable<(ReadOnlyMemory<Scalar> Scalars, ReadOnlyMemory<AffinePoint> Points)> terms, int size)
    {
        List<SumPiece> pieces = [new()];
        foreach (var (scalars, points) in terms)
            for (var taken = 0; taken < points.Length;)
            {
                if (pieces[^1].Count == size) pieces.Add(new SumPiece());
                var count = Math.Min(size - pieces[^1].Count, points.Length - taken);
                pieces[^1]._runs.Add((scalars.Slice(taken, count), points.Slice(taken, count)));
                pieces[^1].Count += count;
                taken += count;
            }
        return pieces;
    }
}
