using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>A share masked with a key that only its recipient and the dealer can derive: 32 bytes.</summary>
public readonly struct EncryptedShare
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private readonly Block32 _bytes;

    public EncryptedShare(ReadOnlySpan<byte> bytes) => _bytes = new Block32(bytes);

    [UnscopedRef] public ReadOnlySpan<byte> Span => _bytes.Span;
}

/// <summary>Proof that the dealer knows the constant term of his polynomial and the logarithm of R.</summary>
public readonly record struct DealingProof(Scalar Challenge, Scalar ConstantResponse, Scalar RandomResponse);

/// <summary>One member's contribution to a key: commitments to a polynomial and a share of it for each member (protocols 3.2).</summary>
/// <remarks>Encoded as <c>sid, i, A[t], R, ct[n], c, z0, z1</c> without counts. Of no use before
/// <see cref="VerifiedDealing.TryVerify"/>.</remarks>
public sealed record Dealing(
    Digest Sid, ushort Dealer, ReadOnlyMemory<Point> Commitments, Point R, ReadOnlyMemory<EncryptedShare> Shares, DealingProof Proof)
{
    /// <summary>A fresh dealing. Nothing secret is left behind: the dealer opens his own share like everybody else.</summary>
    public static Dealing Deal(DkgSession session, ushort dealer, IRandom random)
    {
        using var polynomial = SecretPolynomial.Random(session.Threshold, random);
        using var r = SecretScalar.Random(random);
        var commitments = polynomial.Commit().Commitments;
        var sid = session.Sid;
        var bigR = r.MultiplyBase();

        var shares = new EncryptedShare[session.Members];
        Span<byte> share = stackalloc byte[Scalar.Size];
        Span<byte> sharedKey = stackalloc byte[Point.Size];
        for (ushort j = 1; j <= session.Members; j++)
        {
            polynomial.Evaluate(j, share);
            r.Multiply(session.EncryptionKey(j), sharedKey);
            DealingEquations.Mask(sid.Span, dealer, j, bigR, session.EncryptionKey(j), sharedKey, share);
            shares[j - 1] = new EncryptedShare(share);
        }
        CryptographicOperations.ZeroMemory(sharedKey);

        var statement = DealingEquations.Begin(sid.Span, dealer, commitments.Span, bigR, shares);
        using var constant = polynomial.Constant();
        using var nonce0 = SecretScalar.Nonce(constant, statement, random);
        using var nonce1 = SecretScalar.Nonce(r, statement, random);
        var challenge = DealingEquations.Challenge(statement, nonce0.MultiplyBase(), nonce1.MultiplyBase());
        var proof = new DealingProof(challenge, nonce0.Respond(challenge, constant), nonce1.Respond(challenge, r));
        return new Dealing(sid, dealer, commitments, bigR, shares, proof);
    }

    /// <summary>dealId: <c>H("protean/dkg/dealing/v1", Dealing)</c>.</summary>
    public Digest Id() => Hash.H("protean/dkg/dealing/v1", Encode());

    /// <summary>Length in bytes of a dealing for n members and threshold t.</summary>
    public static int EncodedSize(int members, int threshold) =>
        Digest.Size + sizeof(ushort) + (threshold + 1) * Point.Size + members * EncryptedShare.Size + 3 * Scalar.Size;

    public byte[] Encode()
    {
        var encoded = new byte[EncodedSize(Shares.Length, Commitments.Length)];
        var writer = new WireWriter(encoded);
        writer.Raw(Sid.Span);
        writer.U16(Dealer);
        foreach (ref readonly var commitment in Commitments.Span) writer.Raw(commitment.Span);
        writer.Raw(R.Span);
        foreach (ref readonly var share in Shares.Span) writer.Raw(share.Span);
        writer.Raw(Proof.Challenge.Span);
        writer.Raw(Proof.ConstantResponse.Span);
        writer.Raw(Proof.RandomResponse.Span);
        return encoded;
    }

    /// <summary>Refuses any other length than that of t commitments and n shares, and any point or scalar that is not canonical.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int members, int threshold, [NotNullWhen(true)] out Dealing? dealing)
    {
        dealing = null;
        if (encoded.Length != EncodedSize(members, threshold)) return false;
        var reader = new WireReader(encoded);
        var (sid, dealer) = (reader.Digest(), reader.U16());
        var commitments = new Point[threshold];
        for (var k = 0; k < threshold; k++) commitments[k] = reader.Point();
        var bigR = reader.Point();
        var shares = new EncryptedShare[members];
        for (var j = 0; j < members; j++) shares[j] = new EncryptedShare(reader.Raw(EncryptedShare.Size));
        var proof = new DealingProof(reader.Scalar(), reader.Scalar(), reader.Scalar());
        if (reader.Valid) dealing = new Dealing(sid, dealer, commitments, bigR, shares, proof);
        return reader.Valid;
    }
}

/// <summary>The hashes of a dealing, used alike by dealer, recipient and judge.</summary>
internal static class DealingEquations
{
    /// <summary>The transcript of the whole dealing, before the commitments of its proof.</summary>
    public static Transcript Begin(
        ReadOnlySpan<byte> sid, ushort dealer, ReadOnlySpan<Point> commitments, Point bigR, ReadOnlySpan<EncryptedShare> shares)
    {
        return new Transcript("protean/dkg/pok/v1")
            .Absorb("ctx", sid)
            .Absorb("dealer", LittleEndian(dealer))
            .AbsorbList("A", commitments)
            .Absorb("R", bigR)
            .AbsorbList("ct", shares.Length, MemoryMarshal.AsBytes(shares));
    }

    public static Scalar Challenge(Transcript statement, Point commitment0, Point commitment1) =>
        statement.Absorb("K", commitment0, commitment1).Challenge("c");

    /// <summary>Masks or unmasks a share in place: <c>share xor KDF(.., sid, i, j, R, EK_j, shared key)</c>. A wrong share fails
    /// Feldman's check, so the mask needs no authentication.</summary>
    public static void Mask(
        ReadOnlySpan<byte> sid, ushort dealer, ushort recipient, Point bigR, Point encryptionKey, ReadOnlySpan<byte> sharedKey,
        Span<byte> share)
    {
        Blake2bState state = default;
        state.Start();
        state.UpdatePart("protean/dkg/share/v1"u8);
        state.UpdatePart(sid);
        state.UpdatePart(LittleEndian(dealer));
        state.UpdatePart(LittleEndian(recipient));
        state.UpdatePart(bigR.Span);
        state.UpdatePart(encryptionKey.Span);
        state.UpdatePart(sharedKey);
        Span<byte> pad = stackalloc byte[EncryptedShare.Size];
        state.Finish(pad);
        for (var k = 0; k < pad.Length; k++) share[k] ^= pad[k];
        CryptographicOperations.ZeroMemory(pad);
    }

    private static byte[] LittleEndian(ushort value) => [(byte)value, (byte)(value >> 8)];
}
