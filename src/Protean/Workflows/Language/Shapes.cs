namespace Protean.Workflows.Language;

/// <summary>The shapes of the workflow language (docs/workflows.md).</summary>
internal static class Shapes
{
    private const string NamePattern = "[A-Za-z][A-Za-z0-9_-]{0,63}";
    private const string ReferencePattern = @"^\$\{[a-z]+(\.[A-Za-z0-9_-]+){0,2}\}$";
    private const string TimePattern =
        @"^([0-9]{1,20}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z|\$\{params\.[A-Za-z0-9_-]+\})$";
    private const string NumberPattern = @"^([0-9]{1,20}|\$\{params\.[A-Za-z0-9_-]+\})$";

    public static readonly Shape.Value Name = new("A name: a letter, then letters, digits, - and _.",
        $"^{NamePattern}$", "a name of at most 64 letters, digits, - and _");

    private static readonly Shape Text = new Shape.Value("Text for people.", "(?s)^.*$", "text");
    private static readonly Shape Number = new Shape.Value("A number, or ${params.name}.", NumberPattern, "a number or ${params.name}");
    private static readonly Shape Time = new Shape.Value("Milliseconds since 1970, or 2026-01-31T12:00:00Z, or ${params.name}.",
        TimePattern, "a time or ${params.name}");
    private static readonly Shape.Value Unit = new Shape.Value("A unit: its class, and #n for the n-th other implementation.",
        $"^{NamePattern}(#[0-9]{{1,9}})?$", "class or class#n");
    private static readonly Shape KeyText =
        new Shape.Value("A state key; ${instance} and ${params.name} stand for their bytes.", "(?s)^.+$", "a key");
    private static readonly Shape Hex = new Shape.Value("Bytes in hexadecimal.", "^([0-9A-Fa-f]{2})*$", "hexadecimal");
    private static readonly Shape Hex32 = new Shape.Value("32 bytes in hexadecimal.", "^[0-9A-Fa-f]{64}$", "64 hexadecimal digits");
    private static readonly Shape.Word Kind = new("The type of a value.", ["bytes", "text", "u64", "digest", "key", "time"]);

    /// <summary>Shapes by name; the first is the file's.</summary>
    public static IReadOnlyDictionary<string, Shape> Definitions { get; } = new SortedDictionary<string, Shape>(StringComparer.Ordinal)
    {
        ["application"] = Keyed("An application: its contracts, parameters and workflows.",
            Required("name", Name),
            Optional("description", Text),
            Optional("contracts", new Shape.Named("Contracts by name, with the path of their code beside this file.", Text)),
            Optional("params", new Shape.Named("What every run of the application fixes, with its type.", Kind)),
            Required("workflows", new Shape.Named("Workflows by name.", new Shape.Reference("workflow")))),
        ["workflow"] = Keyed("A task of the application.",
            Optional("description", Text),
            Optional("client", new Shape.Named("What the client gives, with its type.", new Shape.Reference("input"))),
            Required("steps", new Shape.ListOf("Steps; each depends on earlier ones only.", new Shape.Reference("step")))),
        ["input"] = new Shape.Either("A type, or a type with its longest length.",
        [
            Kind,
            Keyed("A type with its longest length.", Required("type", Kind),
                Required("max", new Shape.Value("Bytes.", "^[0-9]{1,7}$", "a number of bytes"))),
        ]),
        ["step"] = Keyed("One transaction of one unit.",
            Required("id", Name),
            Required("run", new Shape.Value("unit.transaction", $@"^{NamePattern}(#[0-9]{{1,9}})?\.{NamePattern}$", "unit.transaction")),
            Optional("description", Text),
            Optional("with", new Shape.Named("Inputs of the transaction; a repeated one takes a list.", new Shape.Reference("bindings"))),
            Optional("after", new Shape.ListOf("Steps that must have happened, besides those whose outputs are used.", Name)),
            Optional("onFailureOf", Name with { Summary = "The step whose failure this one makes up for." }),
            Optional("when", new Shape.Reference("barrier")),
            Optional("auth", new Shape.Reference("auth")),
            Optional("scope", new Shape.Word("How often: once in each plan, once in the instance, once for each client of the instance.",
                ["plan", "instance", "client"]))),
        ["bindings"] = new Shape.Either("A value, or a list of them.",
            [Any("A value: a constant or ${...}."), new Shape.ListOf("Values.", new Shape.Reference("binding")), Binding()]),
        ["binding"] = new Shape.Either("A value.", [Any("A constant or ${...}."), Binding()]),
        ["barrier"] = Keyed("What the step waits for; all keys together.",
            Optional("after", new Shape.Reference("moment")),
            Optional("before", new Shape.Reference("moment")),
            Optional("state", Keyed("A key of a state unit holds this value.",
                Required("key", KeyText), Optional("contract", Name), Optional("of", Unit), Required("hash", Hex32), Optional("on", Unit))),
            Optional("beacon", Keyed("A beacon round is out.", Required("round", Number), Optional("on", Unit))),
            Optional("all", new Shape.ListOf("All of these.", new Shape.Reference("barrier"))),
            Optional("any", new Shape.ListOf("One of these.", new Shape.Reference("barrier")))),
        ["moment"] = new Shape.Either("A time or height of a unit; by itself, a time of the step's own unit.",
        [
            Time,
            new Shape.Keyed("A time or height of a unit.", [Optional("time", Time), Optional("height", Number), Optional("on", Unit)],
                ["time", "height"]),
        ]),
        ["auth"] = new Shape.Either("Who may ask for the step: the client by default.",
        [
            new Shape.Word("anyone or client", ["anyone", "client"]),
            new Shape.Keyed("Whoever holds these keys, or a unit that acts for a client.",
                [Optional("keys", new Shape.Reference("keys")), Optional("unit", Unit)], ["keys", "unit"]),
        ]),
        ["keys"] = new Shape.Either("A key, or a number of keys.",
        [
            new Shape.Value("A key in hexadecimal, ${params.name}, or ${creator}.",
                @"^([0-9A-Fa-f]{64}|\$\{params\.[A-Za-z0-9_-]+\}|\$\{creator\})$", "a key, ${params.name} or ${creator}"),
            Keyed("At least so many of these.",
                Required("atLeast", new Shape.Value("How many.", "^[0-9]{1,3}$", "a number")),
                Required("of", new Shape.ListOf("Keys.", new Shape.Reference("keys")))),
        ]),
    };

    public static bool IsReference(string text) =>
        System.Text.RegularExpressions.Regex.IsMatch(text, ReferencePattern, System.Text.RegularExpressions.RegexOptions.CultureInvariant);

    private static Shape.Keyed Binding() => new("A constant with its type, state, or a beacon round.",
        [
            Optional("text", Text), Optional("u64", Number), Optional("hex", Hex), Optional("key", Hex32), Optional("digest", Hex32),
                Optional("time", Time),
            Optional("state", KeyText), Optional("prefix", KeyText), Optional("beacon", Number),
            Optional("contract", Name with { Summary = "The contract whose namespace the state key lies in." }),
            Optional("of", Unit with { Summary = "The execution unit of that contract." }),
            Optional("on", Unit with { Summary = "The state or randomness unit." }),
        ],
        ["text", "u64", "hex", "key", "digest", "time", "state", "prefix", "beacon"]);

    private static Shape.Value Any(string summary) => new Shape.Value(summary, "(?s)^.*$", "a value");
    private static Shape.Keyed Keyed(string summary, params IReadOnlyList<Shape.Key> keys) => new(summary, keys, []);
    private static Shape.Key Required(string name, Shape shape) => new(name, shape, Required: true);
    private static Shape.Key Optional(string name, Shape shape) => new(name, shape);
}
