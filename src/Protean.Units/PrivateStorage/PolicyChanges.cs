using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Units.PrivateStorage;

/// <summary>Makes policies and their next versions (protocols 5.3).</summary>
internal static class PolicyChanges
{
    public static Outcome Create(Call call) => Decoded(() =>
    {
        var policy = Canonical.Decode<Policy>(call.Bytes(PrivateStorageTransactions.PolicyField).Span);
        if (policy != Policy.First(call.Digest(PrivateStorageTransactions.NonceField), policy.Rules))
            return new Outcome.Failed(PolicyRules.NotFirst.Code, PolicyRules.NotFirst.Meaning);
        if (StoredPolicies.Latest(call.State, policy.Id) is null) Keep(call, policy);
        return CallOutcomes.Ok(CallOutcomes.Output(PrivateStorageTransactions.PolicyField, policy.Id));
    });

    public static Outcome Evolve(Call call) => Decoded(() =>
    {
        var next = Canonical.Decode<Policy>(call.Bytes(PrivateStorageTransactions.PolicyField).Span);
        return Change(call, PolicyAction.Evolve, next.Id, _ => next);
    });

    public static Outcome Delegate(Call call) => Decoded(() =>
    {
        var reader = Canonical.Decode<PolicyExpression>(call.Bytes(PrivateStorageTransactions.ReaderField).Span);
        return Change(call, PolicyAction.Delegate, call.Digest(PrivateStorageTransactions.PolicyField), policy => policy.WithReader(reader));
    });

    public static Outcome Revoke(Call call) => Change(
        call, PolicyAction.Revoke, call.Digest(PrivateStorageTransactions.PolicyField),
        policy => policy.Without(call.Key(PrivateStorageTransactions.KeyField)));

    private static Outcome Change(Call call, PolicyAction action, Digest id, Func<Policy, Policy> next)
    {
        var current = StoredPolicies.Latest(call.State, id);
        var change = new PolicyChange(action, current, current is null ? null : next(current), call.Admitted, call.State);
        if (PolicyRules.Checks.FirstRefusal(change, $"policy {id}") is { } refusal)
            return PolicyRules.IsStale(refusal) ? CallOutcomes.Stale(refusal) : CallOutcomes.Failed(refusal);
        Keep(call, change.Next!);
        return CallOutcomes.Ok(CallOutcomes.Output(PrivateStorageTransactions.VersionField, change.Next!.Version));
    }

    // Each version stays under its own hash: for secrets that are pinned to it, and for auditors.
    private static void Keep(Call call, Policy policy)
    {
        call.State.Keep(StorageKeys.Policy(policy.Id), call.Height, policy);
        call.State.Keep(StorageKeys.PolicyVersion(policy.Hash), call.Height, policy);
    }

    private static Outcome Decoded(Func<Outcome> change)
    {
        try
        {
            return change();
        }
        catch (MalformedException malformed)
        {
            return CallOutcomes.Malformed("PRT-PST-0005", "the policy is malformed", malformed);
        }
    }
}
