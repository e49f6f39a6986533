using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;
using Protean.Units.PrivateStorage;

namespace Protean.Cli.Simulation;

/// <summary>Secrets that are written and read while things go wrong: who may read gets what was written, who may not gets nothing, the audit trail has
/// both, and what is opened for everybody is what was written. No plaintext is ever in a frame or on a disk before.</summary>
internal sealed class PrivateStorageWorkload : IWorkload
{
    private const int Secrets = 5;
    private const int PlaintextSize = 32;
    private const ulong WindowMs = 500, ReleaseMs = 4000;
    private const int Pause = 500;

    private readonly SeededRandom _random = new(7);
    private readonly List<(Secret Secret, byte[] Plaintext)> _written = [];
    private readonly List<byte[]> _hidden = [];
    private readonly SortedDictionary<Digest, (int Granted, int Refused)> _reads = [];
    private Policy? _policy;
    private ulong _nonce;

    public IFunctionalUnit Unit { get; } = new PrivateStorageUnit();
    public ISignatureScheme Scheme => Ed25519Scheme.Instance;
    public string Shared => PrivateStorageTransactions.Read.Name;
    public IReadOnlyList<NamedValue> Parameters { get; } = [new("keygen.windowMs", Values.OfU64(WindowMs))];

    public IReadOnlyList<byte[]> Hidden => _hidden;

    public bool IsReady(UnitReads member) => member.Key(PrivateStorageUnit.KeyPurpose) is not null;

    public void Begin(UnitRun run)
    {
        var (nonce, first) = PolicyOf(0);
        run.Ask(Create(run, ++_nonce, nonce, first), _ =>
        {
            _policy = first;
            Workloads.Spread(run, Secrets, _ => Write(run, release: null));
            Write(run, run.Network.Directory.Genesis.TimeMs + (ulong)run.Duration + ReleaseMs);
        });
    }

    public Request Probe(UnitRun run, ulong nonce)
    {
        var (policy, made) = PolicyOf(nonce);
        return Create(run, nonce, policy, made);
    }

    public Request? SharedProbe(UnitRun run, ulong nonce) =>
        _written.Count > 0 && KeyOf(run) is { } key ? Read(run, nonce, key, _written[0].Secret, Surroundings.Client, out _) : null;

    public void CheckEnd(UnitRun run, UnitState state)
    {
        foreach (var (secret, reads) in _reads)
        {
            AuditEntry[] trail = [.. state.Data.Scan(StorageKeys.AuditPageOf(secret, 0)).Select(static entry => Canonical.Decode<AuditEntry>(entry.Value.Span))];
            Invariants.NothingLost.Require(
                trail.Count(static entry => entry.Refused.Length == 0) >= reads.Granted && trail.Count(static entry => entry.Refused.Length > 0) >= reads.Refused,
                () => $"the audit trail of secret {secret} lacks a read that was answered");
        }
    }

    private void Write(UnitRun run, ulong? release)
    {
        if (KeyOf(run) is not { } key)
        {
            run.After(Pause, () => Write(run, release));
            return;
        }
        var plaintext = new byte[PlaintextSize];
        _random.Fill(plaintext);
        if (release is null) _hidden.Add(plaintext);
        var owner = Surroundings.Client;
        var terms = new SecretLabel(
            default, new Digest(owner.PublicKey.Span), _policy!.Id, IsPinned: false, owner.PublicKey, release, default, default, Bytes.Empty);
        var secret = Secret.Seal(key, terms, plaintext, run.Network.Directory.ChainId, payload => owner.Sign(payload), _random);
        var field = new NamedValue(PrivateStorageTransactions.SecretField, Bytes.Wrap(Canonical.Encode(secret)));
        run.Ask(Workloads.Direct(run.Network, PrivateStorageTransactions.Write.Name, ++_nonce, field), done =>
        {
            if (release is not null && done.Receipt.Leaf.Status == ResultStatus.Ok) Open(run, secret, plaintext);
            if (release is not null) return;
            Invariants.NothingLost.Require(done.Receipt.Leaf.Status == ResultStatus.Ok, () => $"a secret could not be written: {done.Outputs.Find("message")?.ToText()}");
            _written.Add((secret, plaintext));
            Ask(run, key, secret, plaintext, Surroundings.Client);
            Ask(run, key, secret, plaintext, Surroundings.Stranger);
        });
    }

    private void Ask(UnitRun run, LongTermKey key, Secret secret, byte[] plaintext, SigningKey reader)
    {
        var request = Read(run, ++_nonce, key, secret, reader, out var ephemeral);
        run.Ask(request, done =>
        {
            var granted = done.Receipt.Leaf.Status == ResultStatus.Ok;
            Invariants.SecretsKept.Require(granted == (reader == Surroundings.Client), () => $"a read by {(granted ? "a stranger is granted" : "its reader is refused")}");
            var (before, refused) = _reads.GetValueOrDefault(secret.Id);
            _reads[secret.Id] = granted ? (before + 1, refused) : (before, refused + 1);
            if (!granted) return;
            using var dataKey = Point.TryDecode(done.Outputs.Find(PrivateStorageTransactions.Reencrypted)!.Value.Span, out var point)
                ? ephemeral.Open(key, secret.Key, secret.Label.ToBytes(), secret.Label.KeyCommitment, point) : null;
            Invariants.NothingLost.Require(
                dataKey is not null && secret.Decrypt(dataKey) is { } read && read.AsSpan().SequenceEqual(plaintext), () => "what a reader gets is not what was written");
        }, reader);
    }

    private void Open(UnitRun run, Secret secret, byte[] plaintext)
    {
        var field = new NamedValue(PrivateStorageTransactions.SecretField, new Bytes(secret.Id.Span));
        run.Ask(Workloads.Direct(run.Network, PrivateStorageTransactions.Open.Name, ++_nonce, field), done => Invariants.NothingLost.Require(
            Values.ReadEntries(done.Outputs.Find(PrivateStorageTransactions.OpenedField)!.Value.Span) is [var opened] && opened.Value == new Bytes(plaintext),
            () => "what is opened is not what was written"));
    }

    private Request.Direct Read(UnitRun run, ulong nonce, LongTermKey key, Secret secret, SigningKey reader, out ReaderKey ephemeral)
    {
        ephemeral = ReaderKey.Random(_random);
        var asked = SecretRequest.Create(key, secret.Id, reader.PublicKey, ephemeral, _random);
        return Workloads.Direct(
            run.Network, PrivateStorageTransactions.Read.Name, nonce, new NamedValue(PrivateStorageTransactions.RequestField, Bytes.Wrap(Canonical.Encode(asked))))
            with
        { Client = reader.PublicKey };
    }

    private static Request.Direct Create(UnitRun run, ulong number, Digest nonce, Policy policy) => Workloads.Direct(
        run.Network, PrivateStorageTransactions.Create.Name, number, new NamedValue(PrivateStorageTransactions.NonceField, new Bytes(nonce.Span)),
        new NamedValue(PrivateStorageTransactions.PolicyField, Bytes.Wrap(Canonical.Encode(policy))));

    private static (Digest Nonce, Policy Policy) PolicyOf(ulong number)
    {
        var nonce = Hash.H("simulated/policy", BitConverter.GetBytes(number));
        return (nonce, Policy.First(nonce, new PolicyRule(PolicyAction.Read, PolicyExpression.OfKeys(Surroundings.Client.PublicKey))));
    }

    private static LongTermKey? KeyOf(UnitRun run) => run.Reads?.Key(PrivateStorageUnit.KeyPurpose) is { } reading
        && GeneratedKey.FromOutputs(reading.Outputs) is { } key ? new LongTermKey(key.KeyId, key.Key.PublicKey) : null;
}
