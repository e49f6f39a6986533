using System.Collections;

namespace Protean.Runtime;

/// <summary>One check of a verifier, with what a person needs to mend what fails it.</summary>
/// <param name="Code">Stable, and its own; what a refusal carries.</param>
/// <param name="What">What must hold, in one sentence.</param>
/// <param name="Advice">What to do where it does not.</param>
/// <param name="Look">Null where it holds, else what was found.</param>
/// <param name="Retry">Whether it may hold later.</param>
public sealed record Requirement<T>(string Code, string What, string Advice, Func<T, Finding?> Look, bool Retry = false);

/// <summary>What a check found amiss.</summary>
/// <param name="Got">What stands there.</param>
/// <param name="Expected">What should.</param>
/// <param name="Where">Which part of the subject.</param>
/// <param name="Cause">The refusal of a verifier that the check called: it is passed on, with its own code.</param>
public sealed record Finding(string Got = "", string Expected = "", string Where = "", Refusal? Cause = null)
{
    /// <summary>Null where the part was not refused.</summary>
    public static Finding? Of(Refusal? cause, string where = "") => cause is null ? null : new Finding(Where: where, Cause: cause);
}

/// <summary>A verifier as the list of its checks, in the order in which they are made.</summary>
public sealed class Requirements<T>(params IReadOnlyList<Requirement<T>> checks) : IReadOnlyList<Requirement<T>>
{
    public int Count => checks.Count;
    public Requirement<T> this[int index] => checks[index];
    public IEnumerator<Requirement<T>> GetEnumerator() => checks.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The same checks made of a part of something larger; they hold where there is no such part.</summary>
    public IEnumerable<Requirement<TWhole>> Of<TWhole>(Func<TWhole, T?> part) => checks.Select(check => new Requirement<TWhole>(
        check.Code, check.What, check.Advice, whole => part(whole) is { } found ? check.Look(found) : null, check.Retry));

    /// <summary>The refusal of the first check that fails, or null.</summary>
    /// <param name="subject">What is judged.</param>
    /// <param name="where">Its name, for the refusal.</param>
    /// <param name="without">For tests: the code of a check to leave out.</param>
    public Refusal? FirstRefusal(T subject, string where = "", string? without = null) =>
        FirstFinding(subject, without) is { } found ? RefusalOf(found, where) : null;

    /// <summary>Likewise, with a name that is made only for a refusal.</summary>
    public Refusal? FirstRefusal(T subject, Func<T, string> where, string? without = null) =>
        FirstFinding(subject, without) is { } found ? RefusalOf(found, where(subject)) : null;

    private (Requirement<T> Check, Finding Finding)? FirstFinding(T subject, string? without)
    {
        foreach (var check in checks)
            if (check.Code != without && check.Look(subject) is { } finding) return (check, finding);
        return null;
    }

    private static Refusal RefusalOf((Requirement<T> Check, Finding Finding) found, string where)
    {
        var (check, finding) = found;
        var place = Join(where, finding.Where);
        return finding.Cause is { } cause
            ? cause with { Where = Join(place, cause.Where) }
            : new Refusal(check.Code, check.What, place, finding.Expected, finding.Got, check.Retry, check.Advice);
    }

    private static string Join(string outer, string inner) => outer.Length == 0 ? inner : inner.Length == 0 ? outer : $"{outer}, {inner}";
}
