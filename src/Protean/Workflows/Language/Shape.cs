using System.Text.RegularExpressions;

namespace Protean.Workflows.Language;

/// <summary>The form that a piece of a workflow file must have. One set of shapes checks files and writes their JSON Schema.</summary>
internal abstract record Shape(string Summary)
{
    /// <summary>A single value that matches a pattern.</summary>
    /// <param name="Expected">The pattern for people.</param>
    public sealed record Value(string Summary, string Pattern, string Expected) : Shape(Summary)
    {
        private readonly Regex _regex = new(Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        public bool Matches(string text) => _regex.IsMatch(text);
    }

    /// <summary>One of some words.</summary>
    public sealed record Word(string Summary, IReadOnlyList<string> Words) : Shape(Summary);

    public sealed record ListOf(string Summary, Shape Item) : Shape(Summary);

    /// <summary>A mapping whose keys are names that the author chooses.</summary>
    public sealed record Named(string Summary, Shape Item) : Shape(Summary);

    /// <summary>A mapping whose keys the language fixes.</summary>
    /// <param name="ExactlyOne">Keys of which one, and only one, must stand; empty where there are none such.</param>
    public sealed record Keyed(string Summary, IReadOnlyList<Key> Keys, IReadOnlyList<string> ExactlyOne) : Shape(Summary);

    /// <summary>One of several shapes that differ in form: single value, list, mapping.</summary>
    public sealed record Either(string Summary, IReadOnlyList<Shape> Shapes) : Shape(Summary);

    /// <summary>A shape by its name in <see cref="Shapes.Definitions"/>, so that shapes can hold themselves.</summary>
    public sealed record Reference(string Name) : Shape("");

    public sealed record Key(string Name, Shape Shape, bool Required = false);

    /// <summary>What people call it.</summary>
    public string Form => this switch
    {
        Value or Word => "a single value",
        ListOf => "a list",
        Named or Keyed => "a mapping",
        Either either => string.Join(" or ", either.Shapes.Select(static shape => shape.Form)),
        Reference reference => Shapes.Definitions[reference.Name].Form,
        _ => "",
    };
}

/// <summary>Checks a file against its shape and notes every difference.</summary>
internal static class ShapeCheck
{
    public static void Check(YamlPiece piece, Shape shape, FileErrors errors)
    {
        if (Fitting(piece, shape) is not { } fitting)
        {
            errors.Add(piece.Place, "PRT-WFL-0010", "this has the wrong form", shape.Form, piece.Form, Advice(shape));
            return;
        }
        switch (fitting)
        {
            case Shape.Value value when !value.Matches(((YamlScalar)piece).Value):
                errors.Add(piece.Place, "PRT-WFL-0013", "this value is not understood", value.Expected, ((YamlScalar)piece).Value,
                    Advice(value));
                break;
            case Shape.Word word when !word.Words.Contains(((YamlScalar)piece).Value):
                errors.Add(piece.Place, "PRT-WFL-0013", "this value is not understood", Nearest.Of(((YamlScalar)piece).Value, word.Words),
                    ((YamlScalar)piece).Value, Advice(word));
                break;
            case Shape.ListOf list:
                foreach (var item in ((YamlList)piece).Items) Check(item, list.Item, errors);
                break;
            case Shape.Named named: CheckNamed((YamlMapping)piece, named, errors); break;
            case Shape.Keyed keyed: CheckKeyed((YamlMapping)piece, keyed, errors); break;
        }
    }

    private static void CheckNamed(YamlMapping mapping, Shape.Named named, FileErrors errors)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            Check(key, Shapes.Name, errors);
            Check(value, named.Item, errors);
        }
    }

    private static void CheckKeyed(YamlMapping mapping, Shape.Keyed keyed, FileErrors errors)
    {
        foreach (var (key, value) in mapping.Entries)
            if (keyed.Keys.FirstOrDefault(known => known.Name == key.Value) is { } known) Check(value, known.Shape, errors);
            else errors.Add(key.Place, "PRT-WFL-0011", "this key is unknown",
                Nearest.Of(key.Value, keyed.Keys.Select(static known => known.Name)), key.Value);
        foreach (var required in keyed.Keys)
            if (required.Required && mapping.Find(required.Name) is null)
                errors.Add(mapping.Place, "PRT-WFL-0012", "a key is missing", required.Name, Names(mapping), Advice(required.Shape));
        if (keyed.ExactlyOne.Count > 0 && mapping.Entries.Count(entry => keyed.ExactlyOne.Contains(entry.Key.Value)) != 1)
            errors.Add(mapping.Place, "PRT-WFL-0014", "one of several keys is needed, and only one",
                $"one of {string.Join(", ", keyed.ExactlyOne)}", Names(mapping));
    }

    private static string Names(YamlMapping mapping) =>
        mapping.Entries.Count == 0 ? "none" : string.Join(", ", mapping.Entries.Select(static entry => entry.Key.Value));

    private static string Advice(Shape shape) => shape is Shape.Reference reference ? Shapes.Definitions[reference.Name].Summary
        : shape.Summary;

    private static Shape? Fitting(YamlPiece piece, Shape shape) => shape switch
    {
        Shape.Either either => either.Shapes.Select(one => Fitting(piece, one)).FirstOrDefault(static found => found is not null),
        Shape.Reference reference => Fitting(piece, Shapes.Definitions[reference.Name]),
        Shape.Value or Shape.Word => piece is YamlScalar ? shape : null,
        Shape.ListOf => piece is YamlList ? shape : null,
        _ => piece is YamlMapping ? shape : null,
    };
}
