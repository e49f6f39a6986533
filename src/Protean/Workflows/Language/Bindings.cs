using Protean.Codec;
using Protean.Runtime;

namespace Protean.Workflows.Language;

/// <summary>A reference <c>${space.name.part}</c>.</summary>
/// <param name="Space">params, client, steps, contracts, instance, creator.</param>
internal sealed record Reference(string Space, string Name, string Part)
{
    /// <summary>Null where the text is no reference.</summary>
    public static Reference? Of(string text)
    {
        if (!Shapes.IsReference(text)) return null;
        var parts = text[2..^1].Split('.');
        return new Reference(parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "");
    }
}

/// <summary>Turns what an input is bound to into its source.</summary>
/// <param name="workflow">What can be named.</param>
/// <param name="step">Finds an earlier step and makes it a dependency.</param>
internal sealed class Bindings(WorkflowScope workflow, Func<string, Place, ushort?> step)
{
    private const string DefaultState = "state";
    private const string DefaultExecution = "execution";
    private const string DefaultRandomness = "randomness";
    private static readonly string[] Spaces = ["params", "client", "steps", "contracts"];

    private FileErrors Errors => workflow.Application.Errors;

    /// <param name="piece">As it stands in the file, of the right shape.</param>
    /// <param name="kind">The input's kind; null where the transaction is unknown, which the rules report.</param>
    /// <returns>Null, with an error noted, where it means nothing.</returns>
    public Source? Lower(YamlPiece piece, ValueKind? kind) => piece switch
    {
        YamlScalar scalar when Reference.Of(scalar.Value) is { } reference => LowerReference(reference, scalar.Place),
        YamlScalar scalar => LowerConstant(scalar, kind),
        YamlMapping mapping => LowerMapping(mapping),
        _ => null,
    };

    /// <summary>A number or a parameter.</summary>
    public Bound? Bound(YamlPiece piece)
    {
        var text = ((YamlScalar)piece).Value;
        if (Reference.Of(text) is { } reference) return workflow.Parameter(reference.Name, piece.Place)
            ? new Bound.Parameter(reference.Name) : null;
        if (Literals.Number(text) is { } number) return new Bound.Fixed(number);
        return (Bound?)Refuse(piece.Place, "PRT-WFL-0035", "this is no number that fits", "0 to 18446744073709551615, or a time", text);
    }

    /// <summary>A state key, in a contract's namespace where one is named (protocols 8.6).</summary>
    public KeyTemplate? Key(YamlMapping mapping, YamlScalar key)
    {
        var parts = new List<KeyPart>();
        var fixedBytes = new List<byte>();
        if (mapping.Find("contract") is YamlScalar contract)
        {
            if (!workflow.Application.Contracts.TryGetValue(contract.Value, out var id)) return (KeyTemplate?)UnknownContract(
                contract.Value, contract.Place);
            parts.Add(new KeyPart.Fixed(Bytes.Of("c/")));
            parts.Add(new KeyPart.Unit(UnitOf(mapping, "of", DefaultExecution)));
            fixedBytes.AddRange([(byte)'/', .. id.Span, (byte)'/']);
        }
        return AddPieces(key, parts, fixedBytes) ? new KeyTemplate(parts) : null;
    }

    public ushort UnitOf(YamlMapping mapping, string key, string otherwise) =>
        workflow.Unit(mapping.Find(key) is YamlScalar unit ? unit.Value : otherwise);

    private bool AddPieces(YamlScalar key, List<KeyPart> parts, List<byte> fixedBytes)
    {
        var text = key.Value;
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf("${", at, StringComparison.Ordinal);
            fixedBytes.AddRange(Bytes.Of(open < 0 ? text[at..] : text[at..open]).Span);
            if (open < 0) break;
            var close = text.IndexOf('}', open);
            if (PieceOf(close < 0 ? text[open..] : text[open..(close + 1)], key.Place) is not { } part) return false;
            Flush(parts, fixedBytes);
            parts.Add(part);
            at = close + 1;
        }
        Flush(parts, fixedBytes);
        return true;
    }

    private static void Flush(List<KeyPart> parts, List<byte> fixedBytes)
    {
        if (fixedBytes.Count > 0) parts.Add(new KeyPart.Fixed(Bytes.Wrap([.. fixedBytes])));
        fixedBytes.Clear();
    }

    private KeyPart? PieceOf(string text, Place place) => Reference.Of(text) switch
    {
        { Space: "instance" } => new KeyPart.Instance(),
        { Space: "params" } reference => workflow.Parameter(reference.Name, place) ? new KeyPart.Parameter(reference.Name) : null,
        _ => (KeyPart?)Refuse(place, "PRT-WFL-0033", "this cannot stand in a state key", "${instance} or ${params.name}", text),
    };

    private Source? LowerReference(Reference reference, Place place)
    {
        switch (reference.Space)
        {
            case "params": return workflow.Parameter(reference.Name, place) ? new Source.Parameter(reference.Name) : null;
            case "client":
                if (workflow.Inputs.ContainsKey(reference.Name)) return new Source.Client(reference.Name);
                return (Source?)Refuse(place, "PRT-WFL-0022", "no such client input", Nearest.Of(reference.Name, workflow.Inputs.Keys),
                    reference.Name, "Declare it under client.");
            case "steps": return step(reference.Name, place) is { } index ? new Source.Output(index, reference.Part) : null;
            case "contracts":
                return workflow.Application.Contracts.TryGetValue(reference.Name, out var id)
                    ? new Source.Constant(new Bytes(id.Span)) : (Source?)UnknownContract(reference.Name, place);
            default:
                return (Source?)Refuse(place, "PRT-WFL-0025", "this reference means nothing here",
                    Nearest.Of(reference.Space, Spaces), reference.Space);
        }
    }

    private Source? LowerConstant(YamlScalar scalar, ValueKind? kind)
    {
        if (scalar.Value.Contains("${", StringComparison.Ordinal))
            return (Source?)Refuse(
                scalar.Place, "PRT-WFL-0034", "a reference stands alone",
                "${params.name}, ${client.name}, ${steps.step.output} or ${contracts.name}", scalar.Value,
                "To mean the text itself, write {text: \"...\"}.");
        if (kind is null) return new Source.Constant(Bytes.Of(scalar.Value));
        if (kind is ValueKind.Bytes or ValueKind.Effects or ValueKind.Entries)
            return (Source?)Refuse(scalar.Place, "PRT-WFL-0027",
                "a constant for an input of this kind must say its type",
                "{text: ...}, {u64: ...}, {hex: ...}, {key: ...} or {digest: ...}", scalar.Value);
        if (Values.TryParse(kind.Value, scalar.Value, out var value)) return new Source.Constant(value.Value);
        return (Source?)Refuse(scalar.Place, "PRT-WFL-0026", "the constant is not of its kind", Values.NameOf(kind.Value),
            scalar.Value);
    }

    private Source? LowerMapping(YamlMapping mapping)
    {
        if (mapping.Find("state") is YamlScalar state) return Key(mapping, state) is { } key
            ? new Source.State(UnitOf(mapping, "on", DefaultState), key) : null;
        if (mapping.Find("prefix") is YamlScalar prefix)
            return Key(mapping, prefix) is { } key ? new Source.StatePrefix(UnitOf(mapping, "on", DefaultState), key) : null;
        if (mapping.Find("beacon") is YamlScalar beacon) return Bound(beacon) is { } round
            ? new Source.Beacon(UnitOf(mapping, "on", DefaultRandomness), round) : null;
        var (type, piece) = mapping.Entries[0];
        if (mapping.Entries.Count > 1)
            return (Source?)Refuse(mapping.Entries[1].Key.Place, "PRT-WFL-0015", "this key has no place beside a constant", type.Value,
                mapping.Entries[1].Key.Value);
        var text = ((YamlScalar)piece).Value;
        if (type.Value is "u64" or "time" && Reference.Of(text) is { } reference)
            return workflow.Parameter(reference.Name, piece.Place) ? new Source.Parameter(reference.Name) : null;
        return Literals.Typed(type.Value, text) is { } value
            ? new Source.Constant(value) : (Source?)Refuse(piece.Place, "PRT-WFL-0026", "the constant is not of its kind", type.Value,
                text);
    }

    private object? UnknownContract(string name, Place place) =>
        Refuse(place, "PRT-WFL-0024", "no such contract", Nearest.Of(name, workflow.Application.Contracts.Keys),
            name, "Declare it under contracts.");

    private object? Refuse(Place place, string code, string what, string expected, string got, string advice = "")
    {
        Errors.Add(place, code, what, expected, got, advice);
        return null;
    }
}
