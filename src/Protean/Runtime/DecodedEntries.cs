using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Runtime;

/// <summary>Entries read once: validity is asked at every hop of an entry's way into the log, and execution needs its content again.</summary>
/// <param name="follows">Whether a link leads from the current epoch into the next one.</param>
internal sealed class DecodedEntries(Func<EpochLink, bool> follows)
{
    private readonly Dictionary<Digest, object> _values = [];
    private readonly Queue<Digest> _order = [];

    /// <summary>Decodes and is within limits; an epoch's link also has to follow, since nothing comes after it.</summary>
    public bool IsValid(Entry entry)
    {
        try
        {
            return Read(entry) is not EpochLink link || follows(link);
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

    /// <exception cref="MalformedException">The entry is not valid.</exception>
    public EpochLink Link(Entry entry) => (EpochLink)Read(entry);

    private object Read(Entry entry)
    {
        if (_values.TryGetValue(entry.Hash, out var known)) return known;
        object value = entry.Kind switch
        {
            EntryKind.Request => Canonical.Decode<Request>(entry.Body.Span),
            EntryKind.Contribution => Canonical.Decode<Contribution>(entry.Body.Span),
            _ => Canonical.Decode<EpochLink>(entry.Body.Span),
        };
        _values.Add(entry.Hash, value);
        _order.Enqueue(entry.Hash);
        if (_order.Count > Limits.DecodedEntries) _values.Remove(_order.Dequeue());
        return value;
    }
}
