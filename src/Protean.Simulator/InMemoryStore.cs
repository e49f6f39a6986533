using Protean.Codec;
using Protean.Runtime;

namespace Protean.Simulator;

/// <summary>A member's key-value space in memory.</summary>
public sealed class InMemoryStore : IStore
{
    private readonly SortedSet<Bytes> _keys = [];
    private readonly Dictionary<Bytes, byte[]> _values = [];

    public int Count => _keys.Count;
    public byte[]? Get(ReadOnlySpan<byte> key) => _values.TryGetValue(new Bytes(key), out var value) ? value.ToArray() : null;

    public IEnumerable<(Bytes Key, Bytes Value)> Scan(Bytes prefix, Bytes from = default)
    {
        var start = from > prefix ? from : prefix;
        if (_keys.Count == 0 || start > _keys.Max) yield break;
        foreach (var key in _keys.GetViewBetween(start, _keys.Max))
        {
            if (!key.Span.StartsWith(prefix.Span)) yield break;
            yield return (key, new Bytes(_values[key]));
        }
    }

    public void Write(StoreBatch batch)
    {
        foreach (var (key, value) in batch.Changes)
        {
            if (value is null)
            {
                _keys.Remove(key);
                _values.Remove(key);
                continue;
            }
            _keys.Add(key);
            _values[key] = value.ToArray();
        }
    }
}
