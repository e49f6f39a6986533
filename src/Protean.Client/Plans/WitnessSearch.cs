using Protean.Codec;
using Protean.Units.Contracts;

namespace Protean.Client.Plans;

/// <summary>Collects what a contract call reads, from dry runs that each name the next key that is missing.</summary>
/// <param name="need">Where keys and prefixes are collected.</param>
internal sealed class WitnessSearch(UnitNeed need)
{
    /// <summary>After so many keys in a row that share more than their contract's namespace, the part that they share is asked for as a
    /// whole: calls over many entries would take a dry run for each.</summary>
    public const int Row = 8;

    /// <summary>Dry runs of one call.</summary>
    public const int MaxRounds = 256;

    private readonly List<Bytes> _row = [];

    /// <summary>Adds what a dry run found missing.</summary>
    public void Add(Bytes key, bool isPrefix)
    {
        if (isPrefix)
        {
            need.Prefixes.Add(key);
            return;
        }
        need.Keys.Add(key);
        _row.Add(key);
        if (_row.Count < Row) return;
        var shared = Shared([.. _row]);
        _row.RemoveAt(0);
        if (shared.Length <= ContractKeys.PrefixLength) return;
        need.Keys.RemoveWhere(known => known.Span.StartsWith(shared.Span));
        need.Prefixes.Add(shared);
        _row.Clear();
    }

    private static Bytes Shared(IReadOnlyList<Bytes> keys)
    {
        var length = keys.Min(key => keys[0].Span.CommonPrefixLength(key.Span));
        return new Bytes(keys[0].Span[..length]);
    }
}
