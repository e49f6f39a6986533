using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Units.PrivateStorage;

namespace Protean.Client.Audit;

/// <summary>An audit file under verification: each check relies on what those before it established.</summary>
internal sealed class AuditCase(AuditFile file, Digest network)
{
    private LinkedDirectory? _directory;
    private ReceiptVerifier? _receipts;

    public AuditFile File => file;
    public Digest Network => network;
    public LinkedDirectory Directory => _directory ??= new LinkedDirectory(file.Genesis);
    public ReceiptVerifier Receipts => _receipts ??= new ReceiptVerifier(Directory, Ed25519Scheme.Instance, new VerifiedSeals());

    /// <summary>The latest height that shows how many reads there were: the trail is whole up to it. Null where none does.</summary>
    public ProvenHeight? Latest => file.Shown.Where(shown => CountAt(shown) is not null).MaxBy(static shown => shown.Header.Height);

    /// <summary>How many there were.</summary>
    public ulong? Count => Latest is { } latest ? CountAt(latest) : null;

    /// <summary>The entry under a key, from whichever height shows it.</summary>
    public MapEntry? Find(Bytes key)
    {
        foreach (var shown in file.Shown)
            if (shown.Witness!.Proof.TryGet(key, out var entry) && entry is not null) return entry;
        return null;
    }

    public T? Find<T>(Bytes key) where T : class, ICanonical<T> => Find(key) is { } entry ? Canonical.Decode<T>(entry.Value.Span) : null;

    public Refusal? Follow(EpochLink link)
    {
        if (Directory.Refusal(link, Ed25519Scheme.Instance) is { } refusal) return refusal;
        _directory = Directory.With(link, Ed25519Scheme.Instance);
        return null;
    }

    /// <summary>The trail, read of each page once.</summary>
    public IReadOnlyList<AuditEntry> Trail()
    {
        var found = new SortedDictionary<Bytes, AuditEntry>();
        var all = StorageKeys.AuditsOf(file.SecretId);
        foreach (var shown in file.Shown)
            foreach (var entry in shown.Witness!.Proof.Entries)
                if (entry.Key.Span.StartsWith(all.Span)) found[entry.Key] = Canonical.Decode<AuditEntry>(entry.Value.Span);
        return [.. found.Values];
    }

    private ulong? CountAt(ProvenHeight shown) => shown.Witness!.Proof.TryGet(StorageKeys.AuditCount(file.SecretId), out var entry)
        ? entry is null ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : null;
}
