using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.Encryption;

/// <summary>Where the unit's state keeps what.</summary>
public static class ElectionKeys
{
    private static readonly Bytes LapsePrefix = Bytes.Of("l/");

    /// <summary>An election's terms.</summary>
    public static Bytes Election(Digest id) => Key("e/"u8, id.Span);

    /// <summary>A ballot that counts, by its tracking code.</summary>
    public static Bytes Ballot(Digest election, Digest tracking) => Key("b/"u8, election.Span, tracking.Span);

    /// <summary>The prefix of all ballots that count: in order, they are the set that is shuffled.</summary>
    public static Bytes Ballots(Digest election) => Key("b/"u8, election.Span);

    /// <summary>Which ballot of a voter counts.</summary>
    public static Bytes Voter(Digest election, PublicKey voter) => Key("v/"u8, election.Span, voter.Span);

    /// <summary>Whose ballot has this U, be it one that counts or one that he replaced.</summary>
    public static Bytes Cell(Digest election, Point u) => Key("u/"u8, election.Span, u.Span);

    /// <summary>What is decrypted: the outputs of the last shuffle. It stands from the decryption on, so there is one.</summary>
    public static Bytes Mixed(Digest election) => Key("t/"u8, election.Span);

    /// <summary>What a mixer signed that does not hold.</summary>
    public static Bytes Convicted(Digest election, PublicKey mixer) => Key("x/"u8, election.Span, mixer.Span);

    /// <summary>When an election that nobody has decrypted lapses; in the order of times.</summary>
    internal static Bytes Lapse(ulong timeMs, Digest election)
    {
        var time = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(time, timeMs);
        return Key(LapsePrefix.Span, time, election.Span);
    }

    /// <summary>The prefix of all of them.</summary>
    internal static Bytes Lapses => LapsePrefix;

    internal static (ulong TimeMs, Digest Election) LapseOf(Bytes key) => (
        BinaryPrimitives.ReadUInt64BigEndian(key.Span.Slice(LapsePrefix.Length, sizeof(ulong))), new Digest(key.Span[^Digest.Size..]));

    private static Bytes Key(ReadOnlySpan<byte> room, ReadOnlySpan<byte> name, ReadOnlySpan<byte> rest = default) => Bytes.Wrap([.. room, .. name, .. rest]);
}
