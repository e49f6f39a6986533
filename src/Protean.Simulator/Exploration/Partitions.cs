namespace Protean.Simulator.Exploration;

/// <summary>Every way to split seats into groups, and which ways are the same up to an exchange of seats with equal roles.</summary>
internal sealed class Partitions
{
    private readonly int[][] _groupOf;
    private readonly int[][] _image;

    /// <param name="roles">Of each seat; seats with equal roles can change places.</param>
    public Partitions(IReadOnlyList<ulong> roles)
    {
        _groupOf = [.. Split([], roles.Count)];
        Masks = [.. _groupOf.Select(static groups => groups.Select((group, seat) => (group, seat)).GroupBy(static pair => pair.group)
            .Select(static group => group.Aggregate(0, static (mask, pair) => mask | (1 << pair.seat))).ToArray())];
        var numbers = _groupOf.Select(static (groups, number) => (groups, number)).ToDictionary(static pair => string.Join(',', pair.groups), static pair => pair.number);
        _image = [.. Exchanges([], roles).Select(exchange => _groupOf.Select(groups => numbers[Key(groups, exchange)]).ToArray())];
    }

    /// <summary>The groups of each partition, as sets of seats.</summary>
    public int[][] Masks { get; }
    public int Count => Masks.Length;

    /// <summary>How many exchanges of seats change nothing at the start, the one that moves nobody included.</summary>
    public int Symmetries => _image.Length;

    /// <summary>All exchanges, as a set.</summary>
    public ulong All => (1UL << Symmetries) - 1;

    /// <summary>The exchanges among these that leave the partition as it is; null where one of them turns it into an earlier one.</summary>
    public ulong? Fixing(ulong exchanges, int partition)
    {
        var kept = 0UL;
        for (var i = 0; i < Symmetries; i++)
        {
            if ((exchanges & (1UL << i)) == 0) continue;
            if (_image[i][partition] < partition) return null;
            if (_image[i][partition] == partition) kept |= 1UL << i;
        }
        return kept;
    }

    private static IEnumerable<int[]> Split(int[] groups, int seats)
    {
        if (groups.Length == seats) return [groups];
        return Enumerable.Range(0, groups.DefaultIfEmpty(-1).Max() + 2).SelectMany(group => Split([.. groups, group], seats));
    }

    private static IEnumerable<int[]> Exchanges(int[] chosen, IReadOnlyList<ulong> roles)
    {
        if (chosen.Length == roles.Count) return [chosen];
        return Enumerable.Range(0, roles.Count).Where(seat => roles[seat] == roles[chosen.Length] && !chosen.Contains(seat))
            .SelectMany(seat => Exchanges([.. chosen, seat], roles));
    }

    // Groups are numbered in the order of their first seats.
    private static string Key(int[] groups, int[] exchange)
    {
        var moved = new int[groups.Length];
        for (var seat = 0; seat < groups.Length; seat++) moved[exchange[seat]] = groups[seat];
        var order = moved.Distinct().ToList();
        return string.Join(',', moved.Select(group => order.IndexOf(group)));
    }
}
