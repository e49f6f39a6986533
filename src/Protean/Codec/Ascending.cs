namespace Protean.Codec;

/// <summary>Lists that stand for sets: strictly ascending, so that a set has one byte form.</summary>
public static class Ascending
{
    /// <exception cref="MalformedException">Out of order, or one name stands twice.</exception>
    public static void Require<T>(IReadOnlyList<T> items, Func<T, string> name, string what)
    {
        for (var i = 1; i < items.Count; i++)
            if (string.CompareOrdinal(name(items[i - 1]), name(items[i])) >= 0)
                throw new MalformedException($"{what} not in strictly ascending order at {i}: {name(items[i])}");
    }

    /// <exception cref="MalformedException">Out of order, or one key stands twice.</exception>
    public static void Require<T, TKey>(IReadOnlyList<T> items, Func<T, TKey> key, string what) where TKey : IComparable<TKey>
    {
        for (var i = 1; i < items.Count; i++)
            if (key(items[i - 1]).CompareTo(key(items[i])) >= 0) throw new MalformedException($"{what} not in strictly ascending order at {i}");
    }
}
