using System.Security.Cryptography;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Client;

/// <summary>A user: an Ed25519 key, in guarded memory, that signs requests.</summary>
public sealed class Identity : IDisposable
{
    /// <summary>Argon2id: passes, and bytes of memory, for each guess at a key file's passphrase (RFC 9106, second recommended
    /// option).</summary>
    public const ulong KeyFileOperations = 3, KeyFileMemory = 64UL << 20;

    private readonly SigningKey _key;

    private Identity(SigningKey key) => _key = key;

    /// <summary>The user's name on every network.</summary>
    public PublicKey PublicKey => _key.PublicKey;

    public static Identity Create(IRandom? random = null) => new(SigningKey.Generate(random ?? Cryptography.SystemRandom.Instance));

    /// <param name="seed">Exactly 32 secret bytes; the caller wipes them.</param>
    public static Identity FromSeed(ReadOnlySpan<byte> seed) => new(SigningKey.FromSeed(seed));

    public KeySignature Sign(ReadOnlySpan<byte> payload) => new(PublicKey, _key.Sign(payload));

    /// <summary>Writes an encrypted key file that only its owner can read; never over another file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="passphrase">UTF-8; the caller wipes it.</param>
    /// <param name="operations">Argon2id passes.</param>
    /// <param name="memory">Argon2id bytes of memory.</param>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    public void Save(string path, ReadOnlySpan<byte> passphrase, ulong operations = KeyFileOperations, ulong memory = KeyFileMemory)
    {
        var seed = new byte[SigningKey.SeedSize];
        try
        {
            _key.CopySeedTo(seed);
            var sealedKey = KeyFileSeal.Seal(passphrase, seed, operations, memory, Cryptography.SystemRandom.Instance);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
            using var file = new FileStream(path, options);
            file.Write(sealedKey);
            file.Flush(flushToDisk: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <exception cref="RefusedException">PRT-CLI-0005 others can read the file, PRT-CLI-0006 it does not open.</exception>
    public static Identity Load(string path, ReadOnlySpan<byte> passphrase)
    {
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) is var mode && (mode & ~OwnerOnly) != 0)
            throw new RefusedException(ClientRefusals.LooseKeyFile(path, Convert.ToString((int)mode, 8)));
        if (!KeyFileSeal.TryOpen(passphrase, File.ReadAllBytes(path), out var seed))
            throw new RefusedException(ClientRefusals.KeyFileNotOpened(path));
        try
        {
            if (seed.Length != SigningKey.SeedSize) throw new RefusedException(ClientRefusals.KeyFileNotOpened(path));
            return FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    public void Dispose() => _key.Dispose();

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
}
