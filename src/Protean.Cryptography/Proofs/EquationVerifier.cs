namespace Protean.Cryptography;

/// <summary>Some equations between points, as the terms of their sums "right side less left side", each equation under a weight of its
/// own.</summary>
internal sealed record Equation<T>(string Code, Action<T, Fold> Add);

/// <summary>A verifier whose last checks are equations between points. All of them are added up under random weights and compared with the
/// identity once; only where that fails each is checked alone, to name the one that does not hold.</summary>
internal sealed class EquationVerifier<T>(
    Func<T, IMultiScalar> sums, Func<T, IRandom> random, IReadOnlyList<ProofCheck<T>> conditions, IReadOnlyList<Equation<T>> equations)
{
    /// <summary>Every check by itself, in order.</summary>
    public Verifier<T> Checks { get; } = new(
        [.. conditions, .. equations.Select(one => new ProofCheck<T>(one.Code, subject => Holds(sums(subject), random(subject), subject, [one])))]);

    private Verifier<T> Conditions { get; } = new([.. conditions]);

    /// <summary>The code of the first check that fails, or null when all hold.</summary>
    public string? Refusal(T subject) =>
        Conditions.Refusal(subject) ?? (Holds(sums(subject), random(subject), subject, equations) ? null : Checks.Refusal(subject));

    private static bool Holds(IMultiScalar sums, IRandom random, T subject, IReadOnlyList<Equation<T>> equations)
    {
        using var stretched = new StretchedRandom(random);
        var fold = new Fold(stretched);
        foreach (var equation in equations) equation.Add(subject, fold);
        return fold.IsZero(sums);
    }
}

/// <summary>A sum under construction: for each list of points the factors that its points have in it so far.</summary>
internal sealed class Fold(IRandom random)
{
    private const int WeightSize = 16;

    private readonly List<(PointList Points, Scalar[] Factors)> _terms = [];

    /// <summary>The factors of the list's points, to be added to.</summary>
    public Scalar[] this[PointList points]
    {
        get
        {
            foreach (var (known, factors) in _terms)
                if (ReferenceEquals(known, points)) return factors;
            _terms.Add((points, new Scalar[points.Count]));
            return _terms[^1].Factors;
        }
    }

    /// <summary>128 random bits, odd: with them a false equation passes once in 2^127.</summary>
    public Scalar Weight()
    {
        Span<byte> weight = stackalloc byte[Scalar.Size];
        weight.Clear();
        random.Fill(weight[..WeightSize]);
        weight[0] |= 1;
        return Scalar.OfReduced(weight);
    }

    public bool IsZero(IMultiScalar sums)
    {
        var terms = new Terms[_terms.Count];
        for (var i = 0; i < terms.Length; i++) terms[i] = new Terms(_terms[i].Factors, _terms[i].Points);
        return sums.Sum(terms).IsIdentity;
    }
}
