using Protean.Codec;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.PrivateStorage;

/// <summary>A policy's next version, with what it is judged by.</summary>
/// <param name="Action">By which rule.</param>
/// <param name="Current">The version that counts; null where there is none.</param>
/// <param name="Next">What is asked for.</param>
public sealed record PolicyChange(PolicyAction Action, Policy? Current, Policy? Next, AdmittedRequest Admitted, MapView State);

/// <summary>What a change of a policy holds to (protocols 5.3).</summary>
public static class PolicyRules
{
    private const string Overtaken = "PRT-PST-0042";

    public static readonly (string Code, string Meaning) NotFirst = ("PRT-PST-0040", "what is created is a policy's first version, named by its nonce and rules");

    public static Requirements<PolicyChange> Checks { get; } = new(
        new("PRT-PST-0041", "the policy must exist", "Create it first.", static change => change.Current is null ? new Finding("nothing") : null),
        new(Overtaken, "the next version follows the one that counts", "Read the policy again.", static change =>
            change.Next!.Previous == change.Current!.Hash && change.Next.Version == change.Current.Version + 1
                ? null : new Finding($"version {change.Next.Version}", $"version {change.Current.Version + 1}"), Retry: true),
        new("PRT-PST-0043", "the policy must allow its change", "Get the signatures that its rule needs.", static change =>
            StoredPolicies.Judge(change.State, change.Current!, change.Action, change.Admitted) == PolicyVerdict.Granted
                ? null : new Finding($"{change.Admitted.Signers.Count} signatures", $"its rule to {NameOf(change.Action)}")),
        new("PRT-PST-0044", "the next version is within a policy's bounds", "Name a group by a policy of its own.", static change =>
            IsWithinBounds(change.Next!) ? null : new Finding("more", $"{Limits.MaxPolicyLeaves} leaves, {Limits.MaxRevoked} revoked keys")));

    /// <summary>Whether a refusal says that the policy has moved on.</summary>
    public static bool IsStale(Refusal refusal) => refusal.Code == Overtaken;

    private static string NameOf(PolicyAction action) => action switch
    {
        PolicyAction.Evolve => "evolve",
        PolicyAction.Delegate => "delegate",
        _ => "revoke",
    };

    // Bounds are those of the decoder.
    private static bool IsWithinBounds(Policy policy)
    {
        try
        {
            return Canonical.Decode<Policy>(Canonical.Encode(policy)) == policy;
        }
        catch (MalformedException)
        {
            return false;
        }
    }
}
