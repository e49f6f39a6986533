using System.Text.RegularExpressions;

namespace Protean.Tests.Tidy;

/// <summary>A C# file: its text, and its code, where comments and the insides of literals are blanks, so that both have the same lines
/// and columns.</summary>
internal sealed partial record Source(string Path, string Text)
{
    public string Code { get; } = Blanks.InPlaceOfCommentsAndLiterals(Text);

    public int Lines => Text.Count(static character => character == '\n');

    public int LineOf(int index) => Text.AsSpan(0, index).Count('\n') + 1;

    /// <summary>The types that stand in this file, nested ones too.</summary>
    public IEnumerable<string> Types => TypeHeader().Matches(Code).Select(static match => match.Groups["name"].Value);

    /// <summary>The bodies in braces of the members of types, each with its first line and how many lines it has. What a field or property
    /// begins with is data, and not among them.</summary>
    public IEnumerable<(int Line, int Length)> Bodies()
    {
        var open = new Stack<(int At, bool Type, bool Data)>();
        var header = 0;
        for (var i = 0; i < Code.Length; i++)
        {
            if (Code[i] is not ('{' or '}' or ';')) continue;
            if (Code[i] == '{') open.Push((i, TypeHeader().IsMatch(Code[header..i]), IsAssigned(Code[header..i])));
            if (Code[i] == '}')
            {
                var (at, type, data) = open.Pop();
                if (!type && !data && open.TryPeek(out var around) && around.Type) yield return (LineOf(at), LineOf(i) - LineOf(at) + 1);
            }
            header = i + 1;
        }
    }

    private static bool IsAssigned(string header)
    {
        var flat = header;
        while (InParentheses().IsMatch(flat)) flat = InParentheses().Replace(flat, "");
        return Assignment().IsMatch(flat);
    }

    [GeneratedRegex(@"\([^()]*\)")]
    private static partial Regex InParentheses();

    // An equals sign that is none of =>, ==, <=, >= and !=, before any =>.
    [GeneratedRegex(@"^(?:(?!=>).)*?(?<![=!<>])=(?![=>])", RegexOptions.Singleline)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"(?<![\w.])(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+(?<name>[A-Z]\w*)")]
    private static partial Regex TypeHeader();
}
