using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;
using Protean.State;

namespace Protean.Runtime;

/// <summary>What a replay key stands for: a result, or one that members still have to find (protocols 8.4).</summary>
/// <param name="LastEpoch">The last epoch in which a request with this key could be admitted: the entry is kept until then.</param>
/// <param name="Request">What the leaf will say of the request; its status and output digest are open while pending.</param>
/// <param name="Place">Where the leaf stands, or null while pending.</param>
/// <param name="Pending">What the unit needs to find the result, or null.</param>
public sealed record ReplayEntry(
    ulong LastEpoch, ResultLeaf Request, LeafPlace? Place, PendingState? Pending) : ICanonical<ReplayEntry>
{
    public void Encode(Encoder to) => to.U64(LastEpoch).Value(Request).Optional(Place).Optional(Pending);

    public static ReplayEntry Decode(ref Decoder from) => new(
        from.U64(), from.Value<ResultLeaf>(), from.Optional<LeafPlace>(), from.Optional<PendingState>());
}

/// <summary>A leaf's block and its index among that block's results.</summary>
public sealed record LeafPlace(ulong Height, uint Index) : ICanonical<LeafPlace>
{
    public void Encode(Encoder to) => to.U64(Height).U32(Index);
    public static LeafPlace Decode(ref Decoder from) => new(from.U64(), from.U32());
}

/// <summary>A result under way: what it is about, and which members have said that they have it, with which digest.</summary>
public sealed record PendingState(Bytes About, IReadOnlyList<DoneVote> Dones) : ICanonical<PendingState>
{
    public void Encode(Encoder to) => to.Bytes(About.Span).List(Dones);
    public static PendingState Decode(ref Decoder from) => new(new Bytes(from.Bytes(Limits.MaxValue)), from.List<DoneVote>(Limits.MaxMembers));
}

/// <summary>One member's word for the result of a pending entry.</summary>
public sealed record DoneVote(ushort Member, Digest OutputDigest) : ICanonical<DoneVote>
{
    public void Encode(Encoder to) => to.U16(Member).Digest(OutputDigest);
    public static DoneVote Decode(ref Decoder from) => new(from.U16(), from.Digest());
}

/// <summary>The replay entries of a unit, in its authenticated state: whoever inherits the state inherits them.</summary>
public static class ReplayCache
{
    public static ReplayEntry? Find(MapView replay, Digest key) =>
        replay.Get(new Bytes(key.Span)) is { } entry ? Canonical.Decode<ReplayEntry>(entry.Value.Span) : null;

    public static void Put(MapEdit replay, ReplayEntry entry, ulong height) =>
        replay.Put(new MapEntry(new Bytes(entry.Request.ReplayKey.Span), height, Bytes.Empty, Bytes.Wrap(Canonical.Encode(entry))));

    /// <summary>Whether it stands for a replay key; the map also counts what clients have asked for.</summary>
    public static bool IsEntry(MapEntry entry) => entry.Key.Length == Digest.Size;
}
