using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>A reader's key for one read: what the committee re-encrypts to it, nobody else can open.</summary>
public sealed class ReaderKey : IDisposable
{
    private readonly SecretScalar _secret;

    private ReaderKey(SecretScalar secret) => (_secret, Public) = (secret, secret.MultiplyBase());

    /// <summary><c>Xr = y G</c>.</summary>
    public Point Public { get; }

    public static ReaderKey Random(IRandom random) => new(SecretScalar.Random(random));

    /// <summary>The public key with the proof that its secret is known, for one request.</summary>
    /// <param name="request">Digest of everything else in the request.</param>
    public ProvenReader Prove(LongTermKey key, Digest request, IRandom random)
    {
        var second = _secret.Multiply(key.SecondBase);
        return new ProvenReader(Public, second, Dleq.Prove(ProvenReader.StatementOf(key, request, Public, second), _secret, random));
    }

    /// <summary>The data key out of what was re-encrypted: <c>E = x (U + Xr)</c>, so <c>r PK = E - y PK</c>.</summary>
    /// <returns>Null where its maker committed to another key: "malformed", for every reader alike.</returns>
    public DataKey? Open(LongTermKey key, SealedKey sealedKey, ReadOnlySpan<byte> label, Digest commitment, Point reencrypted)
    {
        using var shared = new SecretMemory(Point.Size);
        _secret.Multiply(key.PublicKey, shared.Span);
        _ = Sodium.crypto_core_ristretto255_sub(shared.Span, reencrypted.Span, shared.Span);
        return sealedKey.Open(key, label, commitment, shared.Span);
    }

    public void Dispose() => _secret.Dispose();
}

/// <summary>A reader's public key, proven to be its own for one request: 128 bytes, <c>Xr, Xbar, c, z</c> (protocols 5.2).</summary>
/// <remarks>Without the proof, a reader of one secret asks for it with <c>Xr = U' - U + y G</c>, U' being another's, and is given the other
/// secret.</remarks>
/// <param name="Key"><c>Xr = y G</c>.</param>
/// <param name="Second"><c>y Gbar</c>.</param>
public sealed record ProvenReader(Point Key, Point Second, SigmaProof Proof)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = (2 * Point.Size) + SigmaProof.Size;

    internal static Verifier<(ProvenReader Reader, LongTermKey Key, Digest Request, SealedKey Sealed)> Checks { get; } = new(
        new("PRT-CRY-0083", r => !r.Reader.Key.IsIdentity),
        new("PRT-CRY-0084", r => !(r.Reader.Key + r.Sealed.U).IsIdentity),
        new("PRT-CRY-0085", r => Dleq.Refusal(StatementOf(r.Key, r.Request, r.Reader.Key, r.Reader.Second), r.Reader.Proof) is null));

    public byte[] Encode() => [.. Key.Span, .. Second.Span, .. Proof.Encode()];

    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out ProvenReader? reader)
    {
        reader = null;
        if (encoded.Length != Size) return false;
        var from = new WireReader(encoded);
        var decoded = new ProvenReader(from.Point(), from.Point(), from.Proof());
        if (from.Valid) reader = decoded;
        return from.Valid;
    }

    /// <summary>Null for a key that its holder may be served with; or <c>PRT-CRY-0083</c> not the identity, <c>0084</c> nor its sum with U,
    /// <c>0085</c> proof.</summary>
    /// <param name="request">Digest of everything else in the request.</param>
    /// <param name="sealedKey">What is asked for.</param>
    public string? Refusal(LongTermKey key, Digest request, SealedKey sealedKey) => Checks.Refusal((this, key, request, sealedKey));

    internal static DleqStatement StatementOf(LongTermKey key, Digest request, Point reader, Point second) =>
        new("protean/lts/read/v1", request.ToArray(), Point.Base, reader, key.SecondBase, second);
}
