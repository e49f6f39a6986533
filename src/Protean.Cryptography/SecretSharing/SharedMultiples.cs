namespace Protean.Cryptography;

/// <summary>The multiples of several points by a threshold key's secret, each member's shares of all of them under one proof: for sets that are
/// opened together.</summary>
public sealed class SharedMultiples
{
    // Below this a core is not worth waking for.
    private const int LeastPiece = 8;

    private readonly string _use;
    private readonly Digest _keyId, _root;
    private readonly ulong _epoch;
    private readonly PointList _points;
    private readonly IMultiScalar _sums;

    /// <param name="use">"reveal" or "tally".</param>
    /// <param name="keyId">Names the key.</param>
    /// <param name="epoch">Of the committee that holds the shares.</param>
    /// <param name="root">Names the set that the points belong to.</param>
    /// <param name="points">At least one.</param>
    public SharedMultiples(string use, Digest keyId, ulong epoch, Digest root, PointList points, ThresholdPublicKey key, IMultiScalar sums) =>
        (_use, _keyId, _epoch, _root, _points, Key, _sums) = (use, keyId, epoch, root, points, key, sums);

    /// <summary>The same, of points that are named one by one.</summary>
    /// <param name="names">What each point belongs to, in the order of the points; the proof is bound to their Merkle root.</param>
    public SharedMultiples(
        string use, Digest keyId, ulong epoch, IReadOnlyList<byte[]> names, ReadOnlyMemory<Point> points, ThresholdPublicKey key, IMultiScalar sums)
        : this(use, keyId, epoch, MerkleTree.Root(names), new PointList(points.ToArray()), key, sums) { }

    internal static Verifier<(SharedMultiples Multiples, ProvenShares Shares)> ShareChecks { get; } = new(
        new("PRT-CRY-0053", s => s.Multiples.Key.HasMember(s.Shares.Index)),
        new("PRT-CRY-0054", s => BatchDleq.Refusal(s.Multiples.StatementOf(s.Shares.Index, s.Shares.Values), s.Shares.Proof, s.Multiples._sums) is null));

    public ThresholdPublicKey Key { get; }
    public int Count => _points.Count;

    /// <summary>The shares of member <paramref name="index"/>, whose secret is <paramref name="secret"/>.</summary>
    public ProvenShares Prove(ushort index, SecretScalar secret, IRandom random) => Prove(index, secret, random, OneCore.Instance);

    /// <summary>The same, spread over cores.</summary>
    public ProvenShares Prove(ushort index, SecretScalar secret, IRandom random, ICores cores)
    {
        var values = new Point[Count];
        cores.Each(Count, LeastPiece, j => values[j] = secret.Multiply(_points[j]));
        var shares = new PointList(values);
        return new ProvenShares(index, shares, BatchDleq.Prove(StatementOf(index, shares), secret, random, _sums));
    }

    /// <summary>Null for valid shares of exactly these points in this order; or <c>PRT-CRY-0053</c> index of a member, <c>0054</c>
    /// proof. Signed shares that are refused are evidence against their member.</summary>
    public string? Refusal(ProvenShares shares) => ShareChecks.Refusal((this, shares));

    /// <summary>The multiples, from exactly t members' shares that were found valid.</summary>
    public Point[] Combine(IReadOnlyList<ProvenShares> shares) => Combine(shares, OneCore.Instance);

    /// <summary>The same, spread over cores.</summary>
    public Point[] Combine(IReadOnlyList<ProvenShares> shares, ICores cores)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(shares.Count, Key.Threshold);
        var weights = Lagrange.AtZero([.. shares.Select(share => share.Index)]);
        var combined = new Point[Count];
        cores.Each(Count, LeastPiece, j => combined[j] = _sums.Sum(weights, [.. shares.Select(share => share.Values[j])]));
        return combined;
    }

    private BatchDleqStatement StatementOf(ushort index, PointList values) => new(
        BatchDleqStatement.ContextOf(_use, _keyId, _epoch, _root, index), Key.PublicShare(index), _points, values);
}
