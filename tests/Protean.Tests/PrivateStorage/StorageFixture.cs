using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Tests.Randomness;
using Protean.Tests.Units;
using Protean.Units;
using Protean.Units.PrivateStorage;
using Xunit;

namespace Protean.Tests.PrivateStorage;

/// <summary>A private-storage unit of four, without a log around it, with users who write and read.</summary>
internal sealed class StorageFixture
{
    private static readonly Lazy<ThresholdKey[]> Generated = new(() => RandomnessTests.KeysOf(members: 4, seed: 3));

    public StorageFixture()
    {
        Unit = new TestUnit(new TestNetwork(), new PrivateStorageUnit());
        Unit.Keys.Add(PrivateStorageUnit.KeyPurpose, Keys[0]);
        Key = new LongTermKey(Keys[0].KeyId, Keys[0].Public.PublicKey);
    }

    public static SigningKey Alice { get; } = TestNetwork.Key(1);
    public static SigningKey Bob { get; } = TestNetwork.Key(2);
    public static SigningKey Carol { get; } = TestNetwork.Key(3);

    public TestUnit Unit { get; }
    public LongTermKey Key { get; }
    public static IReadOnlyList<ThresholdKey> Keys => Generated.Value;

    /// <summary>Block time of the next call.</summary>
    public ulong Now => (Unit.Height + 1) * 1000;

    /// <summary>A policy by which the readers read and Alice does everything else.</summary>
    public Policy Readers(params PublicKey[] readers) => Create(
        new(PolicyAction.Read, PolicyExpression.OfKeys(readers)), new(PolicyAction.Evolve, Only(Alice)), new(PolicyAction.Delegate, Only(Alice)),
        new(PolicyAction.Revoke, Only(Alice)));

    public Policy Create(params PolicyRule[] rules)
    {
        var nonce = Hash.H("test/nonce", BitConverter.GetBytes(Unit.Height));
        var policy = Policy.First(nonce, rules);
        Assert.Equal(policy.Id, Unit.Direct("create", Alice.PublicKey, [new("nonce", new Bytes(nonce.Span)), Bytes("policy", policy)]).Digest("policy"));
        return policy;
    }

    public static PolicyExpression Only(SigningKey key) => new PolicyExpression.Key(key.PublicKey);

    public Secret Seal(
        SigningKey owner, Digest policy, string text = "secret", ulong? release = null, Digest? group = null, Func<SecretLabel, SecretLabel>? change = null)
    {
        var terms = new SecretLabel(
            Digest.Zero, group ?? new Digest(owner.PublicKey.Span), policy, false, owner.PublicKey, release, Digest.Zero, Digest.Zero, Protean.Codec.Bytes.Empty);
        return Secret.Seal(
            Key, change?.Invoke(terms) ?? terms, System.Text.Encoding.UTF8.GetBytes(text), Unit.Network.ChainId, payload => owner.Sign(payload), Unit.Random);
    }

    public Outcome Write(SigningKey by, Secret secret) => Unit.Direct("write", by.PublicKey, [Bytes("secret", secret)]);

    public Secret Written(SigningKey owner, Digest policy, string text = "secret", ulong? release = null)
    {
        var secret = Seal(owner, policy, text, release);
        Assert.Equal(secret.Id, Write(owner, secret).Digest("secret"));
        return secret;
    }

    public SecretRequest Ask(Secret secret, SigningKey reader, ReaderKey ephemeral) =>
        SecretRequest.Create(Key, secret.Id, reader.PublicKey, ephemeral, Unit.Random);

    public Outcome Read(SecretRequest request, SigningKey by, params IReadOnlyList<PublicKey> others) =>
        Unit.Direct("read", by.PublicKey, [Bytes("request", request)], null, others);

    /// <summary>Reads to the end.</summary>
    /// <returns>Null where it is not granted.</returns>
    public string? Get(Secret secret, SigningKey reader, params IReadOnlyList<PublicKey> others)
    {
        using var ephemeral = ReaderKey.Random(Unit.Random);
        if (Read(Ask(secret, reader, ephemeral), reader, others) is not Outcome.Pending pending) return null;
        var result = Together("read", pending);
        Assert.True(Point.TryDecode(result.Find("reencrypted")!.Value.Span, out var reencrypted));
        using var dataKey = ephemeral.Open(Key, secret.Key, secret.Label.ToBytes(), secret.Label.KeyCommitment, reencrypted);
        return dataKey is null ? null : System.Text.Encoding.UTF8.GetString(secret.Decrypt(dataKey)!);
    }

    /// <summary>What t members find.</summary>
    public Outputs Together(string function, Outcome.Pending pending)
    {
        var result = Member(function, pending, 0);
        for (var other = 1; result.Result is null; other++) Assert.True(result.Accept(Keys[other].Self, Member(function, pending, other).OwnShare!.Value));
        return result.Result;
    }

    public ISharedResult Member(string function, Outcome.Pending pending, int who)
    {
        Unit.Keys[PrivateStorageUnit.KeyPurpose] = Keys[who];
        var result = Unit.Pending[function](new PendingResult(Digest.Zero, Digest.Zero, function, pending.About, Unit.State));
        Unit.Keys[PrivateStorageUnit.KeyPurpose] = Keys[0];
        return result;
    }

    public IReadOnlyList<AuditEntry> Trail(Secret secret) =>
        [.. Unit.State.Scan(StorageKeys.AuditPageOf(secret.Id, 0)).Select(static entry => Canonical.Decode<AuditEntry>(entry.Value.Span))];

    public static NamedValue Bytes<T>(string name, T value) where T : ICanonical<T> => new(name, Protean.Codec.Bytes.Wrap(Canonical.Encode(value)));
}
