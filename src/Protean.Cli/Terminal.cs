using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Protean.Runtime;
using Spectre.Console;

namespace Protean.Cli;

/// <summary>Where a command writes. With --json, one JSON object is all that stands on the output, and progress goes beside it.</summary>
internal sealed class Terminal
{
    // Nothing is wrapped where no person looks at it.
    private const int WidthOfFiles = 1000;

    private static readonly JsonSerializerOptions JsonForm = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Stopwatch _begun = Stopwatch.StartNew();
    private readonly TextWriter _output;
    private readonly IAnsiConsole _errors;

    public Terminal(TextWriter output, TextWriter error, bool isJson)
    {
        _output = output;
        _errors = ConsoleOn(error);
        IsJson = isJson;
        Text = isJson ? _errors : ConsoleOn(output);
    }

    public bool IsJson { get; }

    /// <summary>For people.</summary>
    public IAnsiConsole Text { get; }

    public void Say(string line) => Text.WriteLine(line);

    /// <summary>One step of what goes on, with the seconds since the start.</summary>
    public void Step(string line) => Say(string.Create(CultureInfo.InvariantCulture, $"{_begun.Elapsed.TotalSeconds,6:0.0}  {line}"));

    /// <summary>One step, by what it is about.</summary>
    public void Step(string subject, FormattableString text) => Step($"{subject,-15} {text.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>The answer for programs, on one line; nothing where people read.</summary>
    public void Answer(JsonObject answer)
    {
        if (IsJson) _output.WriteLine(answer.ToJsonString(JsonForm));
    }

    /// <summary>What was not done and why. With --json, also as the one object.</summary>
    public void Refuse(Refusal refusal)
    {
        _errors.MarkupLineInterpolated($"[red]{refusal.Code}[/]: {refusal.What}");
        (string Name, string Value)[] details = [("where", refusal.Where), ("expected", refusal.Expected), ("got", refusal.Got), ("do", refusal.Advice)];
        foreach (var (name, value) in details.Where(static detail => detail.Value.Length > 0)) _errors.WriteLine($"  {name,-8}  {value}");
        Answer(new JsonObject { ["refusal"] = ToJson(refusal) });
    }

    public static JsonObject ToJson(Refusal refusal) => new()
    {
        ["code"] = refusal.Code,
        ["what"] = refusal.What,
        ["where"] = refusal.Where,
        ["expected"] = refusal.Expected,
        ["got"] = refusal.Got,
        ["retry"] = refusal.Retry,
        ["advice"] = refusal.Advice,
    };

    private static IAnsiConsole ConsoleOn(TextWriter writer)
    {
        var to = new AnsiConsoleOutput(writer);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = to });
        if (!to.IsTerminal) console.Profile.Width = WidthOfFiles;
        return console;
    }
}
