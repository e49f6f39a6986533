using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.PrivateStorage;

/// <summary>A secret to be kept, with what it is judged by.</summary>
/// <param name="TimeMs">Of the block.</param>
public sealed record WriteCase(
    Secret Secret, AdmittedRequest Admitted, LongTermKey Key, UnitContext Unit, ISignatureScheme Scheme, MapView State, ulong TimeMs)
{
    public SecretLabel Label => Secret.Label;

    /// <summary>The run of an application, or the owner's own secrets.</summary>
    public Digest Group => Admitted.Instance?.Id ?? new Digest(Label.Owner.Span);
}

/// <summary>What a write holds to (protocols 5.1), cheap checks first.</summary>
public static class WriteRules
{
    public static Requirements<WriteCase> Checks { get; } = new(
        new("PRT-PST-0011", "a secret is sealed under the unit's key", "Ask the unit for its key.", static write =>
            Differs(write.Label.KeyId, write.Key.KeyId)),
        new("PRT-PST-0012", "a secret belongs to the run that it is written in, or else to its owner", "Name the instance, or without one the owner's key.",
            static write => Differs(write.Label.Group, write.Group)),
        new("PRT-PST-0013", "a secret's owner signs the request", "Let the owner write it.", static write =>
            write.Admitted.Signers.Contains(write.Label.Owner) ? null : new Finding("no signature", $"{write.Label.Owner}")),
        new("PRT-PST-0014", "a secret's policy must exist", "Create the policy first.", static write =>
            !write.Label.HasNoReaders && StoredPolicies.Of(write.State, write.Label) is null
            ? new Finding($"{write.Label.PolicyId}", write.Label.IsPinned ? "a version of a policy" : "a policy") : null),
        new("PRT-PST-0015", "what is opened later is written before", "Choose a later time.", static write =>
            write.Label.ReleaseMs is { } release && release <= write.TimeMs ? new Finding($"{release} ms", $"after {write.TimeMs} ms of block time") : null),
        new("PRT-PST-0016", "only so many secrets are opened together", "Choose another time.", static write =>
            write.Label.ReleaseMs is { } release && write.State.Count(StorageKeys.ReleaseCount(write.Label.Group, release)) >= Limits.MaxReleased
                ? new Finding("no room", $"at most {Limits.MaxReleased}") : null),
        new("PRT-PST-0017", "what is opened with others is short, and here", "Put the hash of longer data into it.", static write =>
            write.Label.ReleaseMs is not null && write.Secret.Data.Ciphertext is not { Length: <= Limits.MaxReleasedData + DataKey.Overhead }
                ? new Finding($"{write.Secret.Data.Ciphertext?.Length} bytes", $"at most {Limits.MaxReleasedData + DataKey.Overhead}") : null),
        new("PRT-PST-0018", "the data is what the label says", "Seal it again.", static write =>
            write.Secret.Data.HashHere is { } hash ? Differs(hash, write.Label.DataHash) : null),
        new("PRT-PST-0019", "an encryption is written once", "Seal it again: what was written stays.", static write =>
            write.State.Get(StorageKeys.Encryption(write.Secret.Key.U)) is null ? null : new Finding($"{write.Secret.Key.U}")),
        new("PRT-PST-0020", "the owner's signature must hold", "Let the owner sign the secret's id.", static write => write.Scheme.Verify(
            write.Label.Owner, Secret.SignedPayload(write.Unit.ChainId, write.Secret.Id), write.Secret.OwnerSignature) ? null : new Finding()),
        new("PRT-PST-0021", "the encryption must be proven for its label", "Seal it with the client library.", static write =>
            write.Secret.Key.Refusal(write.Key, write.Label.ToBytes()) is { } code ? new Finding(code) : null));

    private static Finding? Differs(Digest got, Digest expected) => got == expected ? null : new Finding($"{got}", $"{expected}");
}
