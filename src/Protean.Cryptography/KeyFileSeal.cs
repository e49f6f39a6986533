using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>Encrypts the content of a key file under a passphrase: XChaCha20-Poly1305, its key made by Argon2id.</summary>
/// <remarks>Layout: <c>version u8 = 1, operations u64, memory u64, salt[16], nonce[24], ciphertext</c>. Everything before the ciphertext is
/// authenticated with it, so the cost can't be lowered unnoticed.</remarks>
public static class KeyFileSeal
{
    /// <summary>Passes that a file may ask for; beyond this, opening somebody else's file would be a denial of service.</summary>
    public const ulong MaxOperations = 16;

    /// <summary>Bytes of memory that a file may ask for: 1 GiB, for the same reason.</summary>
    public const ulong MaxMemory = 1UL << 30;

    private const byte FormatVersion = 1;
    private const int SaltSize = 16;
    private const int NonceSize = 24;
    private const int KeySize = 32;
    private const int TagSize = 16;
    private const int HeaderSize = 1 + 2 * sizeof(ulong) + SaltSize + NonceSize;
    private const ulong MinOperations = 1;
    private const ulong MinMemory = 8192;
    private const int Argon2Id13 = 2;

    /// <param name="passphrase">UTF-8; the caller wipes it.</param>
    /// <param name="plaintext">The caller wipes it.</param>
    /// <param name="operations">Passes over the memory, 1..16.</param>
    /// <param name="memory">Bytes, 8192..2^30.</param>
    /// <param name="random">For salt and nonce.</param>
    public static unsafe byte[] Seal(
        ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> plaintext, ulong operations, ulong memory, IRandom random)
    {
        if (!CostIsAllowed(operations, memory))
            throw new ArgumentOutOfRangeException(nameof(operations), $"{operations} passes over {memory} bytes are outside the limits");
        var file = new byte[HeaderSize + plaintext.Length + TagSize];
        var header = file.AsSpan(0, HeaderSize);
        header[0] = FormatVersion;
        var writer = new WireWriter(header[1..]);
        writer.U64(operations);
        writer.U64(memory);
        random.Fill(header[^(SaltSize + NonceSize)..]);

        using var key = DeriveKey(passphrase, header, operations, memory);
        _ = Sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            file.AsSpan(HeaderSize), null, plaintext, (ulong)plaintext.Length, header, HeaderSize, null, header[^NonceSize..], key.Span);
        return file;
    }

    /// <summary>False for a wrong passphrase, a changed file, or one whose cost is beyond the limits. The caller wipes the
    /// plaintext.</summary>
    public static unsafe bool TryOpen(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> file, [NotNullWhen(true)] out byte[]? plaintext)
    {
        plaintext = null;
        if (!TryReadCost(file, out var operations, out var memory)) return false;
        var header = file[..HeaderSize];
        using var key = DeriveKey(passphrase, header, operations, memory);
        var ciphertext = file[HeaderSize..];
        var opened = new byte[ciphertext.Length - TagSize];
        var result = Sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            opened, null, null, ciphertext, (ulong)ciphertext.Length, header, HeaderSize, header[^NonceSize..], key.Span);
        if (result != 0) CryptographicOperations.ZeroMemory(opened);
        else plaintext = opened;
        return plaintext is not null;
    }

    /// <summary>What opening the file takes; false where it has no such form, or asks for more than the limits.</summary>
    public static bool TryReadCost(ReadOnlySpan<byte> file, out ulong operations, out ulong memory)
    {
        (operations, memory) = (0, 0);
        if (file.Length < HeaderSize + TagSize || file[0] != FormatVersion) return false;
        var reader = new WireReader(file[1..HeaderSize]);
        (operations, memory) = (reader.U64(), reader.U64());
        return CostIsAllowed(operations, memory);
    }

    private static bool CostIsAllowed(ulong operations, ulong memory) =>
        operations is >= MinOperations and <= MaxOperations && memory is >= MinMemory and <= MaxMemory;

    private static SecretMemory DeriveKey(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> header, ulong operations, ulong memory)
    {
        var key = new SecretMemory(KeySize);
        var salt = header[^(SaltSize + NonceSize)..^NonceSize];
        var result = Sodium.crypto_pwhash(
            key.Span, KeySize, passphrase, (ulong)passphrase.Length, salt, operations, (nuint)memory, Argon2Id13);
        if (result == 0) return key;
        key.Dispose();
        throw new InsufficientMemoryException($"no {memory} bytes to derive the key of a key file");
    }
}
