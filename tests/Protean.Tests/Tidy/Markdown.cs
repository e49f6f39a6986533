using System.Text.RegularExpressions;

namespace Protean.Tests.Tidy;

/// <summary>What a page points to.</summary>
internal static partial class Markdown
{
    /// <summary>The repository's files and folders that a page links to, from the root; links to other sites and within the page are
    /// left out.</summary>
    public static IEnumerable<string> Links(string page)
    {
        foreach (Match match in Link().Matches(Fence().Replace(Repository.Read(page), "")))
        {
            var target = match.Groups["target"].Value.Split('#')[0];
            if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal))
                yield return FromRoot(Path.GetDirectoryName(page) ?? "", target);
        }
    }

    /// <summary>The paths in code spans that look like files or folders of this repository.</summary>
    public static IEnumerable<string> Paths(string page) =>
        CodeSpan().Matches(Repository.Read(page)).Select(static match => match.Groups["path"].Value);

    private static string FromRoot(string folder, string target)
    {
        var parts = new List<string>();
        foreach (var part in $"{folder}/{target}".Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            else if (part != ".") parts.Add(part);
        }
        return string.Join('/', parts);
    }

    [GeneratedRegex(@"\]\((?<target>[^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"`(?<path>(?:src|tests|docs|examples|bench|build)/[^`\s]+)`")]
    private static partial Regex CodeSpan();
}
