using Protean.Runtime;
using Xunit;

namespace Protean.Tests.KeyGeneration;

/// <summary>Check-removal: every check of a list refuses something that nothing else of the list refuses.</summary>
internal static class Needed
{
    /// <summary>The good subject passes; each bad one is refused with the code named, and passes where only that check is left
    /// out.</summary>
    public static void EachIs<T>(Requirements<T> checks, T good, params (string Code, T Subject)[] bad)
    {
        Assert.Null(checks.FirstRefusal(good));
        foreach (var (code, subject) in bad)
        {
            Assert.Equal(code, checks.FirstRefusal(subject)?.Code);
            Assert.Null(checks.FirstRefusal(subject, without: code));
        }
        Assert.Equal(checks.Select(check => check.Code), bad.Select(one => one.Code).Distinct());
    }
}
