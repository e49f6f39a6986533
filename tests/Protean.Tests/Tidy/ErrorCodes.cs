using System.Text;
using System.Text.RegularExpressions;
using Protean.Units.Execution;

namespace Protean.Tests.Tidy;

/// <summary>The codes of refusals and failures with what they mean, as the sources give them and as <c>docs/errors.md</c> does.</summary>
internal static partial class ErrorCodes
{
    public const string Page = "docs/errors.md";

    /// <summary>Each code of the sources with every text that stands beside it: none where a check's code is all there is.</summary>
    public static SortedDictionary<string, SortedSet<string>> InSources()
    {
        var codes = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var source in Repository.Sources("src"))
        {
            var text = CommentLine().Replace(source.Text, "");
            foreach (Match match in CodeAndText().Matches(text))
            {
                var meanings = codes.TryGetValue(match.Groups["code"].Value, out var known)
                    ? known : codes[match.Groups["code"].Value] = new SortedSet<string>(StringComparer.Ordinal);
                if (match.Groups["text"].Success) meanings.Add(Plain(match.Groups["text"].Value));
                else if (match.Groups["name"].Success && BesideName(text, match.Groups["name"].Value) is { } meaning) meanings.Add(meaning);
            }
        }
        foreach (var (code, meaning) in CallFailures.Traps) codes.Add(code, new SortedSet<string>(StringComparer.Ordinal) { meaning });
        return codes;
    }

    public static SortedDictionary<string, string> InPage(string page) => new(
        Row().Matches(page).ToDictionary(static row => row.Groups["code"].Value, static row => row.Groups["meaning"].Value),
        StringComparer.Ordinal);

    /// <summary>The page with a row for each code of the sources; headings, and meanings that the sources do not give, stay as they
    /// are.</summary>
    public static string Rewritten(string page)
    {
        var (known, titles) = (InPage(page), Heading().Matches(page).ToDictionary(static heading => heading.Groups["area"].Value,
            static heading => heading.Value));
        var text = new StringBuilder(page[..page.IndexOf("\n## ", StringComparison.Ordinal)]);
        foreach (var area in InSources().GroupBy(static code => code.Key.Split('-')[1]))
        {
            text.Append('\n').Append(titles.GetValueOrDefault(area.Key, "## " + area.Key)).Append("\n\n| code | meaning |\n|---|---|\n");
            foreach (var (code, meanings) in area)
                text.Append("| ").Append(code).Append(" | ").Append(meanings.FirstOrDefault(known.GetValueOrDefault(code, ""))).Append(" |\n");
        }
        return text.ToString();
    }

    // What stands after the name of a constant that holds a code: "new(NotCurrent, "the meaning", ...)".
    private static string? BesideName(string text, string name) =>
        Regex.Match(text, $@"\b{name}\s*,\s*""(?<text>[^""]*)""") is { Success: true } match ? match.Groups["text"].Value : null;

    // What a text says for every value of its holes.
    private static string Plain(string text) => Hole().Replace(text, "...").Replace("\\\"", "\"", StringComparison.Ordinal);

    [GeneratedRegex("""(?:(?<name>\w+) = )?"(?<code>PRT-[A-Z]{3}-\d{4})"(?:\s*,\s*(?:\w+ = )?\$?"(?<text>(?:[^"\\]|\\.)*)")?""")]
    private static partial Regex CodeAndText();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex CommentLine();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"^## (?<area>[A-Z]{3}).*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| (?<code>PRT-[A-Z]{3}-\d{4}) \| (?<meaning>.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
