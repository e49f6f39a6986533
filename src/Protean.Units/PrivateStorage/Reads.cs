using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.PrivateStorage;

/// <summary>Reads of secrets, decided and recorded in the log, served by members together (protocols 5.2).</summary>
internal static class Reads
{
    public static Outcome Ask(Call call, LongTermKey key)
    {
        SecretRequest request;
        try
        {
            request = Canonical.Decode<SecretRequest>(call.Bytes(PrivateStorageTransactions.RequestField).Span);
        }
        catch (MalformedException malformed)
        {
            return CallOutcomes.Malformed("PRT-PST-0004", "the request to read is malformed", malformed);
        }
        if (call.State.Find<Secret>(StorageKeys.Secret(request.SecretId)) is not { } secret)
            return new Outcome.Failed(PrivateStorageTransactions.UnknownSecret.Code, PrivateStorageTransactions.UnknownSecret.Meaning);
        var refusal = ReadRules.Checks.FirstRefusal(new ReadCase(request, secret, call.Admitted, key, call.State));
        Record(call, request, secret, refusal?.Code ?? "");
        return refusal is null
            ? new Outcome.Pending(Bytes.Wrap(Canonical.Encode(request)))
            : CallOutcomes.Failed(refusal) with { Recorded = true };
    }

    public static ISharedResult Serve(PendingResult pending, ThresholdKey key, IRandom random)
    {
        var request = Canonical.Decode<SecretRequest>(pending.About.Span);
        var secret = pending.State.Find<Secret>(StorageKeys.Secret(request.SecretId))!;
        var reencryption = secret.Key.Reencryption(request.SecretId, request.Id, request.Proven.Key, key.Public, SodiumMultiScalar.Instance);
        return new SharedMultipleResult(
            key, reencryption, static value => new Outputs([new(PrivateStorageTransactions.Reencrypted, new Bytes(value.Span))]), random);
    }

    private static void Record(Call call, SecretRequest request, Secret secret, string refused)
    {
        var number = call.State.CountOne(StorageKeys.AuditCount(request.SecretId), call.Height);
        call.State.Keep(StorageKeys.Audit(request.SecretId, number), call.Height, new AuditEntry(
            call.Height, call.TimeMs, request.Id, [.. call.Admitted.Signers.Order()], StoredPolicies.Of(call.State, secret.Label)?.Hash ?? Digest.Zero,
            refused, call.Admitted.ReplayKey));
    }
}
