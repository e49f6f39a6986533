using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;

namespace Protean.Runtime;

/// <summary>Entries read once: validity is asked at every hop of an entry's way into the log, and execution needs its content again.</summary>
internal sealed class DecodedEntries
{
    private readonly Dictionary<Digest, object> _values = [];
    private readonly Queue<Digest> _order = [];

    /// <summary>Decodes and is within limits; epoch records come with membership change.</summary>
    public bool IsValid(Entry entry)
    {
        try
        {
            return entry.Kind is EntryKind.Request or EntryKind.Contribution && Read(entry) is not null;
        }
        catch (MalformedException)
        {
            return false;
        }
    }

    /// <exception cref="MalformedException">The entry is not valid.</exception>
    public Request Request(Entry entry) => (Request)Read(entry);

    /// <exception cref="MalformedException">The entry is not valid.</exception>
    public Contribution Contribution(Entry entry) => (Contribution)Read(entry);

    private object Read(Entry entry)
    {
        if (_values.TryGetValue(entry.Hash, out var known)) return known;
        object value = entry.Kind == EntryKind.Request ? Canonical.Decode<Request>(entry.Body.Span) : Canonical.Decode<Contribution>(entry.Body.Span);
        _values.Add(entry.Hash, value);
        _order.Enqueue(entry.Hash);
        if (_order.Count > Limits.DecodedEntries) _values.Remove(_order.Dequeue());
        return value;
    }
}
