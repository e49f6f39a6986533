namespace Protean.Consensus;

/// <summary>How often something happened, by name; what was dropped stands under "refused/".</summary>
public sealed class Counters
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;
    public long this[string name] => _counts.GetValueOrDefault(name);
    public void Add(string name, long count = 1) => _counts[name] = this[name] + count;

    /// <summary>Counts a refusal; false, so that a check can return it.</summary>
    public bool Refuse(string reason)
    {
        Add("refused/" + reason);
        return false;
    }
}
