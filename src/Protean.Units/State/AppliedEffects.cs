using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.State;

namespace Protean.Units.State;

/// <summary>Which calls' effects were made, so that none is made twice (protocols 8.6): <c>"applied/" || u64 lastEpoch, big-endian ||
/// leafHash[32]</c>.
/// The last epoch follows from the receipt, so a receipt has one such key; in its order the expired ones come first.</summary>
internal static class AppliedEffects
{
    /// <summary>A commit takes out more expired records than it adds, so their number falls; few enough that no commit pays for many
    /// others.</summary>
    private const int PrunedPerCommit = 8;

    private static readonly Bytes Prefix = Bytes.Of("applied/");

    public static Bytes Key(ulong lastEpoch, Digest leafHash)
    {
        var key = new byte[Prefix.Length + sizeof(ulong) + Digest.Size];
        Prefix.Span.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(Prefix.Length), lastEpoch);
        leafHash.Span.CopyTo(key.AsSpan(Prefix.Length + sizeof(ulong)));
        return Bytes.Wrap(key);
    }

    public static void Record(MapEdit state, CommittedCall call, ulong version) =>
        state.Put(new MapEntry(call.AppliedKey, version, Owner.None.ToBytes(), Bytes.Empty));

    /// <summary>Takes out records whose receipts no request of this epoch can show any more.</summary>
    public static void Prune(MapEdit state, ulong epoch, int added)
    {
        var expired = state.Scan(Prefix).Take(added + PrunedPerCommit).Where(entry => LastEpochOf(entry.Key) < epoch).ToArray();
        foreach (var entry in expired) state.Delete(entry.Key);
    }

    private static ulong LastEpochOf(Bytes key) => BinaryPrimitives.ReadUInt64BigEndian(key.Span[Prefix.Length..]);
}
