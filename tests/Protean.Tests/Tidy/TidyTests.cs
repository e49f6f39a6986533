using System.Text.RegularExpressions;
using Xunit;

namespace Protean.Tests.Tidy;

/// <summary>The rules of the house that no project reference can hold, by reading the sources.</summary>
public sealed partial class TidyTests
{
    private const int LongestFile = 600;
    private const int LongestBody = 60;

    private const string Units = "src/Protean.Units";

    private static readonly string[] ForbiddenWords = ["Manager", "Helper", "Util", "Utils", "Common", "Processor", "Service"];

    private static readonly IReadOnlyList<Source> Product = Repository.Sources("src");
    private static readonly IReadOnlyList<Source> Everything = [.. Product, .. Repository.Sources("tests"), .. Repository.Sources("bench")];

    [Fact]
    public void Every_unit_stands_in_the_catalog()
    {
        var catalog = Product.Single(static source => source.Path == $"{Units}/Catalog.cs").Code;
        var missing = UnitTypes().Where(unit => !Regex.IsMatch(catalog, $@"\bnew {unit.Type}\("));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_unit_says_what_it_promises_tolerates_follows_and_does_otherwise()
    {
        string[] parts = ["**Promise.**", "**Faults tolerated.**", "**Source.**", "**Deviations.**"];
        foreach (var folder in UnitTypes().Select(static unit => unit.Folder).Distinct())
        {
            var page = $"{Units}/{folder}/README.md";
            Assert.True(Repository.Exists(page), $"{page} is missing");
            var at = parts.Select(part => Repository.Read(page).IndexOf("\n" + part, StringComparison.Ordinal)).ToArray();
            Assert.True(at.All(static place => place > 0), $"{page} has not all of {string.Join(' ', parts)}");
            Assert.Equal(at.Order(), at);
        }
    }

    [Fact]
    public void Units_do_not_name_each_other()
    {
        var folders = UnitTypes().Select(static unit => unit.Folder).Distinct().ToArray();
        var types = folders.ToDictionary(static folder => folder, static folder => TypesIn(folder).ToArray());
        foreach (var from in folders)
            foreach (var source in Product.Where(source => source.Path.StartsWith($"{Units}/{from}/", StringComparison.Ordinal)))
                foreach (var to in folders.Where(to => to != from))
                {
                    Assert.False(Regex.IsMatch(source.Code, $@"\bProtean\.Units\.{to}\b"), $"{source.Path} names Protean.Units.{to}");
                    foreach (var type in types[to])
                        Assert.False(Regex.IsMatch(source.Code, $@"(?<![\w.]){to}\.{type}\b"), $"{source.Path} names {to}.{type}");
                }
    }

    [Fact]
    public void Files_are_short() =>
        Assert.Empty(Everything.Where(static source => source.Lines > LongestFile).Select(static source => $"{source.Path}: {source.Lines} lines"));

    [Fact]
    public void Methods_are_short_enough_to_see_whole() =>
        Assert.Empty(Everything.SelectMany(static source => source.Bodies().Where(static body => body.Length > LongestBody)
            .Select(body => $"{source.Path}:{body.Line}: {body.Length} lines")));

    [Fact]
    public void The_reader_of_methods_sees_methods_of_known_length()
    {
        var text = "namespace N;\nclass C\n{\n    // { in a comment\n    int P => $\"{\"}\"}\"[0] + '{';\n\n    void M()\n    {\n"
            + "        if (true) { }\n    }\n\n    int[] F = new[] { 1,\n        2 };\n\n    int N(int a = 1)\n    {\n        return a;\n    }\n}\n";
        Assert.Equal([(8, 3), (16, 3)], new Source("C.cs", text).Bodies());
        Assert.All(Everything, static source => Assert.Equal(source.Code.Count(static c => c == '{'), source.Code.Count(static c => c == '}')));
    }

    [Fact]
    public void Types_have_names_that_say_something() =>
        Assert.Empty(Everything.SelectMany(static source => source.Types.Where(static type => Words().Matches(type)
            .Any(static word => ForbiddenWords.Contains(word.Value))).Select(type => $"{source.Path}: {type}")));

    [Fact]
    public void Every_bound_is_used()
    {
        var limits = Product.Single(static source => source.Path == "src/Protean/Limits.cs");
        var elsewhere = string.Join('\n', Product.Where(source => source != limits).Select(static source => source.Text));
        var bounds = Bound().Matches(limits.Code).Select(static bound => bound.Groups["name"].Value).ToArray();
        Assert.NotEmpty(bounds);
        var unused = bounds.Where(bound => !Regex.IsMatch(elsewhere, $@"\bLimits\.{bound}\b")
            && Regex.Count(limits.Code, $@"\b{bound}\b") == 1);
        Assert.Empty(unused);
    }

    [Fact]
    public void Nothing_is_left_to_do_later() =>
        Assert.Empty(Product.SelectMany(static source => Later().Matches(source.Text).Select(match => At(source, match))));

    [Fact]
    public void Nothing_sleeps() =>
        Assert.Empty(Product.SelectMany(static source => Sleep().Matches(source.Code).Select(match => At(source, match))));

    /// <remarks>A handler that catches everything throws, or uses what it caught.</remarks>
    [Fact]
    public void No_exception_is_swallowed() =>
        Assert.Empty(Product.SelectMany(static source => CatchAll().Matches(source.Code)
            .Where(match => !Regex.IsMatch(match.Groups["body"].Value, match.Groups["name"] is { Success: true, Value: var name }
                ? $@"\b(throw|{name})\b" : @"\bthrow\b"))
            .Select(match => At(source, match))));

    private static string At(Source source, Match match) => $"{source.Path}:{source.LineOf(match.Index)}: {match.Value.Trim()}";

    private static IEnumerable<(string Folder, string Type)> UnitTypes() =>
        from folder in Repository.Folders(Units)
        from source in Repository.Sources($"{Units}/{folder}")
        from Match match in UnitType().Matches(source.Code)
        select (folder, match.Groups["name"].Value);

    private static IEnumerable<string> TypesIn(string folder) => Repository.Sources($"{Units}/{folder}").SelectMany(static source => source.Types);

    [GeneratedRegex(@"\bclass\s+(?<name>\w+)[^{;]*?:[^{;]*\bIFunctionalUnit\b")]
    private static partial Regex UnitType();

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex Words();

    [GeneratedRegex(@"(?:const|static readonly) [\w<>]+ (?<name>\w+) =")]
    private static partial Regex Bound();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Later();

    [GeneratedRegex(@"\bThread\.Sleep\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bcatch\s*(\(\s*(System\.)?Exception(\s+(?<name>\w+))?\s*\)\s*)?\{(?<body>(?:[^{}]|\{[^{}]*\})*)\}")]
    private static partial Regex CatchAll();
}
