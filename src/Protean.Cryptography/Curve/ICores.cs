namespace Protean.Cryptography;

/// <summary>Processor cores that work is spread over. What is computed never depends on it: pieces are fixed before they run, write to
/// places of their own, and share nothing that changes.</summary>
public interface ICores
{
    /// <summary>How many pieces can run at the same time, at least 1.</summary>
    int Count { get; }

    /// <summary>Runs <paramref name="piece"/> for 0 .. <paramref name="pieces"/> - 1 in any order, and returns when all have ended.</summary>
    void Each(int pieces, Action<int> piece);
}

/// <summary>Piece after piece, on the caller's core.</summary>
public sealed class OneCore : ICores
{
    private OneCore() { }

    public static OneCore Instance { get; } = new();

    public int Count => 1;

    public void Each(int pieces, Action<int> piece)
    {
        for (var i = 0; i < pieces; i++) piece(i);
    }
}

internal static class CoresExtensions
{
    // Enough pieces that a slow core does not hold up the others at the end.
    private const int PiecesPerCore = 4;

    /// <summary>Cuts 0 .. <paramref name="count"/> - 1 into ranges, each but the last of <paramref name="least"/> at least.</summary>
    public static (int From, int To)[] Cut(this ICores cores, int count, int least)
    {
        var size = cores.Count == 1 ? Math.Max(1, count) : Math.Max(least, (count + PiecesPerCore * cores.Count - 1) / (PiecesPerCore * cores.Count));
        return [.. Enumerable.Range(0, (count + size - 1) / size).Select(piece => (piece * size, Math.Min(count, (piece + 1) * size)))];
    }

    /// <summary>Runs <paramref name="one"/> for 0 .. <paramref name="count"/> - 1, in ranges.</summary>
    public static void Each(this ICores cores, int count, int least, Action<int> one)
    {
        var ranges = cores.Cut(count, least);
        cores.Each(ranges.Length, piece =>
        {
            for (var i = ranges[piece].From; i < ranges[piece].To; i++) one(i);
        });
    }
}
