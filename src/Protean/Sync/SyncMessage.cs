using Protean.Codec;
using Protean.Membership;
using Protean.State;

namespace Protean.Sync;

/// <summary>What a member that is far behind and the others say to each other, whatever epochs they are in.</summary>
public abstract record SyncMessage : ICanonical<SyncMessage>
{
    private SyncMessage() { }

    /// <summary>The sender goes on from here: who could no longer serve it the next block offers a snapshot.</summary>
    public sealed record Standing(ulong Epoch, ulong Height) : SyncMessage;

    /// <summary>A snapshot that the sender can serve.</summary>
    /// <param name="Epoch">Of the sender's own log: the links lead there.</param>
    public sealed record Offer(ulong Epoch, Snapshot Snapshot) : SyncMessage;

    /// <summary>Asks for the links from this epoch's on.</summary>
    public sealed record WantLinks(ulong Epoch) : SyncMessage;

    /// <summary>Links that follow one another.</summary>
    public sealed record Links(IReadOnlyList<EpochLink> Chain) : SyncMessage
    {
        public bool Equals(Links? other) => other is not null && Chain.SequenceEqual(other.Chain);
        public override int GetHashCode() => Chain.Count;
    }

    /// <summary>Asks for entries of one map at a snapshot's height.</summary>
    /// <param name="After">The last key that the asker has; null where it has none.</param>
    public sealed record WantEntries(ulong Height, byte Map, ChunkStart? After) : SyncMessage;

    /// <summary>Entries after that key, without a gap, under the map's root.</summary>
    public sealed record Entries(ulong Height, byte Map, MapProof Proof) : SyncMessage;

    public void Encode(Encoder to)
    {
        _ = this switch
        {
            Standing standing => to.U8(1).U64(standing.Epoch).U64(standing.Height),
            Offer offer => to.U8(2).U64(offer.Epoch).Value(offer.Snapshot),
            WantLinks want => to.U8(3).U64(want.Epoch),
            Links links => to.U8(4).List(links.Chain),
            WantEntries want => to.U8(5).U64(want.Height).U8(want.Map).Optional(want.After),
            Entries entries => to.U8(6).U64(entries.Height).U8(entries.Map).Value(entries.Proof),
            _ => throw new InvalidOperationException("a message of no kind"),
        };
    }

    public static SyncMessage Decode(ref Decoder from)
    {
        var kind = from.U8();
        return kind switch
        {
            1 => new Standing(from.U64(), from.U64()),
            2 => new Offer(from.U64(), from.Value<Snapshot>()),
            3 => new WantLinks(from.U64()),
            4 => new Links(from.List<EpochLink>(Limits.MaxLinks)),
            5 => new WantEntries(from.U64(), MapIn(ref from), from.Optional<ChunkStart>()),
            6 => new Entries(from.U64(), MapIn(ref from), from.Value<MapProof>()),
            _ => throw new MalformedException($"sync message of kind {kind}"),
        };
    }

    private static byte MapIn(ref Decoder from)
    {
        var map = from.U8();
        return map < Snapshot.Maps.Count ? map : throw new MalformedException($"map {map} of {Snapshot.Maps.Count}");
    }
}

/// <summary>The key after which a chunk begins.</summary>
public sealed record ChunkStart(Bytes Key) : ICanonical<ChunkStart>
{
    public void Encode(Encoder to) => to.Bytes(Key.Span);
    public static ChunkStart Decode(ref Decoder from) => new(new Bytes(from.Bytes(Limits.MaxKeyBytes)));
}
