using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Protean.Tests.Tidy;

/// <summary>What the threat model claims is shown by tests that are there.</summary>
public sealed partial class ThreatModelTests
{
    private const string NotProtected = "## Not protected";

    private static readonly string[] Claims =
        [.. Claim().Matches(Repository.Read("THREAT-MODEL.md").Split(NotProtected)[0]).Select(static claim => claim.Value)];

    [Fact]
    public void Every_claim_names_the_tests_that_show_it()
    {
        Assert.NotEmpty(Claims);
        Assert.DoesNotContain(Claims, static claim => !Reference().IsMatch(claim));
    }

    [Fact]
    public void Every_test_that_a_claim_names_is_there() => Assert.Empty(Claims
        .SelectMany(static claim => Reference().Matches(claim))
        .Where(static reference => !IsTest(reference.Groups["type"].Value, reference.Groups["method"].Value))
        .Select(static reference => reference.Value));

    private static bool IsTest(string type, string method) =>
        typeof(ThreatModelTests).Assembly.GetType($"Protean.Tests.{type}")?.GetMethod(method)?.GetCustomAttribute<FactAttribute>() is { Skip: null };

    [GeneratedRegex("^- .*$", RegexOptions.Multiline)]
    private static partial Regex Claim();

    [GeneratedRegex(@"`(?<type>\w+\.\w+Tests)\.(?<method>\w+)`")]
    private static partial Regex Reference();
}
