namespace Protean.Cryptography;

/// <summary>The multiples of several points by a threshold key's secret, each member's shares of all of them under one proof: for sets that are
/// opened together.</summary>
/// <param name="use">"reveal" or "tally".</param>
/// <param name="keyId">Names the key.</param>
/// <param name="epoch">Of the committee that holds the shares.</param>
/// <param name="names">What each point belongs to, in the order of the points; the proof is bound to their Merkle root.</param>
/// <param name="points">At least one.</param>
public sealed class SharedMultiples(
    string use, Digest keyId, ulong epoch, IReadOnlyList<byte[]> names, ReadOnlyMemory<Point> points, ThresholdPublicKey key, IMultiScalar sums)
{
    private readonly Digest _root = MerkleTree.Root(names);

    internal static Verifier<(SharedMultiples Multiples, ProvenShares Shares)> ShareChecks { get; } = new(
        new("PRT-CRY-0053", s => s.Multiples.Key.HasMember(s.Shares.Index)),
        new("PRT-CRY-0054", s => BatchDleq.Refusal(s.Multiples.StatementOf(s.Shares.Index, s.Shares.Values), s.Shares.Proof, s.Multiples.Sums) is null));

    public ThresholdPublicKey Key { get; } = key;
    public int Count => points.Length;
    private IMultiScalar Sums => sums;

    /// <summary>The shares of member <paramref name="index"/>, whose secret is <paramref name="secret"/>.</summary>
    public ProvenShares Prove(ushort index, SecretScalar secret, IRandom random)
    {
        var values = new Point[Count];
        for (var j = 0; j < values.Length; j++) values[j] = secret.Multiply(points.Span[j]);
        return new ProvenShares(index, values, BatchDleq.Prove(StatementOf(index, values), secret, random, sums));
    }

    /// <summary>Null for valid shares of exactly these points in this order; or <c>PRT-CRY-0053</c> index of a member, <c>0054</c>
    /// proof.</summary>
    public string? Refusal(ProvenShares shares) => ShareChecks.Refusal((this, shares));

    /// <summary>The multiples, from exactly t members' shares that were found valid.</summary>
    public Point[] Combine(IReadOnlyList<ProvenShares> shares)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(shares.Count, Key.Threshold);
        var weights = Lagrange.AtZero([.. shares.Select(share => share.Index)]);
        var combined = new Point[Count];
        for (var j = 0; j < combined.Length; j++) combined[j] = sums.Sum(weights, [.. shares.Select(share => share.Values.Span[j])]);
        return combined;
    }

    private BatchDleqStatement StatementOf(ushort index, ReadOnlyMemory<Point> values) => new(
        BatchDleqStatement.ContextOf(use, keyId, epoch, _root, index), Key.PublicShare(index), points, values);
}
