namespace Protean.Cryptography;

/// <summary>The decryption of shuffled ciphertexts by a threshold of members, all cells under one proof for each member (protocols 6.3).</summary>
/// <remarks>Whether these ciphertexts may be decrypted is the caller's question, and the only one that guards the ballots' secrecy
/// (6.2).</remarks>
public sealed class BatchDecryption
{
    // Below this a core is not worth waking for.
    private const int LeastPiece = 8;

    private readonly SharedMultiples _multiples;
    private readonly Ciphertexts _ciphertexts;
    private readonly ICores _cores;

    /// <param name="keyId">Of the election's key.</param>
    /// <param name="epoch">Of the committee that holds its shares.</param>
    /// <param name="ciphertexts">The outputs of the last shuffle; the proofs are bound to their root.</param>
    public BatchDecryption(Digest keyId, ulong epoch, Ciphertexts ciphertexts, ThresholdPublicKey key, ICores cores)
    {
        (_ciphertexts, _cores) = (ciphertexts, cores);
        _multiples = new SharedMultiples("tally", keyId, epoch, ciphertexts.Root(), ciphertexts.X, key, new CurveSums(cores));
    }

    /// <summary>The number of cells, and so of shares of each member.</summary>
    public int Count => _multiples.Count;

    /// <summary><c>x_i U_j</c> for every cell, for the member of that index and secret.</summary>
    public ProvenShares Prove(ushort index, SecretScalar secret, IRandom random) => _multiples.Prove(index, secret, random, _cores);

    /// <summary>Null for valid shares; or what <see cref="SharedMultiples.Refusal"/> says. Together with the member's signature of the shares and the
    /// ciphertexts, a refusal is evidence: everybody comes to the same one.</summary>
    public string? Refusal(ProvenShares shares) => _multiples.Refusal(shares);

    /// <summary>The plaintexts, cell by cell: <c>V_j - x U_j</c>, from exactly t members' shares that were found valid. The same whichever t they
    /// are.</summary>
    public Point[] Combine(IReadOnlyList<ProvenShares> shares)
    {
        var masks = _multiples.Combine(shares, _cores);
        _cores.Each(masks.Length, LeastPiece, j => masks[j] = _ciphertexts.Y[j] - masks[j]);
        return masks;
    }
}
