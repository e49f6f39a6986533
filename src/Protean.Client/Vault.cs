using System.Buffers.Binary;
using Protean.Client.Audit;
using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units.PrivateStorage;
using SystemRandom = Protean.Cryptography.SystemRandom;

namespace Protean.Client;

/// <summary>One user's secrets in a private-storage unit: written under policies, read by those whom these allow, every read on record (protocols
/// 5).</summary>
/// <remarks>Secrets are encrypted and decrypted here; members see neither plaintext nor data keys.</remarks>
public sealed class Vault
{
    private const string UnitClass = "private-storage";

    private readonly Session _session;
    private readonly LongTermKey _key;

    private Vault(Session session, UnitEntry unit, LongTermKey key) => (_session, Unit, _key) = (session, unit, key);

    public UnitEntry Unit { get; }

    /// <summary>The user.</summary>
    public PublicKey Owner => _session.Identity.PublicKey;

    /// <summary>Fetches the unit's key, proven by the dealings of its members.</summary>
    /// <exception cref="RefusedException">PRT-CLI-0004 no such unit; or its key is not generated yet.</exception>
    public static async Task<Vault> Open(Session session, UnitEntry? unit = null, CancellationToken cancel = default)
    {
        var storage = unit ?? session.Network.Unit(UnitClass);
        var proven = await session.Network.Key(storage.UnitId, PrivateStorageUnit.KeyPurpose, cancel);
        var key = GeneratedKey.FromOutputs(proven.Outputs);
        return new Vault(session, storage, new LongTermKey(key.KeyId, key.Key.PublicKey));
    }

    /// <summary>A policy by which these may read, and this user alone may change anything.</summary>
    public Task<Policy> CreatePolicy(PolicyExpression readers, CancellationToken cancel = default)
    {
        var owner = new PolicyExpression.Key(Owner);
        return CreatePolicy(
            [new(PolicyAction.Read, readers), new(PolicyAction.Evolve, owner), new(PolicyAction.Delegate, owner), new(PolicyAction.Revoke, owner)], cancel);
    }

    /// <param name="rules">In order of action; what has no rule, nobody may.</param>
    public async Task<Policy> CreatePolicy(IReadOnlyList<PolicyRule> rules, CancellationToken cancel = default)
    {
        var nonce = FreshDigest();
        var policy = Policy.First(nonce, rules);
        await Call(PrivateStorageTransactions.Create, cancel,
            new(PrivateStorageTransactions.NonceField, new Bytes(nonce.Span)), Field(PrivateStorageTransactions.PolicyField, policy));
        return policy;
    }

    /// <summary>A policy as it stands, proven.</summary>
    /// <exception cref="RefusedException">PRT-CLI-0060 there is none.</exception>
    public Task<Policy> FindPolicy(Digest id, CancellationToken cancel = default) =>
        Find<Policy>(StorageKeys.Policy(id), $"policy {id}", cancel);

    /// <summary>Adds readers.</summary>
    public Task Grant(Digest policy, PolicyExpression reader, CancellationToken cancel = default) => Call(
        PrivateStorageTransactions.Delegate, cancel, Field(PrivateStorageTransactions.ReaderField, reader), Field(PrivateStorageTransactions.PolicyField, policy));

    /// <summary>Takes a reader out, whichever way it was in. What was read before stays read.</summary>
    public Task Revoke(Digest policy, PublicKey reader, CancellationToken cancel = default) => Call(
        PrivateStorageTransactions.Revoke, cancel, new(PrivateStorageTransactions.KeyField, new Bytes(reader.Span)),
        Field(PrivateStorageTransactions.PolicyField, policy));

    /// <summary>Replaces a policy by its next version.</summary>
    public Task Evolve(Policy next, CancellationToken cancel = default) =>
        Call(PrivateStorageTransactions.Evolve, cancel, Field(PrivateStorageTransactions.PolicyField, next));

    /// <summary>Seals a secret without writing it: for a step of a workflow.</summary>
    /// <param name="plaintext">At most <see cref="Limits.MaxSecretData"/> bytes; the caller wipes it.</param>
    /// <param name="policy">Who may read; zeros for what is only opened for everybody.</param>
    /// <param name="releaseMs">Null; or the block time at which it is opened for everybody, and before which nobody reads it.</param>
    /// <param name="group">The instance whose run writes it; null outside of one.</param>
    /// <param name="note">For everybody to read.</param>
    public Secret Seal(ReadOnlySpan<byte> plaintext, Digest policy, ulong? releaseMs = null, Digest? group = null, string note = "")
    {
        if (plaintext.Length > Limits.MaxSecretData)
            throw new RefusedException(ClientRefusals.SecretTooLong(plaintext.Length));
        var owner = Owner;
        var terms = new SecretLabel(
            _key.KeyId, group ?? new Digest(owner.Span), policy, IsPinned: false, owner, releaseMs, Digest.Zero, Digest.Zero, Bytes.Of(note));
        return Secret.Seal(
            _key, terms, plaintext, _session.Network.ChainId, payload => _session.Identity.Sign(payload).Signature, SystemRandom.Instance);
    }

    /// <summary>Writes a secret of this user's own.</summary>
    /// <returns>What names it.</returns>
    public async Task<Digest> Put(
        ReadOnlyMemory<byte> plaintext, Digest policy, ulong? releaseMs = null, string note = "", CancellationToken cancel = default)
    {
        var secret = Seal(plaintext.Span, policy, releaseMs, note: note);
        await Call(PrivateStorageTransactions.Write, cancel, Field(PrivateStorageTransactions.SecretField, secret));
        return secret.Id;
    }

    /// <summary>A secret as everybody sees it, proven: label, owner, encrypted data.</summary>
    /// <exception cref="RefusedException">PRT-CLI-0060 there is none.</exception>
    public Task<Secret> FindSecret(Digest id, CancellationToken cancel = default) => Find<Secret>(StorageKeys.Secret(id), $"secret {id}", cancel);

    /// <summary>Reads a secret; the audit trail has it, whatever comes of it.</summary>
    /// <param name="cosigners">Others whom the policy asks for.</param>
    /// <returns>The plaintext; the caller wipes it.</returns>
    /// <exception cref="RefusedException">The policy refuses it; PRT-CLI-0061 its writer spoilt it.</exception>
    public async Task<byte[]> Get(Digest id, IReadOnlyList<Identity>? cosigners = null, CancellationToken cancel = default)
    {
        var secret = await FindSecret(id, cancel);
        using var ephemeral = ReaderKey.Random(SystemRandom.Instance);
        var request = SecretRequest.Create(_key, id, Owner, ephemeral, SystemRandom.Instance);
        var result = await _session.Call(
            Unit, PrivateStorageTransactions.Read.Name, [Field(PrivateStorageTransactions.RequestField, request)], cosigners: cosigners, cancel: cancel);
        return Decrypt(secret, ephemeral, result);
    }

    /// <summary>Opens a secret for everybody, once its time has come.</summary>
    /// <returns>The plaintext.</returns>
    public async Task<Bytes> OpenForAll(Digest id, CancellationToken cancel = default)
    {
        if ((await FindSecret(id, cancel)).Label.ReleaseMs is { } release) await _session.Network.Head(Unit.UnitId, minTimeMs: release, cancel: cancel);
        var result = await Call(PrivateStorageTransactions.Open, cancel, Field(PrivateStorageTransactions.SecretField, id));
        return Values.ReadEntries(result.Output(PrivateStorageTransactions.OpenedField).Span)[0].Value;
    }

    /// <summary>Who has asked to read a secret, with everything that shows it to whoever knows the network's name: see
    /// <see cref="AuditVerifier"/>.</summary>
    public async Task<AuditFile> Audit(Digest id, CancellationToken cancel = default)
    {
        await FindSecret(id, cancel);
        var count = StorageKeys.AuditCount(id);
        var shown = new List<ProvenHeight>();
        var policies = new SortedSet<Digest>();
        ulong known;
        do
        {
            var page = StorageKeys.AuditPageOf(id, (ulong)shown.Count);
            var proven = await _session.Network.State(Unit.UnitId, [count, StorageKeys.Secret(id)], [page], cancel: cancel);
            shown.Add(proven);
            proven.Witness!.Proof.TryScan(page, out var entries);
            foreach (var entry in entries!) policies.Add(Canonical.Decode<AuditEntry>(entry.Value.Span).Policy);
            proven.Witness.Proof.TryGet(count, out var counted);
            known = counted is null ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(counted.Value.Span);
        }
        while ((ulong)shown.Count * StorageKeys.AuditPage < known);
        policies.Remove(Digest.Zero);
        if (policies.Count > 0)
            shown.Add(await _session.Network.State(Unit.UnitId, [.. policies.Select(StorageKeys.PolicyVersion).Order()], [], cancel: cancel));
        var directory = _session.Network.Directory;
        return new AuditFile(directory.Genesis, directory.Links, Unit.UnitId, id, shown);
    }

    private byte[] Decrypt(Secret secret, ReaderKey ephemeral, Result result)
    {
        if (!Point.TryDecode(result.Output(PrivateStorageTransactions.Reencrypted).Span, out var point))
            throw new RefusedException(ClientRefusals.SpoiltSecret(secret.Id.ToString()));
        using var dataKey = ephemeral.Open(_key, secret.Key, secret.Label.ToBytes(), secret.Label.KeyCommitment, point);
        return (dataKey is null ? null : secret.Decrypt(dataKey)) ?? throw new RefusedException(ClientRefusals.SpoiltSecret(secret.Id.ToString()));
    }

    private async Task<T> Find<T>(Bytes key, string what, CancellationToken cancel) where T : class, ICanonical<T>
    {
        var proven = await _session.Network.State(Unit.UnitId, [key], [], cancel: cancel);
        return proven.Witness!.Proof.TryGet(key, out var entry) && entry is not null
            ? Canonical.Decode<T>(entry.Value.Span) : throw new RefusedException(ClientRefusals.NotInStorage(what));
    }

    private async Task<Result> Call(Transaction transaction, CancellationToken cancel, params IReadOnlyList<NamedValue> arguments) =>
        (await _session.Call(Unit, transaction.Name, arguments, cancel: cancel)).RequireOk();

    private static NamedValue Field(string name, Digest value) => new(name, new Bytes(value.Span));
    private static NamedValue Field<T>(string name, T value) where T : ICanonical<T> => new(name, Bytes.Wrap(Canonical.Encode(value)));

    private static Digest FreshDigest()
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        SystemRandom.Instance.Fill(bytes);
        return new Digest(bytes);
    }
}
