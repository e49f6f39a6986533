using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>A data key under a committee's long-term key and a label: 160 bytes, <c>U, Ubar, c, e, f</c> (protocols 5.1; TDH2 of Shoup and
/// Gennaro 1998 as a hashed key encapsulation).</summary>
/// <remarks>The proof says that its maker knew r, under this label: nobody makes it say something else, and nobody opens it with help meant for
/// another.</remarks>
/// <param name="U"><c>r G</c>.</param>
/// <param name="Second"><c>r Gbar</c>.</param>
/// <param name="Masked">The data key, masked by what follows from <c>r PK</c> and the label.</param>
public sealed record SealedKey(Point U, Point Second, Digest Masked, SigmaProof Proof)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = (2 * Point.Size) + DataKey.Size + SigmaProof.Size;

    internal static Verifier<(SealedKey Sealed, LongTermKey Key, byte[] Label)> Checks { get; } = new(
        new("PRT-CRY-0081", s => !s.Sealed.U.IsIdentity),
        new("PRT-CRY-0082", s => s.Sealed.Recompute(s.Key, s.Label) == s.Sealed.Proof.Challenge));

    public byte[] Encode()
    {
        var encoded = new byte[Size];
        var writer = new WireWriter(encoded);
        writer.Raw(U.Span);
        writer.Raw(Second.Span);
        writer.Raw(Masked.Span);
        writer.Raw(Proof.Encode());
        return encoded;
    }

    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out SealedKey? sealedKey)
    {
        sealedKey = null;
        if (encoded.Length != Size) return false;
        var reader = new WireReader(encoded);
        var decoded = new SealedKey(reader.Point(), reader.Point(), reader.Digest(), reader.Proof());
        if (reader.Valid) sealedKey = decoded;
        return reader.Valid;
    }

    /// <summary>Names the encryption under its label: <c>H("protean/lts/writeid/v1", L || U || Ubar || c || e || f)</c>.</summary>
    public Digest Id(ReadOnlySpan<byte> label) => Hash.H("protean/lts/writeid/v1", label, Encode());

    /// <summary>Null for an encryption whose maker meant this key and label; or <c>PRT-CRY-0081</c> U is not the identity, <c>0082</c>
    /// proof.</summary>
    public string? Refusal(LongTermKey key, byte[] label) => Checks.Refusal((this, key, label));

    /// <summary>What a member multiplies for a reader: its share of <c>x (U + Xr)</c>, which only the reader can make use of.</summary>
    /// <param name="writeId">Names this encryption.</param>
    /// <param name="readId">Names the reader's request.</param>
    /// <param name="reader">Xr, proven to be the reader's own: see <see cref="ProvenReader"/>.</param>
    /// <param name="key">The committee's key.</param>
    public SharedMultiple Reencryption(Digest writeId, Digest readId, Point reader, ThresholdPublicKey key, IMultiScalar sums) =>
        new("protean/lts/reenc/v1", [.. writeId.Span, .. readId.Span], U + reader, key, sums);

    /// <summary>The data key, once <c>r PK = x U</c> is known to everybody.</summary>
    /// <returns>Null where its maker committed to another: "malformed", for everybody alike.</returns>
    public DataKey? Open(LongTermKey key, ReadOnlySpan<byte> label, Digest commitment, Point shared) => Open(key, label, commitment, shared.Span);

    /// <param name="shared"><c>r PK</c>.</param>
    internal DataKey? Open(LongTermKey key, ReadOnlySpan<byte> label, Digest commitment, ReadOnlySpan<byte> shared)
    {
        Span<byte> opened = stackalloc byte[DataKey.Size];
        Masked.Span.CopyTo(opened);
        SealedKeyEquations.Mask(key, label, U, shared, opened);
        var kept = SealedKeyEquations.Commit(key, U, shared, opened) == commitment;
        var dataKey = kept ? DataKey.Copy(opened) : null;
        CryptographicOperations.ZeroMemory(opened);
        return dataKey;
    }

    private Scalar Recompute(LongTermKey key, byte[] label) => SealedKeyEquations.Challenge(
        SealedKeyEquations.Begin(key, label, Masked.Span, U, Second),
        Point.MultiplyBase(Proof.Response) - Proof.Challenge * U,
        Proof.Response * key.SecondBase - Proof.Challenge * Second);
}

/// <summary>The hashes of an encryption, used alike by its maker, by members and by readers.</summary>
internal static class SealedKeyEquations
{
    /// <summary>The transcript of the whole statement, before the commitments of its proof.</summary>
    public static Transcript Begin(LongTermKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> masked, Point u, Point second) =>
        new Transcript("protean/lts/write/v1")
            .Absorb("L", label)
            .Absorb("pk", key.PublicKey, key.SecondBase)
            .Absorb("c", masked)
            .Absorb("U", u, second);

    public static Scalar Challenge(Transcript statement, Point commitment, Point secondCommitment) =>
        statement.Absorb("W", commitment, secondCommitment).Challenge("e");

    /// <summary>Masks or unmasks a data key in place: <c>dek xor KDF("protean/lts/kem/v1", L, PK, U, r PK)</c>.</summary>
    public static void Mask(LongTermKey key, ReadOnlySpan<byte> label, Point u, ReadOnlySpan<byte> shared, Span<byte> dataKey)
    {
        Span<byte> pad = stackalloc byte[DataKey.Size];
        Derive("protean/lts/kem/v1"u8, label, key.PublicKey, u, shared, pad);
        for (var k = 0; k < pad.Length; k++) dataKey[k] ^= pad[k];
        CryptographicOperations.ZeroMemory(pad);
    }

    /// <summary><c>H("protean/lts/dekcommit/v1", dek || blind || U)</c>, the blind being <c>KDF("protean/lts/blind/v1", ltsId, PK, U, r PK)</c>:
    /// says nothing about the key to whoever cannot open it anyway.</summary>
    public static Digest Commit(LongTermKey key, Point u, ReadOnlySpan<byte> shared, ReadOnlySpan<byte> dataKey)
    {
        var keyId = key.KeyId;
        Span<byte> blind = stackalloc byte[Digest.Size];
        Derive("protean/lts/blind/v1"u8, keyId.Span, key.PublicKey, u, shared, blind);
        var commitment = Hash.H("protean/lts/dekcommit/v1", dataKey, blind, u.Span);
        CryptographicOperations.ZeroMemory(blind);
        return commitment;
    }

    private static void Derive(ReadOnlySpan<byte> use, ReadOnlySpan<byte> context, Point publicKey, Point u, ReadOnlySpan<byte> shared, Span<byte> key)
    {
        Blake2bState state = default;
        state.Start();
        state.UpdatePart(use);
        state.UpdatePart(context);
        state.UpdatePart(publicKey.Span);
        state.UpdatePart(u.Span);
        state.UpdatePart(shared);
        state.Finish(key);
    }
}
