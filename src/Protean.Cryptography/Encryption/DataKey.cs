using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>The symmetric key of one secret: 32 bytes in guarded memory, wiped when disposed; encrypts with XChaCha20-Poly1305.</summary>
/// <remarks>The cipher does not commit to its key: a ciphertext can be made that opens under two. What is encrypted under the long-term key
/// therefore is committed to: <see cref="KeySealing.Commitment"/>.</remarks>
public sealed class DataKey : IDisposable
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    /// <summary>Length in bytes of a nonce.</summary>
    public const int NonceSize = 24;

    /// <summary>By how much a ciphertext is longer than its plaintext, in bytes.</summary>
    public const int Overhead = 16;

    private readonly SecretMemory _secret = new(Size);

    private DataKey() { }

    internal Span<byte> Bytes => _secret.Span;

    /// <summary>Uniform. What an application wants kept goes into the data, never into the key.</summary>
    public static DataKey Random(IRandom random)
    {
        var key = new DataKey();
        random.Fill(key.Bytes);
        return key;
    }

    /// <param name="bytes">Exactly 32 bytes; the caller wipes them.</param>
    public static DataKey Copy(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        var key = new DataKey();
        bytes.CopyTo(key.Bytes);
        return key;
    }

    /// <param name="nonce">24 bytes, never used twice under this key.</param>
    /// <param name="associated">Authenticated with it, not contained.</param>
    /// <param name="plaintext">The caller wipes it.</param>
    public unsafe byte[] Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceSize);
        var ciphertext = new byte[plaintext.Length + Overhead];
        _ = Sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            ciphertext, null, plaintext, (ulong)plaintext.Length, associated, (ulong)associated.Length, null, nonce, Bytes);
        GC.KeepAlive(this);
        return ciphertext;
    }

    /// <summary>False for anything that was not encrypted so under this key. The caller wipes the plaintext.</summary>
    public unsafe bool TryDecrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext, [NotNullWhen(true)] out byte[]? plaintext)
    {
        plaintext = null;
        if (nonce.Length != NonceSize || ciphertext.Length < Overhead) return false;
        var opened = new byte[ciphertext.Length - Overhead];
        var result = Sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            opened, null, null, ciphertext, (ulong)ciphertext.Length, associated, (ulong)associated.Length, nonce, Bytes);
        GC.KeepAlive(this);
        if (result == 0) plaintext = opened;
        return result == 0;
    }

    /// <summary>Hands out the 32 bytes; the caller wipes them.</summary>
    public void CopyTo(Span<byte> destination)
    {
        Bytes.CopyTo(destination);
        GC.KeepAlive(this);
    }

    public void Dispose() => _secret.Dispose();
}
