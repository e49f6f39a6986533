namespace Protean.Cryptography;

/// <summary>Messages as points, so that they can be encrypted, shuffled and decrypted (protocols 6.1).</summary>
public static class PlaintextPoint
{
    /// <summary>Bytes that fit into one point; at least one.</summary>
    public const int MaxLength = 29;

    // Of 2^13 counters half a point each: that none fits has a chance of 2^-8192.
    private const int Counters = 1 << 13;
    private const int LowBits = 7;
    private const int Start = 2;

    /// <summary>The first valid point of <c>(ctr mod 128) * 2, length, message, zeros, ctr / 128</c>; four are tried on average.</summary>
    /// <param name="message">1 to 29 bytes.</param>
    public static Point Embed(ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MaxLength);
        Span<byte> candidate = stackalloc byte[Point.Size];
        candidate.Clear();
        candidate[1] = (byte)message.Length;
        message.CopyTo(candidate[Start..]);
        for (var counter = 0; counter < Counters; counter++)
        {
            candidate[0] = (byte)(counter << 1);
            candidate[^1] = (byte)(counter >> LowBits);
            if (Point.TryDecode(candidate, out var point)) return point;
        }
        throw new InvalidOperationException("no counter gives a point");
    }

    /// <summary>The message, or null for a point that <see cref="Embed"/> does not give. Another counter than the first that fits would
    /// carry a mark by which a vote could be sold.</summary>
    public static byte[]? Unembed(Point point)
    {
        int length = point.Span[1];
        if (length is 0 or > MaxLength) return null;
        var message = point.Span.Slice(Start, length).ToArray();
        return Embed(message) == point ? message : null;
    }
}

/// <summary>Candidates 1 to n as multiples of G: smaller than text, and nothing in them to choose.</summary>
public sealed class CandidatePoints
{
    private readonly Dictionary<Point, int> _candidates = [];
    private readonly Point[] _points;

    public CandidatePoints(int count)
    {
        _points = new Point[count];
        for (var i = 0; i < count; i++) _candidates.Add(_points[i] = Point.MultiplyBase(Scalar.FromInteger((ulong)i + 1)), i + 1);
    }

    /// <summary>The point of candidate 1 .. n.</summary>
    public Point this[int candidate] => _points[candidate - 1];

    /// <summary>The candidate, or null for any other point.</summary>
    public int? Find(Point point) => _candidates.TryGetValue(point, out var candidate) ? candidate : null;
}
