using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.PrivateStorage;

/// <summary>A request to read a secret that is there, with what it is judged by.</summary>
public sealed record ReadCase(SecretRequest Request, Secret Secret, AdmittedRequest Admitted, LongTermKey Key, MapView State)
{
    /// <summary>What the policy says, as it stands at this place in the log.</summary>
    public PolicyVerdict Verdict { get; } = StoredPolicies.Of(State, Secret.Label) is { } policy
        ? StoredPolicies.Judge(State, policy, PolicyAction.Read, Admitted) : PolicyVerdict.Denied;
}

/// <summary>What a read holds to (protocols 5.2). Whichever check fails, the audit trail has it.</summary>
public static class ReadRules
{
    public static Requirements<ReadCase> Checks { get; } = new(
        new("PRT-PST-0032", "a secret is asked for under the unit's key", "Ask the unit for its key.", static read =>
            read.Request.KeyId == read.Key.KeyId ? null : new Finding($"{read.Request.KeyId}", $"{read.Key.KeyId}")),
        new("PRT-PST-0033", "what is opened for everybody is not read before", "Wait for its time, then open it.", static read =>
            read.Secret.Label.ReleaseMs is { } release ? new Finding("a read", $"to be opened at {release} ms of block time") : null),
        new("PRT-PST-0034", "the reader that the request names signs it", "Ask for yourself.", static read =>
            read.Admitted.Signers.Contains(read.Request.Reader) ? null : new Finding("no signature", $"{read.Request.Reader}")),
        new("PRT-PST-0035", "the reader's key must be proven, for this request", "Make the request with the client library.", static read =>
            read.Request.Proven.Refusal(read.Key, read.Request.Context, read.Secret.Key) is { } code ? new Finding(code) : null),
        new("PRT-PST-0036", "the policy must grant the read", "Ask who may delegate.", static read => read.Verdict switch
        {
            PolicyVerdict.Granted => null,
            PolicyVerdict.TooLarge => new Finding(
                "a policy beyond its bounds", $"{Limits.MaxPolicyLeaves} leaves and a depth of {Limits.MaxPolicyDepth} at most"),
            _ => new Finding($"{read.Admitted.Signers.Count} signatures", $"what policy {read.Secret.Label.PolicyId} asks for"),
        }));
}
