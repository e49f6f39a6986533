using System.Text;

namespace Protean.Cryptography;

/// <summary>Proofs that whoever registers a key knows its secret, so that no key is chosen as a function of others (protocols
/// 0.2).</summary>
public static class ProofOfPossession
{
    private const string Domain = "protean/pop/v1";
    private const string SignatureTag = "pop";

    internal static Verifier<(byte[] Context, Point Base, Point Key, SigmaProof Proof)> GroupChecks { get; } = new(
        new("PRT-CRY-0021", p => !p.Key.IsIdentity),
        new("PRT-CRY-0022", p => Recompute(p.Context, p.Base, p.Key, p.Proof) == p.Proof.Challenge));

    internal static Verifier<(byte[] Context, PublicKey Key, Signature Proof)> SigningChecks { get; } = new(
        new("PRT-CRY-0023", p => Ed25519.IsValidPoint(p.Key)),
        new("PRT-CRY-0024", p => Ed25519.Verify(p.Key, SignMsg.Payload(SignatureTag, p.Context), p.Proof)));

    /// <summary>What a proof is bound to: <c>chainId || nodeId || u64 epoch || bytes(keyKind)</c>.</summary>
    public static byte[] Context(Digest chainId, Digest nodeId, ulong epoch, string keyKind) =>
        Context(chainId.Span, nodeId, epoch, keyKind);

    /// <summary>At genesis the chain has no id yet: <c>bytes(name) || u64 timeMs</c> of the genesis stand in its place.</summary>
    public static byte[] GenesisContext(ReadOnlySpan<byte> name, ulong timeMs, Digest nodeId, ulong epoch, string keyKind)
    {
        Span<byte> genesis = new byte[sizeof(uint) + name.Length + sizeof(ulong)];
        var writer = new WireWriter(genesis);
        writer.Bytes(name);
        writer.U64(timeMs);
        return Context(genesis, nodeId, epoch, keyKind);
    }

    /// <summary>A Schnorr proof for a ristretto255 key <c>secret * generator</c>.</summary>
    public static SigmaProof Prove(byte[] context, Point generator, SecretScalar secret, IRandom random)
    {
        var key = secret.Multiply(generator);
        using var nonce = SecretScalar.Nonce(secret, Begin(context, generator, key), random);
        var challenge = Challenge(context, generator, key, nonce.Multiply(generator));
        return new SigmaProof(challenge, nonce.Respond(challenge, secret));
    }

    /// <summary>Null when the proof holds; otherwise <c>PRT-CRY-0021</c> the key is not the identity, <c>0022</c> the challenge is
    /// recomputed.</summary>
    public static string? Refusal(byte[] context, Point generator, Point key, SigmaProof proof) =>
        GroupChecks.Refusal((context, generator, key, proof));

    /// <summary>For an Ed25519 key: its signature on the context.</summary>
    public static Signature Prove(byte[] context, SigningKey key) => key.Sign(SignMsg.Payload(SignatureTag, context));

    /// <summary>Null when the proof holds; otherwise <c>PRT-CRY-0023</c> the key is a point of the prime-order subgroup, <c>0024</c> the
    /// signature.</summary>
    public static string? Refusal(byte[] context, PublicKey key, Signature proof) => SigningChecks.Refusal((context, key, proof));

    private static byte[] Context(ReadOnlySpan<byte> chain, Digest nodeId, ulong epoch, string keyKind)
    {
        var kind = Encoding.ASCII.GetBytes(keyKind);
        var context = new byte[chain.Length + Digest.Size + sizeof(ulong) + sizeof(uint) + kind.Length];
        var writer = new WireWriter(context);
        writer.Raw(chain);
        writer.Raw(nodeId.Span);
        writer.U64(epoch);
        writer.Bytes(kind);
        return context;
    }

    private static Transcript Begin(byte[] context, Point generator, Point key) =>
        new Transcript(Domain).Absorb("ctx", context).Absorb("st", generator, key);

    private static Scalar Challenge(byte[] context, Point generator, Point key, Point commitment) =>
        Begin(context, generator, key).Absorb("K", commitment).Challenge("c");

    private static Scalar Recompute(byte[] context, Point generator, Point key, SigmaProof proof) =>
        Challenge(context, generator, key, proof.Response * generator - proof.Challenge * key);
}
