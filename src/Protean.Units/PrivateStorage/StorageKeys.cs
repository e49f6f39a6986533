using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.PrivateStorage;

/// <summary>Where the unit's state keeps what.</summary>
public static class StorageKeys
{
    /// <summary>Reads in one page of an audit trail: those whose numbers differ in the last byte alone.</summary>
    public const int AuditPage = 256;

    /// <summary>A secret, by its id.</summary>
    public static Bytes Secret(Digest id) => Key("w/"u8, id.Span);

    /// <summary>The secret that has this U.</summary>
    public static Bytes Encryption(Point u) => Key("u/"u8, u.Span);

    /// <summary>The latest version of a policy.</summary>
    public static Bytes Policy(Digest id) => Key("p/"u8, id.Span);

    /// <summary>Any version of a policy, by its hash.</summary>
    public static Bytes PolicyVersion(Digest hash) => Key("v/"u8, hash.Span);

    /// <summary>How many reads of a secret have been asked for.</summary>
    public static Bytes AuditCount(Digest secret) => Key("n/"u8, secret.Span);

    /// <summary>One read, counted from 0.</summary>
    public static Bytes Audit(Digest secret, ulong number) => Key("a/"u8, secret.Span, BigEndian(number));

    /// <summary>The prefix of all reads of a secret.</summary>
    public static Bytes AuditsOf(Digest secret) => Key("a/"u8, secret.Span);

    /// <summary>The prefix of all reads on one page, counted from 0.</summary>
    public static Bytes AuditPageOf(Digest secret, ulong page) => Key("a/"u8, secret.Span, BigEndian(page * AuditPage).AsSpan(0, sizeof(ulong) - 1));

    /// <summary>How many secrets of a group are opened together at this time.</summary>
    public static Bytes ReleaseCount(Digest group, ulong timeMs) => Key("g/"u8, group.Span, BigEndian(timeMs));

    /// <summary>One of them, counted from 0 in the order of the log.</summary>
    public static Bytes Released(Digest group, ulong timeMs, ulong number) => Key("r/"u8, group.Span, BigEndian(timeMs), BigEndian(number));

    /// <summary>The prefix of them all.</summary>
    public static Bytes ReleasedPrefix(Digest group, ulong timeMs) => Key("r/"u8, group.Span, BigEndian(timeMs));

    internal static ulong Count(this MapView state, Bytes key) =>
        state.Get(key) is { } entry ? BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : 0;

    /// <summary>Counts one more.</summary>
    /// <returns>Its number.</returns>
    internal static ulong CountOne(this MapEdit state, Bytes key, ulong height)
    {
        var count = state.Count(key);
        state.Put(new MapEntry(key, height, Bytes.Empty, Values.OfU64(count + 1)));
        return count;
    }

    private static Bytes Key(ReadOnlySpan<byte> room, ReadOnlySpan<byte> name, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default) =>
        Bytes.Wrap([.. room, .. name, .. first, .. second]);

    private static byte[] BigEndian(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
