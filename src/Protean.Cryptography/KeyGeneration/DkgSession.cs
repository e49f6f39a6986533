using System.Text;

namespace Protean.Cryptography;

/// <summary>What one run of distributed key generation is about (protocols 3.2); its hash is the session's id.</summary>
/// <remarks>The purpose is "fresh" or "reshare". For a fresh key the source fields are zero and the key id is that of the instance or
/// function.</remarks>
public sealed record DkgPurpose(
    Digest ChainId, Digest UnitId, ulong TargetEpoch, string Purpose, Digest KeyId, ulong SourceEpoch, Digest SourceCommitteeHash,
    Digest CommitteeHash, ushort Members, ushort Threshold, ushort Attempt)
{
    public Digest Sid()
    {
        var purpose = Encoding.ASCII.GetBytes(Purpose);
        Span<byte> encoded = new byte[5 * Digest.Size + 2 * sizeof(ulong) + sizeof(uint) + purpose.Length + 3 * sizeof(ushort)];
        var writer = new WireWriter(encoded);
        writer.Raw(ChainId.Span);
        writer.Raw(UnitId.Span);
        writer.U64(TargetEpoch);
        writer.Bytes(purpose);
        writer.Raw(KeyId.Span);
        writer.U64(SourceEpoch);
        writer.Raw(SourceCommitteeHash.Span);
        writer.Raw(CommitteeHash.Span);
        writer.U16(Members);
        writer.U16(Threshold);
        writer.U16(Attempt);
        return Hash.H("protean/dkg/sid/v1", encoded);
    }
}

/// <summary>One run of distributed key generation: its id, the threshold t, and the encryption keys EK of members 1..n.</summary>
public sealed class DkgSession
{
    private readonly Point[] _encryptionKeys;

    /// <param name="sid">The id, <see cref="DkgPurpose.Sid"/>.</param>
    /// <param name="threshold">1..n.</param>
    /// <param name="encryptionKeys">In index order, each with a proof of possession that was checked; none is the identity.</param>
    public DkgSession(Digest sid, int threshold, IReadOnlyList<Point> encryptionKeys)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, encryptionKeys.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(encryptionKeys.Count, ushort.MaxValue);
        if (encryptionKeys.Contains(Point.Identity))
            throw new ArgumentException("an encryption key is the identity", nameof(encryptionKeys));
        (Sid, Threshold, _encryptionKeys) = (sid, threshold, [.. encryptionKeys]);
    }

    public Digest Sid { get; }
    public int Threshold { get; }
    public int Members => _encryptionKeys.Length;

    public bool HasMember(ushort index) => index >= 1 && index <= Members;

    /// <summary>EK of member <paramref name="index"/> in 1..n.</summary>
    public Point EncryptionKey(ushort index) => _encryptionKeys[index - 1];
}
