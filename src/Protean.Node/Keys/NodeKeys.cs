using System.Globalization;
using System.Security.Cryptography;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Node.Keys;

/// <summary>A node's secret keys: the identity for its whole life, the transport key, and the keys of the epochs it serves in.</summary>
/// <remarks>A folder of mode 0700 with one encrypted file for each: <c>identity.key</c>, <c>transport.key</c>, <c>epoch-N.key</c>.
/// Files are created once and never overwritten; what is of one epoch is erased after it.</remarks>
public sealed class NodeKeys : IDisposable
{
    private const string IdentityPurpose = "identity", TransportPurpose = "transport";

    private readonly string _folder;
    private readonly Passphrase _passphrase;
    private readonly KeyCost _cost;

    private NodeKeys(string folder, Passphrase passphrase, KeyCost cost, SigningKey identity, ECDsa transport)
    {
        _folder = folder;
        _passphrase = passphrase;
        _cost = cost;
        Identity = identity;
        Transport = transport;
    }

    /// <summary>Ed25519; signs the node's records.</summary>
    public SigningKey Identity { get; }

    /// <summary>ECDSA P-256; the key of the node's TLS certificate.</summary>
    public ECDsa Transport { get; }

    public Digest NodeId => NodeRecord.NodeIdOf(Identity.PublicKey);

    /// <summary>Makes the identity and transport keys of a new node.</summary>
    /// <param name="passphrase">Taken over.</param>
    /// <exception cref="RefusedException">Keys exist there already, or the folder is open to others.</exception>
    public static NodeKeys Create(string folder, Passphrase passphrase, KeyCost cost, IRandom random)
    {
        var keys = new NodeKeys(folder, passphrase, cost, SigningKey.Generate(random), ECDsa.Create(ECCurve.NamedCurves.nistP256));
        foreach (var purpose in new[] { IdentityPurpose, TransportPurpose })
            if (File.Exists(keys.PathOf(purpose))) throw new RefusedException(NodeRefusals.KeyFileExists(keys.PathOf(purpose)));
        var seed = new byte[SigningKey.SeedSize];
        keys.Identity.CopySeedTo(seed);
        keys.Save(IdentityPurpose, seed, random);
        keys.Save(TransportPurpose, keys.Transport.ExportPkcs8PrivateKey(), random);
        return keys;
    }

    /// <param name="passphrase">Taken over.</param>
    /// <param name="cost">For the files of later epochs.</param>
    /// <exception cref="RefusedException">A file is missing, open to others, damaged or of another key; or the passphrase is
    /// wrong.</exception>
    public static NodeKeys Open(string folder, Passphrase passphrase, KeyCost cost)
    {
        if (!Directory.Exists(folder)) throw new RefusedException(NodeRefusals.KeyFileMissing(folder));
        PrivateFile.CheckFolder(folder);
        var seed = KeyFile.Open(Path.Combine(folder, FileName(IdentityPurpose)), IdentityPurpose, passphrase);
        var identity = SigningKey.FromSeed(seed);
        CryptographicOperations.ZeroMemory(seed);
        var transport = OpenTransport(Path.Combine(folder, FileName(TransportPurpose)), passphrase);
        return new NodeKeys(folder, passphrase, cost, identity, transport);
    }

    /// <summary>Makes the keys of an epoch; the caller disposes them.</summary>
    /// <exception cref="RefusedException">They exist already.</exception>
    public EpochKeys CreateEpoch(ulong epoch, IRandom random)
    {
        var keys = EpochKeys.Generate(epoch, random);
        Save(EpochPurpose(epoch), keys.Export(), random);
        return keys;
    }

    /// <summary>Opens the keys of an epoch; the caller disposes them.</summary>
    public EpochKeys OpenEpoch(ulong epoch)
    {
        var path = PathOf(EpochPurpose(epoch));
        return EpochKeys.Import(epoch, KeyFile.Open(path, EpochPurpose(epoch), _passphrase))
            ?? throw new RefusedException(NodeRefusals.KeyFileDamaged(path, "no epoch keys in it"));
    }

    /// <summary>Whether the keys of this epoch are there.</summary>
    public bool HasEpoch(ulong epoch) => File.Exists(PathOf(EpochPurpose(epoch)));

    /// <summary>After an epoch's end (protocols 1.5): what its disks hold must not help to break it later.</summary>
    public void EraseEpoch(ulong epoch)
    {
        var path = PathOf(EpochPurpose(epoch));
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
        _passphrase.Dispose();
    }

    private void Save(string purpose, byte[] secret, IRandom random)
    {
        KeyFile.Create(PathOf(purpose), purpose, secret, _passphrase, _cost, random);
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

    private string PathOf(string purpose) => Path.Combine(_folder, FileName(purpose));
    private static string FileName(string purpose) => purpose + ".key";
    private static string EpochPurpose(ulong epoch) => string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch}");
}
