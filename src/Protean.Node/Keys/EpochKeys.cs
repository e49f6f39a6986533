using System.Security.Cryptography;
using Protean.Cryptography;

namespace Protean.Node.Keys;

/// <summary>The keys a node uses in one epoch and erases after it.</summary>
public sealed class EpochKeys : IDisposable
{
    private const int Parts = 3;
    private const int Size = Parts * 32;

    private EpochKeys(ulong epoch, SigningKey consensus, SecretScalar encryption, SecretScalar pvss)
    {
        Epoch = epoch;
        Consensus = consensus;
        Encryption = encryption;
        Pvss = pvss;
    }

    public ulong Epoch { get; }

    /// <summary>Ed25519: votes, seals, shares and contributions.</summary>
    public SigningKey Consensus { get; }

    /// <summary>ek; EK = ek*G. Opens dealt shares (protocols 3.2).</summary>
    public SecretScalar Encryption { get; }

    /// <summary>k; PK = k*Hg (protocols 4.2).</summary>
    public SecretScalar Pvss { get; }

    public static EpochKeys Generate(ulong epoch, IRandom random) =>
        new(epoch, SigningKey.Generate(random), SecretScalar.Random(random), SecretScalar.Random(random));

    public void Dispose()
    {
        Consensus.Dispose();
        Encryption.Dispose();
        Pvss.Dispose();
    }

    /// <summary>For a key file; the caller wipes it.</summary>
    internal byte[] Export()
    {
        var secret = new byte[Size];
        Consensus.CopySeedTo(secret.AsSpan(0, SigningKey.SeedSize));
        Encryption.CopyTo(secret.AsSpan(32, Scalar.Size));
        Pvss.CopyTo(secret.AsSpan(64, Scalar.Size));
        return secret;
    }

    /// <summary>Reads and wipes what <see cref="Export"/> gave; null where it is not such.</summary>
    internal static EpochKeys? Import(ulong epoch, byte[] secret)
    {
        try
        {
            if (secret.Length != Size) return null;
            if (!SecretScalar.TryDecode(secret.AsSpan(32, Scalar.Size), out var encryption)) return null;
            if (SecretScalar.TryDecode(secret.AsSpan(64, Scalar.Size), out var pvss))
                return new EpochKeys(epoch, SigningKey.FromSeed(secret.AsSpan(0, SigningKey.SeedSize)), encryption, pvss);
            encryption.Dispose();
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
