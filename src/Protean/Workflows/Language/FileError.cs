using Protean.Runtime;

namespace Protean.Workflows.Language;

/// <summary>A place in a file; line and column count from 1.</summary>
public readonly record struct Place(long Line, long Column)
{
    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>What is wrong with a workflow file, and where.</summary>
public sealed record FileError(string File, Place Place, Refusal Refusal)
{
    public override string ToString() => $"{File}:{Place}: {Refusal}";
}

/// <summary>Collects what is wrong with one file.</summary>
internal sealed class FileErrors(string file)
{
    private readonly List<FileError> _errors = [];

    public bool Any => _errors.Count > 0;

    /// <summary>In order of place.</summary>
    public IReadOnlyList<FileError> List =>
        [.. _errors.OrderBy(static error => error.Place.Line).ThenBy(static error => error.Place.Column)];

    public void Add(Place place, string code, string what, string expected = "", string got = "", string advice = "") =>
        Add(place, new Refusal(code, what, Expected: expected, Got: got, Advice: advice));

    public void Add(Place place, Refusal refusal) => _errors.Add(new FileError(file, place, refusal));
}
