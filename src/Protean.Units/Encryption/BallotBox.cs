using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.Encryption;

/// <summary>The ballots that count, as rows in the order of their tracking codes: what mixers shuffle.</summary>
public static class BallotBox
{
    /// <summary>The ballot's hash: it names it, and says nothing of what it holds.</summary>
    public static Digest TrackingOf(ReadOnlySpan<byte> ballot) => Hash.H("protean/ballot/id/v1", ballot);

    /// <summary>Null where there is no ballot.</summary>
    /// <param name="ballots">In the order of their tracking codes, each canonical and of this width.</param>
    public static Ciphertexts? Rows(IEnumerable<Bytes> ballots, int width)
    {
        var (u, v) = (new List<Point>(), new List<Point>());
        foreach (var encoded in ballots)
        {
            if (!Ballot.TryDecode(encoded.Span, width, out var ballot)) throw new MalformedException("a ballot is not canonical");
            u.AddRange(ballot.U.Span);
            v.AddRange(ballot.V.Span);
        }
        return u.Count == 0 ? null : new Ciphertexts(width, new PointList([.. u]), new PointList([.. v]));
    }
}
