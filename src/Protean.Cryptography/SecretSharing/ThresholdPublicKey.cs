namespace Protean.Cryptography;

/// <summary>The public side of a key shared among members 1..n, any t of which can use it (protocols 3.3).</summary>
public sealed class ThresholdPublicKey
{
    private readonly Point[] _publicShares;

    private ThresholdPublicKey(PublicPolynomial polynomial, Point[] publicShares)
    {
        Polynomial = polynomial;
        _publicShares = publicShares;
    }

    internal static Verifier<(Point PublicKey, Point[] PublicShares)> Checks { get; } = new(
        new("PRT-CRY-0071", key => !key.PublicKey.IsIdentity),
        new("PRT-CRY-0072", key => !Array.Exists(key.PublicShares, share => share.IsIdentity)));

    public PublicPolynomial Polynomial { get; }

    /// <summary>The number n of members.</summary>
    public int Members => _publicShares.Length;

    /// <summary>The number t of members that can use the key.</summary>
    public int Threshold => Polynomial.Threshold;

    /// <summary>PK, the shared secret times G.</summary>
    public Point PublicKey => Polynomial.Constant;

    /// <summary>Computes the public shares of members 1..n.</summary>
    /// <returns>Null and the key; or <c>PRT-CRY-0071</c> PK is not the identity, <c>0072</c> nor is any public share.</returns>
    public static string? TryCreate(PublicPolynomial polynomial, int members, out ThresholdPublicKey? key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(members, polynomial.Threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(members, ushort.MaxValue);
        var shares = new Point[members];
        for (var i = 0; i < members; i++) shares[i] = polynomial.Evaluate((ushort)(i + 1));
        var refusal = Checks.Refusal((polynomial.Constant, shares));
        key = refusal is null ? new ThresholdPublicKey(polynomial, shares) : null;
        return refusal;
    }

    public bool HasMember(ushort index) => index >= 1 && index <= Members;

    /// <summary>Y_i of member <paramref name="index"/> in 1..n.</summary>
    public Point PublicShare(ushort index) => _publicShares[index - 1];

    /// <summary><c>H("protean/key/v1", sid || PK)</c>, sid being that of the key generation it came from.</summary>
    public Digest Id(Digest sid) => Hash.H("protean/key/v1", sid.Span, PublicKey.Span);
}
