using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>A recipient's public claim that the share it was dealt is bad: the key shared with the dealer, and proof that it is that key
/// (protocols 3.2).</summary>
/// <remarks>Encoded as <c>sid, dealId, i, j, DH, c, z</c>. It needs no answer: everybody recomputes the share and sees who lied.</remarks>
public sealed record Complaint(Digest Sid, Digest DealingId, ushort Dealer, ushort Complainer, Point SharedKey, SigmaProof Proof)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 2 * Digest.Size + 2 * sizeof(ushort) + Point.Size + SigmaProof.Size;

    internal const string ProofDomain = "protean/dkg/complaint/v1";

    public byte[] Encode() => [.. ProofContext(), .. SharedKey.Span, .. Proof.Encode()];

    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out Complaint? complaint)
    {
        complaint = null;
        if (encoded.Length != Size) return false;
        var reader = new WireReader(encoded);
        var decoded = new Complaint(reader.Digest(), reader.Digest(), reader.U16(), reader.U16(), reader.Point(), reader.Proof());
        if (reader.Valid) complaint = decoded;
        return reader.Valid;
    }

    /// <summary><c>sid || dealId || u16 i || u16 j</c>.</summary>
    internal byte[] ProofContext()
    {
        var context = new byte[2 * Digest.Size + 2 * sizeof(ushort)];
        var (sid, dealing) = (Sid, DealingId);
        var writer = new WireWriter(context);
        writer.Raw(sid.Span);
        writer.Raw(dealing.Span);
        writer.U16(Dealer);
        writer.U16(Complainer);
        return context;
    }
}
