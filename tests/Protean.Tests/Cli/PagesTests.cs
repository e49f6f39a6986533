using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Protean.Cli;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Cli;

/// <summary>What the pages tell people to type can be typed.</summary>
public sealed partial class PagesTests
{
    [Fact]
    public void Every_command_on_the_pages_is_one_that_exists()
    {
        var commands = Repository.Files(".", ".md")
            .SelectMany(static page => Command().Matches(Repository.Read(page)).Select(match => (Page: page, Line: match.Groups["line"].Value)))
            .ToArray();
        Assert.NotEmpty(commands);
        Assert.All(commands, static command =>
        {
            var errors = CommandLine.Create().Parse([.. CommandLineParser.SplitCommandLine(command.Line)]).Errors;
            Assert.True(errors.Count == 0, $"{command.Page}: protean {command.Line}: {string.Join("; ", errors.Select(static error => error.Message))}");
        });
    }

    // A line of a code block; what follows # is for people, and a backslash goes on.
    [GeneratedRegex(@"^(?:protean|dotnet run --project src/Protean\.Cli --) (?<line>[^#\r\n]+)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
