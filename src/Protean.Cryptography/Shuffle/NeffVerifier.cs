namespace Protean.Cryptography;

/// <summary>A statement, what is said to prove it, and the challenges in between.</summary>
internal sealed class NeffClaim(ShuffleStatement statement, NeffProof proof, NeffChallenges challenges, IMultiScalar sums, IRandom random)
{
    public ShuffleStatement Statement { get; } = statement;
    public NeffProof Proof { get; } = proof;
    public NeffChallenges Challenges { get; } = challenges;
    public IMultiScalar Sums { get; } = sums;
    public IRandom Random { get; } = random;

    /// <summary>G, H, Gamma, L1, L2.</summary>
    public PointList Singles { get; } =
        new(Point.Base, statement.Key, proof.Commitments.Gamma, proof.Commitments.L1, proof.Commitments.L2);
}

/// <summary>The checks of Neff's shuffle (protocols 7.2). What the simple shuffle is about is computed from the proof's other parts, never
/// taken from it: with inputs of the prover's choice, any linear map passes for a permutation.</summary>
internal static class NeffVerifier
{
    private const int G = 0, H = 1, Gamma = 2, L1 = 3, L2 = 4;

    private static readonly EquationVerifier<NeffClaim> Verifier = new(
        static claim => claim.Sums,
        static claim => claim.Random,
        [
            new("PRT-CRY-0111", static claim => !claim.Proof.Commitments.Gamma.IsIdentity),
            new("PRT-CRY-0112", static claim => !claim.Proof.Commitments.A.Span.Contains(Point.Identity)),
            // With equal ones the permutation can be chosen after rho.
            new("PRT-CRY-0113", static claim => AreDistinct(claim.Proof.Commitments.A.Span)),
        ],
        [
            new("PRT-CRY-0114", static (claim, fold) => AddRows(claim, fold, claim.Statement.Inputs.X, claim.Statement.Outputs.X, G, L1)),
            new("PRT-CRY-0115", static (claim, fold) => AddRows(claim, fold, claim.Statement.Inputs.Y, claim.Statement.Outputs.Y, H, L2)),
            new("PRT-CRY-0116", AddShifts),
            new("PRT-CRY-0117", AddProducts),
            new("PRT-CRY-0118", AddPowers),
            new("PRT-CRY-0119", AddLastPower),
        ]);

    internal static Verifier<NeffClaim> Checks => Verifier.Checks;

    /// <summary>Null when the proof holds; or <c>PRT-CRY-0111</c> Gamma and <c>0112</c> no A_i is the identity, <c>0113</c> distinct A_i,
    /// <c>0114</c> equation (a), <c>0115</c> (b), <c>0116</c> (c), <c>0117</c> (d) of the first N, <c>0118</c> of the others, <c>0119</c> of the
    /// last.</summary>
    public static string? Refusal(NeffClaim claim) => Verifier.Refusal(claim);

    private static bool AreDistinct(ReadOnlySpan<Point> points)
    {
        var sorted = points.ToArray();
        Array.Sort(sorted);
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i] == sorted[i - 1]) return false;
        return true;
    }

    /// <summary>(a) and (b): <c>sum sigma_i X'_i - sum rho_i X_i = L1 + tau G</c>, over rows folded by e.</summary>
    private static void AddRows(NeffClaim claim, Fold fold, PointList inputs, PointList outputs, int generator, int commitment)
    {
        var (weight, e, width) = (fold.Weight(), claim.Challenges.E, claim.Statement.Width);
        var (ofInputs, ofOutputs, ofSingles) = (fold[inputs], fold[outputs], fold[claim.Singles]);
        for (var j = 0; j < width; j++)
        {
            var factor = weight * e[j];
            for (var i = 0; i < claim.Statement.Rows; i++)
            {
                ofInputs[i * width + j] += factor * claim.Challenges.Rho[i];
                ofOutputs[i * width + j] -= factor * claim.Proof.Sigma[i];
            }
        }
        ofSingles[commitment] += weight;
        ofSingles[generator] += weight * claim.Proof.Tau;
    }

    /// <summary>(c): <c>sigma_i Gamma = W_i + D_i</c>.</summary>
    private static void AddShifts(NeffClaim claim, Fold fold)
    {
        var (ofW, ofD) = (fold[claim.Proof.Commitments.W], fold[claim.Proof.D]);
        var ofGamma = Scalar.Zero;
        for (var i = 0; i < ofW.Length; i++)
        {
            var weight = fold.Weight();
            ofW[i] += weight;
            ofD[i] += weight;
            ofGamma -= weight * claim.Proof.Sigma[i];
        }
        fold[claim.Singles][Gamma] += ofGamma;
    }

    /// <summary>(d) for i &lt; N: <c>alpha_{i-1} Rh_i - alpha_i Sh_i = Theta_i</c>, c standing for alpha_{-1}, with
    /// <c>Rh_i = A_i + lambda (rho_i G - U_i) - t G</c> and <c>Sh_i = C_i + lambda D_i - t Gamma</c>.</summary>
    private static void AddProducts(NeffClaim claim, Fold fold)
    {
        var (proof, rho, lambda, t) = (claim.Proof, claim.Challenges.Rho, claim.Challenges.Lambda, claim.Challenges.T);
        var (ofA, ofU, ofC) = (fold[proof.Commitments.A], fold[proof.Commitments.U], fold[proof.Commitments.C]);
        var (ofD, ofTheta) = (fold[proof.D], fold[proof.Theta]);
        var (ofG, ofGamma) = (Scalar.Zero, Scalar.Zero);
        for (var i = 0; i < ofA.Length; i++)
        {
            var weight = fold.Weight();
            var ofR = weight * (i == 0 ? claim.Challenges.C : proof.Alpha[i - 1]);
            var ofS = weight * proof.Alpha[i];
            ofTheta[i] += weight;
            ofA[i] -= ofR;
            ofU[i] += lambda * ofR;
            ofG -= ofR * (lambda * rho[i] - t);
            ofC[i] += ofS;
            ofD[i] += lambda * ofS;
            ofGamma -= t * ofS;
        }
        fold[claim.Singles][G] += ofG;
        fold[claim.Singles][Gamma] += ofGamma;
    }

    /// <summary>(d) for N &lt;= i &lt; 2N - 1: <c>alpha_{i-1} Gamma - alpha_i G = Theta_i</c>.</summary>
    private static void AddPowers(NeffClaim claim, Fold fold)
    {
        var (alpha, ofTheta) = (claim.Proof.Alpha, fold[claim.Proof.Theta]);
        var (ofG, ofGamma) = (Scalar.Zero, Scalar.Zero);
        for (var i = claim.Statement.Rows; i < ofTheta.Length - 1; i++)
        {
            var weight = fold.Weight();
            ofTheta[i] += weight;
            ofGamma -= weight * alpha[i - 1];
            ofG += weight * alpha[i];
        }
        fold[claim.Singles][G] += ofG;
        fold[claim.Singles][Gamma] += ofGamma;
    }

    /// <summary>(d) for the last: <c>alpha_{2N-2} Gamma - c G = Theta_{2N-1}</c>.</summary>
    private static void AddLastPower(NeffClaim claim, Fold fold)
    {
        var weight = fold.Weight();
        fold[claim.Proof.Theta][^1] += weight;
        fold[claim.Singles][Gamma] -= weight * claim.Proof.Alpha[^1];
        fold[claim.Singles][G] += weight * claim.Challenges.C;
    }
}
