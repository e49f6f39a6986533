using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.Directory;

/// <summary>Where the directory unit's entries stand.</summary>
public static class DirectoryKeys
{
    /// <summary>The prefix of all nodes' next keys.</summary>
    public static Bytes AllNext { get; } = Bytes.Of("next/");

    /// <summary><c>"key/" || unitId[32] || "/" || purpose</c>: a <see cref="RegisteredKey"/>.</summary>
    public static Bytes Key(Digest unitId, string purpose) => Bytes.Wrap([.. KeysOf(unitId).Span, .. Bytes.Of(purpose).Span]);

    /// <summary>The prefix of all keys of a unit.</summary>
    public static Bytes KeysOf(Digest unitId) => Bytes.Wrap([.. "key/"u8, .. unitId.Span, (byte)'/']);

    /// <summary><c>"next/" || nodeId[32]</c>: a <see cref="NextKey"/>.</summary>
    public static Bytes Next(Digest nodeId) => Bytes.Wrap([.. AllNext.Span, .. nodeId.Span]);

    /// <summary><c>"epoch/" || epoch u64</c>: an <see cref="Membership.EpochRecord"/>.</summary>
    public static Bytes Epoch(ulong epoch) => Bytes.Wrap([.. "epoch/"u8, .. Membership.EpochLink.SubjectOf(epoch).Span]);

    internal static string PurposeOf(Bytes key, Digest unitId) => new Bytes(key.Span[KeysOf(unitId).Length..]).ToText();
    internal static Digest NodeOf(Bytes key) => new(key.Span[AllNext.Length..]);
}
