using Protean.Codec;

namespace Protean.State;

/// <summary>One key of a map with what stands under it (protocols 8.6).</summary>
/// <param name="Key">At most <see cref="Limits.MaxKeyBytes"/> bytes.</param>
/// <param name="Version">Of the last change, as the writer counts: what compare-and-set compares.</param>
/// <param name="Owner">Canonical bytes of who may change it, opaque here; at most <see cref="Limits.MaxOwnerBytes"/>.</param>
/// <param name="Value">At most <see cref="Limits.MaxValue"/> bytes; may be empty, which is not absence.</param>
public sealed record MapEntry(Bytes Key, ulong Version, Bytes Owner, Bytes Value) : ICanonical<MapEntry>
{
    public void Encode(Encoder to) => to.Bytes(Key.Span).U64(Version).Bytes(Owner.Span).Bytes(Value.Span);

    public static MapEntry Decode(ref Decoder from) => new(
        new Bytes(from.Bytes(Limits.MaxKeyBytes)),
        from.U64(),
        new Bytes(from.Bytes(Limits.MaxOwnerBytes)),
        new Bytes(from.Bytes(Limits.MaxValue)));
}
