using Xunit;

namespace Protean.Tests.Tidy;

/// <summary>What the pages say about the sources is so.</summary>
public sealed class PageTests
{
    /// <summary>Set to 1, the tests write the pages that follow from the sources instead of comparing them.</summary>
    private const string RewriteVariable = "PROTEAN_REWRITE_PAGES";

    private const string Decisions = "docs/decisions";

    private static readonly string[] Pages = [.. Repository.Files(".", ".md")];

    [Fact]
    public void Every_code_has_one_meaning() =>
        Assert.Empty(ErrorCodes.InSources().Where(static code => code.Value.Count > 1)
            .Select(static code => $"{code.Key}: {string.Join(" | ", code.Value)}"));

    [Fact]
    public void Every_code_stands_with_its_meaning_on_the_page_of_errors()
    {
        var page = Repository.Read(ErrorCodes.Page);
        var rewritten = ErrorCodes.Rewritten(page);
        if (Environment.GetEnvironmentVariable(RewriteVariable) == "1") Repository.Write(ErrorCodes.Page, rewritten);
        else Assert.True(page == rewritten, $"{ErrorCodes.Page} is not what the sources give: run this test with {RewriteVariable}=1");
        Assert.Empty(ErrorCodes.InPage(rewritten).Where(static row => row.Value.Length == 0).Select(static row => row.Key));
    }

    [Fact]
    public void Decisions_are_numbered_of_one_form_and_listed_in_order()
    {
        var files = Repository.Files(Decisions, ".md").Select(static path => Path.GetFileName(path)).Where(static name => name != "README.md").ToArray();
        foreach (var name in files)
        {
            var text = Repository.Read($"{Decisions}/{name}");
            var number = int.Parse(name[..4], System.Globalization.CultureInfo.InvariantCulture);
            Assert.StartsWith($"# {number}. ", text);
            string[] parts = ["\n**Context.**", "\n**Decision.**", "\n**Consequences.**", "\n**Rejected.**"];
            var at = parts.Select(part => text.IndexOf(part, StringComparison.Ordinal)).ToArray();
            Assert.True(at.All(static place => place > 0) && at.SequenceEqual(at.Order()), $"{name} has another form");
        }
        Assert.Equal(files, Markdown.Links($"{Decisions}/README.md").Select(static link => Path.GetFileName(link)));
    }

    [Fact]
    public void Every_link_to_a_file_leads_somewhere() =>
        Assert.Empty(Pages.SelectMany(static page => Markdown.Links(page).Where(static link => !Repository.Exists(link))
            .Select(link => $"{page}: {link}")));

    [Fact]
    public void Every_path_that_a_page_names_exists()
    {
        Assert.NotEmpty(Markdown.Paths("docs/paper.md"));
        Assert.Empty(Pages.SelectMany(static page => Markdown.Paths(page).Where(static path => !Repository.Exists(path))
            .Select(path => $"{page}: {path}")));
    }
}
