using System.Buffers.Binary;
using System.Text;

namespace Protean.Cryptography;

/// <summary>Ed25519 (RFC 8032, pure), with libsodium's verification rule: cofactorless, canonical, no small-order keys or R.</summary>
public static class Ed25519
{
    /// <summary>Whether <paramref name="signature"/> is <paramref name="key"/>'s on <paramref name="message"/>. Never throws.</summary>
    public static bool Verify(PublicKey key, ReadOnlySpan<byte> message, Signature signature) =>
        Sodium.crypto_sign_ed25519_verify_detached(signature.Span, message, (ulong)message.Length, key.Span) == 0;

    /// <summary>Whether the key is a canonical point of the prime-order subgroup other than the identity. Required of every key before it
    /// is registered: <see cref="Verify"/> alone does not look at the subgroup.</summary>
    public static bool IsValidPoint(PublicKey key) => Sodium.crypto_core_ed25519_is_valid_point(key.Span) == 1;
}

/// <summary>An Ed25519 secret key in guarded memory.</summary>
public sealed class SigningKey : IDisposable
{
    /// <summary>Length in bytes of the seed that a key is made of.</summary>
    public const int SeedSize = 32;

    private readonly SecretMemory _secret = new(SeedSize + PublicKey.Size);

    private SigningKey(ReadOnlySpan<byte> seed)
    {
        Span<byte> publicKey = stackalloc byte[PublicKey.Size];
        Sodium.crypto_sign_ed25519_seed_keypair(publicKey, _secret.Span, seed);
        PublicKey = new PublicKey(publicKey);
    }

    public PublicKey PublicKey { get; }

    public static SigningKey Generate(IRandom random)
    {
        using var seed = new SecretMemory(SeedSize);
        random.Fill(seed.Span);
        return new SigningKey(seed.Span);
    }

    /// <param name="seed">Exactly 32 secret bytes; the caller wipes them.</param>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed) =>
        seed.Length == SeedSize
            ? new SigningKey(seed)
            : throw new ArgumentException($"a seed has {SeedSize} bytes, got {seed.Length}", nameof(seed));

    public unsafe Signature Sign(ReadOnlySpan<byte> message)
    {
        Span<byte> signature = stackalloc byte[Signature.Size];
        Sodium.crypto_sign_ed25519_detached(signature, null, message, (ulong)message.Length, _secret.Span);
        GC.KeepAlive(this);
        return new Signature(signature);
    }

    /// <summary>Hands out the seed, for an encrypted key file; the caller wipes it.</summary>
    public void CopySeedTo(Span<byte> destination)
    {
        _secret.Span[..SeedSize].CopyTo(destination);
        GC.KeepAlive(this);
    }

    public void Dispose() => _secret.Dispose();
}

/// <summary>How protocols sign and verify. A simulator puts a cheap scheme here; everything else uses
/// <see cref="Ed25519Scheme"/>.</summary>
public interface ISignatureScheme
{
    Signature Sign(SigningKey key, ReadOnlySpan<byte> message);
    bool Verify(PublicKey key, ReadOnlySpan<byte> message, Signature signature);
}

/// <summary>The real signatures.</summary>
public sealed class Ed25519Scheme : ISignatureScheme
{
    private Ed25519Scheme() { }

    public static Ed25519Scheme Instance { get; } = new();

    public Signature Sign(SigningKey key, ReadOnlySpan<byte> message) => key.Sign(message);
    public bool Verify(PublicKey key, ReadOnlySpan<byte> message, Signature signature) => Ed25519.Verify(key, message, signature);
}

/// <summary>The bytes that are signed (protocols 0.2).</summary>
public static class SignMsg
{
    private const int TagLengthSize = sizeof(uint);

    private static ReadOnlySpan<byte> Prefix => "PROTEAN-SIG-v1\0"u8;

    /// <summary><c>"PROTEAN-SIG-v1" || 0x00 || bytes(tag) || body</c>. Every body starts with the chain's id.</summary>
    public static byte[] Payload(string tag, ReadOnlySpan<byte> body)
    {
        var tagLength = Encoding.ASCII.GetByteCount(tag);
        var payload = new byte[Prefix.Length + TagLengthSize + tagLength + body.Length];
        Prefix.CopyTo(payload);
        var rest = payload.AsSpan(Prefix.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)tagLength);
        Encoding.ASCII.GetBytes(tag, rest[TagLengthSize..]);
        body.CopyTo(rest[(TagLengthSize + tagLength)..]);
        return payload;
    }
}
