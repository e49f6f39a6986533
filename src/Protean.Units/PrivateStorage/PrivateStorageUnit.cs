using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.PrivateStorage;

/// <summary>Secrets shared under policies, with an audit trail, and secrets opened together when due (paper 3.3, Calypso; protocols 5).</summary>
public sealed class PrivateStorageUnit : IFunctionalUnit
{
    /// <summary>The purpose of the unit's long-term key: secrets, and nothing else.</summary>
    public const string KeyPurpose = "secrets";

    public string Name => "private-storage";
    public IReadOnlyList<Transaction> Transactions => PrivateStorageTransactions.All;
    public IReadOnlyList<string> KeyPurposes => [KeyPurpose];

    public void Join(IMembership membership)
    {
        HandleSecrets(membership);
        var (reveal, open) = (PrivateStorageTransactions.Reveal.Name, PrivateStorageTransactions.Open.Name);
        membership.Handle(reveal, call => membership.Key(KeyPurpose) is null ? NoKey() : Releases.Reveal(call));
        membership.Handle(open, call => membership.Key(KeyPurpose) is null ? NoKey() : Releases.Open(call));
        membership.HandlePending(reveal, pending => Opened(membership, Releases.Due(pending)));
        membership.HandlePending(open, pending => Opened(membership, [pending.State.Find<Secret>(StorageKeys.Secret(new Digest(pending.About.Span)))!]));
        membership.Handle(PrivateStorageTransactions.Create.Name, PolicyChanges.Create);
        membership.Handle(PrivateStorageTransactions.Evolve.Name, PolicyChanges.Evolve);
        membership.Handle(PrivateStorageTransactions.Delegate.Name, PolicyChanges.Delegate);
        membership.Handle(PrivateStorageTransactions.Revoke.Name, PolicyChanges.Revoke);
    }

    private static void HandleSecrets(IMembership membership)
    {
        var read = PrivateStorageTransactions.Read.Name;
        membership.Handle(PrivateStorageTransactions.Write.Name, call =>
            membership.Key(KeyPurpose) is { } key ? Write(call, KeyOf(key), membership) : NoKey());
        membership.Handle(read, call => membership.Key(KeyPurpose) is { } key ? Reads.Ask(call, KeyOf(key)) : NoKey());
        membership.HandlePending(read, pending => Reads.Serve(pending, Key(membership), membership.Random));
    }

    private static Outcome Write(Call call, LongTermKey key, IMembership membership)
    {
        Secret secret;
        try
        {
            secret = Canonical.Decode<Secret>(call.Bytes(PrivateStorageTransactions.SecretField).Span);
        }
        catch (MalformedException malformed)
        {
            return CallOutcomes.Malformed("PRT-PST-0003", "the secret is malformed", malformed);
        }
        var write = new WriteCase(secret, call.Admitted, key, membership.Context, membership.Scheme, call.State, call.TimeMs);
        if (WriteRules.Checks.FirstRefusal(write) is { } refusal) return CallOutcomes.Failed(refusal);
        var id = secret.Id;
        call.State.Keep(StorageKeys.Secret(id), call.Height, secret);
        call.State.Put(new MapEntry(StorageKeys.Encryption(secret.Key.U), call.Height, Bytes.Empty, new Bytes(id.Span)));
        if (secret.Label.ReleaseMs is { } release) Releases.Add(call, secret.Label.Group, release, id);
        return CallOutcomes.Ok(CallOutcomes.Output(PrivateStorageTransactions.SecretField, id));
    }

    private static OpenedTogether Opened(IMembership membership, IReadOnlyList<Secret> secrets) =>
        new(Key(membership), membership.Context.Epoch, secrets, membership.Random);

    private static LongTermKey KeyOf(ThresholdKey key) => new(key.KeyId, key.Public.PublicKey);

    // What is pending was admitted with the key there, and keys stay.
    private static ThresholdKey Key(IMembership membership) => membership.Key(KeyPurpose)!;

    private static Outcome.Refused NoKey() => new(new Refusal(
        PrivateStorageTransactions.NoKey.Code, PrivateStorageTransactions.NoKey.Meaning, Expected: $"the key '{KeyPurpose}'",
        Got: "its generation is under way", Retry: true,
        Advice: "Ask again in a few seconds; the unit's status says which members it waits for."));
}
