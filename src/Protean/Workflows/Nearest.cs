namespace Protean.Workflows;

/// <summary>Names for people who mistyped one.</summary>
internal static class Nearest
{
    private const int MaxListed = 12;

    /// <summary>What was expected: the name that was probably meant, or the names there are.</summary>
    public static string Of(string name, IEnumerable<string> known)
    {
        string[] names = [.. known.Distinct().Order(StringComparer.Ordinal)];
        if (names.Length == 0) return "nothing";
        var (best, distance) = names.Select(candidate => (candidate, Distance(name, candidate))).MinBy(static pair => pair.Item2);
        if (distance <= Math.Max(1, name.Length / 3)) return $"{best} (did you mean it?)";
        return names.Length <= MaxListed ? $"one of {string.Join(", ", names)}" : $"one of {string.Join(", ", names.Take(MaxListed))}, ...";
    }

    // Levenshtein's distance; names are short.
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], next);
            }
        }
        return row[to.Length];
    }
}
