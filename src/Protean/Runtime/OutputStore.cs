using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>Outputs by their digest, with what convinces third parties of shared results. Not replicated state: a member that has only the
/// sealed digest asks the others, and checks what it gets against it.</summary>
internal sealed class OutputStore(IStore store)
{
    private static readonly Bytes Prefix = Bytes.Of("outputs/");
    private readonly SortedSet<Digest> _wanted = [];

    /// <summary>Digests that a quorum sealed and this member has no outputs for.</summary>
    public IReadOnlyCollection<Digest> Wanted => _wanted;

    public (Outputs Outputs, Bytes Record)? Find(Digest digest)
    {
        if (store.Get(Key(digest).Span) is not { } bytes) return null;
        var from = new Decoder(bytes);
        return (from.Value<Outputs>(), new Bytes(from.Bytes(Limits.MaxRecord)));
    }

    public void Put(Outputs outputs, Bytes record, StoreBatch batch)
    {
        var digest = outputs.Digest;
        _wanted.Remove(digest);
        batch.Put(Key(digest), new Encoder().Value(outputs).Bytes(record.Span).ToArray());
    }

    public void Want(Digest digest)
    {
        if (store.Get(Key(digest).Span) is null) _wanted.Add(digest);
    }

    /// <returns>Whether these were wanted.</returns>
    public bool Arrived(Outputs outputs, Bytes record)
    {
        if (!_wanted.Contains(outputs.Digest)) return false;
        var batch = new StoreBatch();
        Put(outputs, record, batch);
        store.Write(batch);
        return true;
    }

    private static Bytes Key(Digest digest) => Bytes.Wrap([.. Prefix.Span, .. digest.Span]);
}
