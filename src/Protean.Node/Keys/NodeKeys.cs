using System.Globalization;
using System.Security.Cryptography;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Node.Keys;

/// <summary>A node's secret keys: identity, transport and sharing keys for its whole life, and a consensus key for each epoch.</summary>
/// <remarks>A folder of mode 0700 with encrypted files: <c>identity.key</c>, <c>transport.key</c>, <c>sharing.key</c>, <c>epoch-N.key</c>.
/// Files are created once and never overwritten; a consensus key is erased after its epoch.</remarks>
public sealed class NodeKeys : IDisposable
{
    private const string IdentityPurpose = "identity", TransportPurpose = "transport", SharingPurpose = "sharing";
    private const string EpochPrefix = "epoch-", KeySuffix = ".key";

    private readonly string _folder;
    private readonly Passphrase _passphrase;
    private readonly KeyCost _cost;
    private readonly Dictionary<ulong, SigningKey> _epochs = [];

    private NodeKeys(
        string folder, Passphrase passphrase, KeyCost cost, SigningKey identity, ECDsa transport, SecretScalar encryption,
        SecretScalar pvss)
    {
        (_folder, _passphrase, _cost, Mark) = (folder, passphrase, cost, DataMark.In(folder));
        (Identity, Transport, Encryption, Pvss) = (identity, transport, encryption, pvss);
    }

    /// <summary>Ed25519; signs the node's records.</summary>
    public SigningKey Identity { get; }

    /// <summary>ECDSA P-256; the key of the node's TLS certificate.</summary>
    public ECDsa Transport { get; }

    /// <summary>ek; EK = ek*G. Opens dealt shares (protocols 3.2).</summary>
    public SecretScalar Encryption { get; }

    /// <summary>k; PK = k*Hg (protocols 4.2).</summary>
    public SecretScalar Pvss { get; }

    /// <summary>Which data folder goes with these keys.</summary>
    public DataMark Mark { get; }

    public Digest NodeId => NodeRecord.NodeIdOf(Identity.PublicKey);

    /// <summary>Makes the keys of a new node.</summary>
    /// <param name="passphrase">Taken over.</param>
    /// <param name="cost">Of every file.</param>
    /// <exception cref="RefusedException">Keys exist there already, or the folder is open to others.</exception>
    public static NodeKeys Create(string folder, Passphrase passphrase, KeyCost cost, IRandom random)
    {
        foreach (var path in new[] { IdentityPurpose, TransportPurpose, SharingPurpose }.Select(purpose => PathOf(folder, purpose)))
            if (File.Exists(path)) throw new RefusedException(NodeRefusals.KeyFileExists(path));
        var keys = new NodeKeys(
            folder, passphrase, cost, SigningKey.Generate(random), ECDsa.Create(ECCurve.NamedCurves.nistP256), SecretScalar.Random(random),
            SecretScalar.Random(random));
        keys.Save(IdentityPurpose, SeedOf(keys.Identity), random);
        keys.Save(TransportPurpose, keys.Transport.ExportPkcs8PrivateKey(), random);
        var sharing = new byte[2 * Scalar.Size];
        keys.Encryption.CopyTo(sharing.AsSpan(0, Scalar.Size));
        keys.Pvss.CopyTo(sharing.AsSpan(Scalar.Size));
        keys.Save(SharingPurpose, sharing, random);
        return keys;
    }

    /// <summary>Opens a node's keys. Files of later epochs will cost what these do.</summary>
    /// <param name="passphrase">Taken over.</param>
    /// <exception cref="RefusedException">A file is missing, open to others, damaged or of another key; or the passphrase is
    /// wrong.</exception>
    public static NodeKeys Open(string folder, Passphrase passphrase)
    {
        if (!Directory.Exists(folder)) throw new RefusedException(NodeRefusals.KeyFileMissing(folder));
        PrivateFile.CheckFolder(folder);
        var identity = OpenSigningKey(PathOf(folder, IdentityPurpose), IdentityPurpose, passphrase);
        var transport = OpenTransport(PathOf(folder, TransportPurpose), passphrase);
        var (encryption, pvss) = OpenSharing(PathOf(folder, SharingPurpose), passphrase);
        return new NodeKeys(folder, passphrase, KeyFile.CostOf(PathOf(folder, IdentityPurpose)), identity, transport, encryption, pvss);
    }

    /// <summary>Makes the consensus key of an epoch (Ed25519: votes, seals, shares, contributions); the caller disposes it.</summary>
    /// <exception cref="RefusedException">It exists already.</exception>
    public SigningKey CreateEpoch(ulong epoch, IRandom random)
    {
        var key = SigningKey.Generate(random);
        Save(EpochPurpose(epoch), SeedOf(key), random);
        return key;
    }

    /// <summary>The consensus key of an epoch, for all units of the node: opened once, since that takes a while, and wiped when it is erased
    /// and nobody holds it any more.</summary>
    public SigningKey OpenEpoch(ulong epoch)
    {
        lock (_epochs)
        {
            if (_epochs.TryGetValue(epoch, out var known)) return known;
            return _epochs[epoch] = OpenSigningKey(PathOf(_folder, EpochPurpose(epoch)), EpochPurpose(epoch), _passphrase);
        }
    }

    /// <summary>Whether the consensus key of this epoch is there.</summary>
    public bool HasEpoch(ulong epoch) => File.Exists(PathOf(_folder, EpochPurpose(epoch)));

    /// <summary>Erases the consensus keys of all epochs before this one.</summary>
    public void EraseEpochsBefore(ulong epoch)
    {
        foreach (var path in Directory.EnumerateFiles(_folder, EpochPrefix + "*" + KeySuffix))
            if (ulong.TryParse(Path.GetFileName(path.AsSpan())[EpochPrefix.Length..^KeySuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var made)
                && made < epoch)
                EraseEpoch(made);
    }

    /// <summary>After an epoch's end (protocols 1.5): what the disk holds must not help to rewrite it.</summary>
    public void EraseEpoch(ulong epoch)
    {
        lock (_epochs) _epochs.Remove(epoch);
        var path = PathOf(_folder, EpochPurpose(epoch));
        if (!File.Exists(path)) return;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Write(new byte[file.Length]);
            file.Flush(flushToDisk: true);
        }
        File.Delete(path);
        Storage.DurableFolder.Sync(_folder);
    }

    public void Dispose()
    {
        Identity.Dispose();
        Transport.Dispose();
        Encryption.Dispose();
        Pvss.Dispose();
        lock (_epochs)
            foreach (var key in _epochs.Values) key.Dispose();
        _passphrase.Dispose();
    }

    private void Save(string purpose, byte[] secret, IRandom random)
    {
        KeyFile.Create(PathOf(_folder, purpose), purpose, secret, _passphrase, _cost, random);
        CryptographicOperations.ZeroMemory(secret);
    }

    private static ECDsa OpenTransport(string path, Passphrase passphrase)
    {
        var secret = KeyFile.Open(path, TransportPurpose, passphrase);
        var transport = ECDsa.Create();
        try
        {
            transport.ImportPkcs8PrivateKey(secret, out _);
            return transport;
        }
        catch (CryptographicException malformed)
        {
            transport.Dispose();
            throw new RefusedException(NodeRefusals.KeyFileDamaged(path, malformed.Message), malformed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static SigningKey OpenSigningKey(string path, string purpose, Passphrase passphrase)
    {
        var seed = KeyFile.Open(path, purpose, passphrase);
        if (seed.Length != SigningKey.SeedSize) throw new RefusedException(NodeRefusals.KeyFileDamaged(path, $"{seed.Length} bytes in it"));
        var key = SigningKey.FromSeed(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    private static (SecretScalar Encryption, SecretScalar Pvss) OpenSharing(string path, Passphrase passphrase)
    {
        var secret = KeyFile.Open(path, SharingPurpose, passphrase);
        try
        {
            if (secret.Length == 2 * Scalar.Size
                && SecretScalar.TryDecode(secret.AsSpan(0, Scalar.Size), out var encryption)
                && SecretScalar.TryDecode(secret.AsSpan(Scalar.Size), out var pvss))
                return (encryption, pvss);
            throw new RefusedException(NodeRefusals.KeyFileDamaged(path, "no two scalars in it"));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static byte[] SeedOf(SigningKey key)
    {
        var seed = new byte[SigningKey.SeedSize];
        key.CopySeedTo(seed);
        return seed;
    }

    private static string PathOf(string folder, string purpose) => Path.Combine(folder, purpose + KeySuffix);
    private static string EpochPurpose(ulong epoch) => string.Create(CultureInfo.InvariantCulture, $"{EpochPrefix}{epoch}");
}
