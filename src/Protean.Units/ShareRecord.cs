using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units;

/// <summary>The shares that a result was found from: what convinces a third party of it without trusting any quorum.</summary>
/// <param name="Shares">Of t members, in the order of their indices.</param>
public sealed record ShareRecord(IReadOnlyList<ProvenShare> Shares) : ICanonical<ShareRecord>
{
    public void Encode(Encoder to) => to.List(Shares, static (e, share) => e.Raw(share.Encode()));

    public static ShareRecord Decode(ref Decoder from) => new(from.List(Limits.MaxMembers, static (ref Decoder d) =>
        ProvenShare.TryDecode(d.Raw(ProvenShare.Size), out var share) ? share : throw new MalformedException("a share is not canonical")));

    /// <summary>Null where the bytes are no record.</summary>
    public static ShareRecord? Read(Bytes record)
    {
        try
        {
            return Canonical.Decode<ShareRecord>(record.Span);
        }
        catch (MalformedException)
        {
            return null;
        }
    }

    public bool Equals(ShareRecord? other) => other is not null && Shares.SequenceEqual(other.Shares);
    public override int GetHashCode() => Shares.Count;
}
