using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Runtime;

/// <summary>The epochs that a unit's member has been through, in its store: the links, and where each epoch's chain begins (protocols 1.5).</summary>
public static class UnitEpochs
{
    private static readonly Bytes LinkPrefix = Bytes.Of("epoch/link/");
    private static readonly Bytes BoundaryPrefix = Bytes.Of("epoch/boundary/");
    private static readonly Bytes StartPrefix = Bytes.Of("epoch/start/");

    /// <summary>The directory as far as this member's log has come.</summary>
    public static LinkedDirectory Open(IStore store, Genesis genesis, ISignatureScheme scheme)
    {
        var directory = new LinkedDirectory(genesis);
        foreach (var (_, link) in store.Scan(LinkPrefix)) directory = directory.With(Canonical.Decode<EpochLink>(link.Span), scheme);
        return directory;
    }

    /// <summary>The last block of the epoch before is sealed: the next epoch's chain begins with it.</summary>
    internal static void Begin(IStore store, EpochLink link, ExecutedBlock last, Digest sealHash)
    {
        var batch = new StoreBatch();
        batch.Put(Of(LinkPrefix, link.Record.Epoch), Canonical.Encode(link));
        PutStart(link.Record.Epoch, new ChainStart(last.Height, last.BlockId, last.TimeMs, sealHash), batch);
        store.Write(batch);
    }

    /// <summary>The epochs, and the place in the last one's chain, of state that was fetched.</summary>
    internal static void Adopt(IEnumerable<EpochLink> links, ulong epoch, ChainStart start, StoreBatch batch)
    {
        foreach (var link in links) batch.Put(Of(LinkPrefix, link.Record.Epoch), Canonical.Encode(link));
        PutStart(epoch, start, batch);
    }

    /// <summary>The last block of this epoch is executed; the next begins once it is sealed.</summary>
    internal static void MarkBoundary(EpochLink link, ulong height, StoreBatch batch) =>
        batch.Put(Of(BoundaryPrefix, link.Record.Epoch), new Encoder().U64(height).Value(link).ToArray());

    /// <summary>The boundary that was executed before a restart and not sealed.</summary>
    internal static (ulong Height, EpochLink Link)? BoundaryInto(IStore store, ulong epoch)
    {
        if (store.Get(Of(BoundaryPrefix, epoch).Span) is not { } record) return null;
        var from = new Decoder(record);
        return (from.U64(), from.Value<EpochLink>());
    }

    internal static ChainStart? StartOf(IStore store, ulong epoch)
    {
        if (store.Get(Of(StartPrefix, epoch).Span) is not { } record) return null;
        var from = new Decoder(record);
        return new ChainStart(from.U64(), from.Digest(), from.U64(), from.Digest(), from.U64(), from.Optional(static (ref Decoder d) => d.U64()));
    }

    private static void PutStart(ulong epoch, ChainStart start, StoreBatch batch)
    {
        var record = new Encoder().U64(start.Height).Digest(start.BlockId).U64(start.TimeMs).Digest(start.SealHash).U64(start.View);
        record.Bool(start.SealedHeight is not null);
        if (start.SealedHeight is { } height) record.U64(height);
        batch.Put(Of(StartPrefix, epoch), record.ToArray());
    }

    private static Bytes Of(Bytes prefix, ulong epoch) => UnitState.AtHeight(prefix, epoch);
}
