using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Protean.Workflows.Language;

/// <summary>A piece of a YAML file with its place.</summary>
internal abstract record YamlPiece(Place Place)
{
    public abstract string Form { get; }
}

/// <param name="IsPlain">Written without quotes.</param>
internal sealed record YamlScalar(string Value, bool IsPlain, Place Place) : YamlPiece(Place)
{
    public override string Form => "a single value";
}

internal sealed record YamlList(IReadOnlyList<YamlPiece> Items, Place Place) : YamlPiece(Place)
{
    public override string Form => "a list";
}

internal sealed record YamlMapping(IReadOnlyList<(YamlScalar Key, YamlPiece Value)> Entries, Place Place) : YamlPiece(Place)
{
    public override string Form => "a mapping";
    public YamlPiece? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Value == key).Value;
}

/// <summary>Reads the part of YAML that data needs: scalars, lists, mappings. No anchors, aliases or tags, so that a file is as large as it
/// looks.</summary>
internal sealed class YamlReader
{
    private readonly IParser _parser;
    private readonly FileErrors _errors;

    private YamlReader(IParser parser, FileErrors errors) => (_parser, _errors) = (parser, errors);

    /// <summary>The one document in the text; null, with an error noted, where it is not readable.</summary>
    public static YamlPiece? Read(string text, FileErrors errors)
    {
        if (text.Length > Limits.MaxWorkflowFile)
        {
            errors.Add(new Place(1, 1), "PRT-WFL-0001", "the file is too long", $"at most {Limits.MaxWorkflowFile} characters",
                $"{text.Length}", "Split the application.");
            return null;
        }
#pragma warning disable RS0030 // A reader over a string: no file is touched.
        var parser = new Parser(new StringReader(text));
#pragma warning restore RS0030
        try
        {
            return new YamlReader(parser, errors).ReadDocument();
        }
        // The second is the parser's own fault: a line that stands too far left in a list in brackets, as in "x: [1\nd".
        catch (Exception wrong) when (wrong is YamlException or InvalidOperationException)
        {
            var at = wrong is YamlException seen ? seen.Start : parser.Current?.End ?? new Mark();
            errors.Add(PlaceOf(at), "PRT-WFL-0002", $"this is not YAML: {wrong.Message}",
                advice: "Mind the indentation, and put quotes around values with special characters.");
            return null;
        }
    }

    private YamlPiece? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out var end))
        {
            _errors.Add(PlaceOf(end.Start), "PRT-WFL-0003", "the file is empty", "an application");
            return null;
        }
        _parser.Consume<DocumentStart>();
        var piece = ReadPiece(Limits.MaxFileNesting);
        if (piece is null) return null;
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var next)) _errors.Add(
            PlaceOf(next.Start), "PRT-WFL-0008", "the file has more than one document", "one application");
        return piece;
    }

    private YamlPiece? ReadPiece(int nesting)
    {
        var place = PlaceOf(_parser.Current!.Start);
        if (nesting == 0) return Refuse(place, "PRT-WFL-0004", "lists and mappings are nested too deep",
            $"at most {Limits.MaxFileNesting} levels");
        if (_parser.Current is AnchorAlias) return Refuse(
            place, "PRT-WFL-0005", "aliases, anchors and tags are not part of this language", "the value itself");
        if (_parser.Current is NodeEvent node && (!node.Anchor.IsEmpty || !node.Tag.IsEmpty))
            return Refuse(place, "PRT-WFL-0005", "aliases, anchors and tags are not part of this language", "the value itself");
        if (_parser.TryConsume<Scalar>(out var scalar)) return new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, place);
        return _parser.TryConsume<SequenceStart>(out _) ? ReadList(place, nesting) : ReadMapping(place, nesting);
    }

    private YamlList? ReadList(Place place, int nesting)
    {
        var items = new List<YamlPiece>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            if (ReadPiece(nesting - 1) is not { } item) return null;
            items.Add(item);
        }
        return new YamlList(items, place);
    }

    private YamlMapping? ReadMapping(Place place, int nesting)
    {
        _parser.Consume<MappingStart>();
        var entries = new List<(YamlScalar, YamlPiece)>();
        var seen = new HashSet<string>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (ReadPiece(nesting - 1) is not { } key) return null;
            if (key is not YamlScalar name) return (YamlMapping?)Refuse(key.Place, "PRT-WFL-0006", "a key is a name", "a single value",
                key.Form);
            if (!seen.Add(name.Value)) return (YamlMapping?)Refuse(key.Place, "PRT-WFL-0007", "a key stands twice", "each key once",
                name.Value);
            if (ReadPiece(nesting - 1) is not { } value) return null;
            entries.Add((name, value));
        }
        return new YamlMapping(entries, place);
    }

    private YamlPiece? Refuse(Place place, string code, string what, string expected, string got = "")
    {
        _errors.Add(place, code, what, expected, got);
        return null;
    }

    private static Place PlaceOf(Mark mark) => new(mark.Line, mark.Column);
}
