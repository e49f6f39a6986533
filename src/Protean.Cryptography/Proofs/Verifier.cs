namespace Protean.Cryptography;

/// <summary>One condition of a verifier, and the code under which its failure is reported.</summary>
public sealed record ProofCheck<T>(string Code, Func<T, bool> Holds);

/// <summary>A verifier as the list of its checks, in order; a later check may rely on the earlier ones.</summary>
public sealed class Verifier<T>
{
    public Verifier(params IReadOnlyList<ProofCheck<T>> checks) => Checks = checks;

    public IReadOnlyList<ProofCheck<T>> Checks { get; }

    /// <summary>The code of the first check that fails, or null when all hold.</summary>
    public string? Refusal(T subject) => Refusal(subject, except: null);

    /// <summary>The same with one check left out, to show that the check is needed.</summary>
    internal string? Refusal(T subject, string? except)
    {
        foreach (var check in Checks)
            if (check.Code != except && !check.Holds(subject)) return check.Code;
        return null;
    }
}
