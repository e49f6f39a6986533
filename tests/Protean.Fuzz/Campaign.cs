namespace Protean.Fuzz;

/// <summary>Mutated inputs of one seed, and what became of them.</summary>
/// <param name="Accepted">Decoded.</param>
/// <param name="Refused">Refused in the decoder's way.</param>
public readonly record struct Campaign(int Accepted, int Refused)
{
    public static Campaign None => default;

    /// <exception cref="BrokenLawException">The law of the target does not hold.</exception>
    public static Campaign Of(FuzzTarget target, int seed, int inputs)
    {
        // The empty input stands for a corpus of none.
        IReadOnlyList<byte[]> corpus = [.. Corpus.Of(target), []];
        var (mutator, accepted) = (new Mutator(seed), 0);
        for (var i = 0; i < inputs; i++)
            if (target.Try(mutator.Change(corpus[i % corpus.Count], corpus))) accepted++;
        return new Campaign(accepted, inputs - accepted);
    }

    public static Campaign operator +(Campaign one, Campaign other) => new(one.Accepted + other.Accepted, one.Refused + other.Refused);

    public override string ToString() => $"{Accepted + Refused} inputs, {Accepted} accepted";
}
