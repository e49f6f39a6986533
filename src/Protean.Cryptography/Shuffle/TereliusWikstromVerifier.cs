namespace Protean.Cryptography;

/// <summary>A statement, what is said to prove it, and the challenges in between.</summary>
internal sealed class TereliusWikstromClaim(
    ShuffleStatement statement, TereliusWikstromProof proof, TereliusWikstromChallenges challenges, PointList generators, IMultiScalar sums,
    IRandom random)
{
    public ShuffleStatement Statement { get; } = statement;
    public TereliusWikstromProof Proof { get; } = proof;
    public TereliusWikstromChallenges Challenges { get; } = challenges;

    /// <summary>h, then one for each row.</summary>
    public PointList Generators { get; } = generators;

    public IMultiScalar Sums { get; } = sums;
    public IRandom Random { get; } = random;

    /// <summary>G, H.</summary>
    public PointList Singles { get; } = new(Point.Base, statement.Key);
}

/// <summary>The checks of Terelius and Wikstrom's shuffle as in Haenni et al. 2017 (protocols 7.3). Names are those of the protocol.</summary>
internal static class TereliusWikstromVerifier
{
    private const int G = 0, H = 1;

    private static readonly EquationVerifier<TereliusWikstromClaim> Verifier = new(
        static claim => claim.Sums,
        static claim => claim.Random,
        [],
        [
            new("PRT-CRY-0121", AddPermutationSum),
            new("PRT-CRY-0122", AddProduct),
            new("PRT-CRY-0123", AddPermutation),
            new("PRT-CRY-0124", static (claim, fold) => AddRows(claim, fold, claim.Statement.Inputs.X, claim.Statement.Outputs.X, G, 3)),
            new("PRT-CRY-0125", static (claim, fold) => AddRows(claim, fold, claim.Statement.Inputs.Y, claim.Statement.Outputs.Y, H, 4)),
            new("PRT-CRY-0126", AddChain),
        ]);

    internal static Verifier<TereliusWikstromClaim> Checks => Verifier.Checks;

    /// <summary>Null when the proof holds; or the equation that does not: <c>PRT-CRY-0121</c> that of t1, <c>0122</c> t2, <c>0123</c> t3,
    /// <c>0124</c> t41, <c>0125</c> t42, <c>0126</c> one of that.</summary>
    public static string? Refusal(TereliusWikstromClaim claim) => Verifier.Refusal(claim);

    /// <summary><c>s1 G = t1 + x (sum c_j - sum h_i)</c>.</summary>
    private static void AddPermutationSum(TereliusWikstromClaim claim, Fold fold)
    {
        var weight = fold.Weight();
        var factor = weight * claim.Challenges.X;
        fold[claim.Proof.T][0] += weight;
        fold[claim.Singles][G] -= weight * claim.Proof.S[0];
        foreach (ref var ofC in fold[claim.Proof.C].AsSpan()) ofC += factor;
        foreach (ref var ofH in fold[claim.Generators].AsSpan(1)) ofH -= factor;
    }

    /// <summary><c>s2 G = t2 + x (chat_{N-1} - (prod u_j) h)</c>.</summary>
    private static void AddProduct(TereliusWikstromClaim claim, Fold fold)
    {
        var weight = fold.Weight();
        var factor = weight * claim.Challenges.X;
        fold[claim.Proof.T][1] += weight;
        fold[claim.Singles][G] -= weight * claim.Proof.S[1];
        fold[claim.Proof.Chain][^1] += factor;
        fold[claim.Generators][0] -= claim.Challenges.U.Aggregate(factor, static (product, u) => product * u);
    }

    /// <summary><c>s3 G + sum s'_i h_i = t3 + x sum u_j c_j</c>.</summary>
    private static void AddPermutation(TereliusWikstromClaim claim, Fold fold)
    {
        var weight = fold.Weight();
        var factor = weight * claim.Challenges.X;
        fold[claim.Proof.T][2] += weight;
        fold[claim.Singles][G] -= weight * claim.Proof.S[2];
        var (ofC, ofH) = (fold[claim.Proof.C], fold[claim.Generators]);
        for (var i = 0; i < ofC.Length; i++)
        {
            ofC[i] += factor * claim.Challenges.U[i];
            ofH[i + 1] -= weight * claim.Proof.PermutedS[i];
        }
    }

    /// <summary><c>sum s'_i X'_i - s4 G = t41 + x sum u_j X_j</c> and its like for Y, over rows folded by e.</summary>
    private static void AddRows(TereliusWikstromClaim claim, Fold fold, PointList inputs, PointList outputs, int generator, int commitment)
    {
        var (weight, e, width) = (fold.Weight(), claim.Challenges.E, claim.Statement.Width);
        var (ofInputs, ofOutputs) = (fold[inputs], fold[outputs]);
        fold[claim.Proof.T][commitment] += weight;
        fold[claim.Singles][generator] += weight * claim.Proof.S[3];
        for (var j = 0; j < width; j++)
        {
            var ofS = weight * e[j];
            var ofU = ofS * claim.Challenges.X;
            for (var i = 0; i < claim.Statement.Rows; i++)
            {
                ofInputs[i * width + j] += ofU * claim.Challenges.U[i];
                ofOutputs[i * width + j] -= ofS * claim.Proof.PermutedS[i];
            }
        }
    }

    /// <summary><c>sh_i G + s'_i chat_{i-1} = that_i + x chat_i</c>, h standing for chat_{-1}.</summary>
    private static void AddChain(TereliusWikstromClaim claim, Fold fold)
    {
        var (ofChain, ofT, ofG) = (fold[claim.Proof.Chain], fold[claim.Proof.ChainT], Scalar.Zero);
        for (var i = 0; i < ofChain.Length; i++)
        {
            var weight = fold.Weight();
            var ofPrevious = weight * claim.Proof.PermutedS[i];
            ofT[i] += weight;
            ofChain[i] += weight * claim.Challenges.X;
            ofG -= weight * claim.Proof.ChainS[i];
            if (i > 0) ofChain[i - 1] -= ofPrevious;
            else fold[claim.Generators][0] -= ofPrevious;
        }
        fold[claim.Singles][G] += ofG;
    }
}
