using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.PrivateStorage;

/// <summary>What a secret is bound to: its proof covers every byte of this, so that no encryption can be taken over under another label
/// (protocols 5.1).</summary>
/// <param name="KeyId">The unit's long-term key.</param>
/// <param name="Group">The run of an application that it belongs to; outside of one, the owner's key.</param>
/// <param name="PolicyId">Who may read: a policy, or the hash of one of its versions; zeros for what is only opened for everybody.</param>
/// <param name="IsPinned">Whether <paramref name="PolicyId"/> is the hash of a version.</param>
/// <param name="Owner">Who wrote it.</param>
/// <param name="ReleaseMs">Block time of the unit at which all secrets of the group with this time may be opened, for everybody; before it
/// nobody reads it. Null: readers read it, by the policy.</param>
/// <param name="DataHash">Of nonce and ciphertext.</param>
/// <param name="KeyCommitment">Makes everybody who opens it agree on one data key, or on "malformed".</param>
/// <param name="Note">For everybody.</param>
public sealed record SecretLabel(
    Digest KeyId, Digest Group, Digest PolicyId, bool IsPinned, PublicKey Owner, ulong? ReleaseMs, Digest DataHash, Digest KeyCommitment, Bytes Note)
    : ICanonical<SecretLabel>
{
    private const byte Pinned = 0, Latest = 1;

    /// <summary>Whether nobody reads it, and all have it when it is opened.</summary>
    public bool HasNoReaders => PolicyId == Digest.Zero && ReleaseMs is not null;

    public byte[] ToBytes() => Canonical.Encode(this);

    /// <summary>What the data is bound to: the label without the hash of the ciphertext that this goes into, and U.</summary>
    public Digest DataContext(Point u) => Hash.H("protean/lts/ad/v1", Canonical.Encode(this with { DataHash = Digest.Zero }), u.Span);

    public void Encode(Encoder to) => to.Digest(KeyId).Digest(Group).Digest(PolicyId).U8(IsPinned ? Pinned : Latest).Key(Owner)
        .Optional(ReleaseMs, static (e, time) => e.U64(time)).Digest(DataHash).Digest(KeyCommitment).Bytes(Note.Span);

    public static SecretLabel Decode(ref Decoder from) => new(
        from.Digest(), from.Digest(), from.Digest(), from.U8() switch
        {
            Pinned => true,
            Latest => false,
            var mode => throw new MalformedException($"policy mode {mode}"),
        },
        from.Key(), from.Optional(static (ref Decoder d) => d.U64()), from.Digest(), from.Digest(), new Bytes(from.Bytes(Limits.MaxSecretNote)));
}
