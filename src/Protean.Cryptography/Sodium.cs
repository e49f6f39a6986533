using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Protean.Cryptography;

/// <summary>The native library under all of this, for the handshake between nodes and for a check at start.</summary>
public static class SodiumLibrary
{
    /// <summary>The one release of libsodium that this build speaks.</summary>
    public const string Version = Sodium.Version;

    /// <summary>Loads the library and checks its release; throws <see cref="TypeInitializationException"/> whose inner exception says
    /// what is wrong.</summary>
    public static void Require() => RuntimeHelpers.RunClassConstructor(typeof(Sodium).TypeHandle);
}

/// <summary>The functions of libsodium that are used, and the only place that names it.</summary>
/// <remarks>Exactly one release is accepted: Ed25519 verification differs between releases, and a committee whose members run
/// different ones can split (protocols 0.1).</remarks>
internal static unsafe partial class Sodium
{
    public const string Version = "1.0.22";

    private const string Library = "libsodium";

    [SuppressMessage("Design", "CA1065:Do not raise exceptions in unexpected locations", Justification = "no other release may run")]
    static Sodium()
    {
        if (sodium_init() < 0)
            throw new InvalidOperationException("libsodium did not initialise: the system has no usable source of randomness.");
        var found = Marshal.PtrToStringUTF8((nint)sodium_version_string());
        if (found != Version)
            throw new InvalidOperationException(
                $"libsodium {found} was loaded, but exactly {Version} is required: signature verification differs between releases. "
                + "Use the native library that comes with the libsodium package.");
    }

    [LibraryImport(Library)] private static partial int sodium_init();
    [LibraryImport(Library)] private static partial byte* sodium_version_string();

    [LibraryImport(Library)] public static partial void* sodium_malloc(nuint size);
    [LibraryImport(Library)] public static partial void sodium_free(nint pointer);
    [LibraryImport(Library)] public static partial void randombytes_buf(Span<byte> buffer, nuint size);

    [LibraryImport(Library)]
    public static partial int crypto_generichash_blake2b_init(byte* state, byte* key, nuint keyLength, nuint hashLength);

    [LibraryImport(Library)]
    public static partial int crypto_generichash_blake2b_update(byte* state, ReadOnlySpan<byte> data, ulong length);

    [LibraryImport(Library)]
    public static partial int crypto_generichash_blake2b_final(byte* state, Span<byte> hash, nuint hashLength);

    [LibraryImport(Library)]
    public static partial int crypto_sign_ed25519_seed_keypair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    public static partial int crypto_sign_ed25519_detached(
        Span<byte> signature, ulong* signatureLength, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    public static partial int crypto_sign_ed25519_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)] public static partial int crypto_core_ed25519_is_valid_point(ReadOnlySpan<byte> point);

    [LibraryImport(Library)]
    public static partial int crypto_stream_chacha20(Span<byte> output, ulong length, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library)] public static partial int crypto_hash_sha512(Span<byte> hash, ReadOnlySpan<byte> data, ulong length);

    [LibraryImport(Library)]
    public static partial void crypto_core_ristretto255_scalar_add(Span<byte> sum, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    [LibraryImport(Library)]
    public static partial void crypto_core_ristretto255_scalar_sub(
        Span<byte> difference, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    [LibraryImport(Library)]
    public static partial void crypto_core_ristretto255_scalar_mul(Span<byte> product, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    [LibraryImport(Library)]
    public static partial int crypto_core_ristretto255_scalar_invert(Span<byte> inverse, ReadOnlySpan<byte> scalar);

    [LibraryImport(Library)]
    public static partial void crypto_core_ristretto255_scalar_reduce(Span<byte> reduced, ReadOnlySpan<byte> wide);

    [LibraryImport(Library)] public static partial int crypto_core_ristretto255_is_valid_point(ReadOnlySpan<byte> point);
    [LibraryImport(Library)] public static partial int crypto_core_ristretto255_from_hash(Span<byte> point, ReadOnlySpan<byte> wide);

    [LibraryImport(Library)]
    public static partial int crypto_core_ristretto255_add(Span<byte> sum, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    [LibraryImport(Library)]
    public static partial int crypto_core_ristretto255_sub(Span<byte> difference, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    [LibraryImport(Library)]
    public static partial int crypto_scalarmult_ristretto255(Span<byte> product, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point);

    [LibraryImport(Library)] public static partial int crypto_scalarmult_ristretto255_base(Span<byte> product, ReadOnlySpan<byte> scalar);

    [LibraryImport(Library)]
    public static partial int crypto_pwhash(
        Span<byte> key, ulong keyLength, ReadOnlySpan<byte> passphrase, ulong length, ReadOnlySpan<byte> salt,
        ulong operations, nuint memory, int algorithm);

    [LibraryImport(Library)]
    public static partial int crypto_aead_xchacha20poly1305_ietf_encrypt(
        Span<byte> ciphertext, ulong* ciphertextLength, ReadOnlySpan<byte> plaintext, ulong length,
        ReadOnlySpan<byte> associated, ulong associatedLength, byte* unused, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    public static partial int crypto_aead_xchacha20poly1305_ietf_decrypt(
        Span<byte> plaintext, ulong* plaintextLength, byte* unused, ReadOnlySpan<byte> ciphertext, ulong length,
        ReadOnlySpan<byte> associated, ulong associatedLength, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);
}
