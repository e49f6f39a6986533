namespace Protean.Runtime;

/// <summary>Refusals of a unit's member itself, before and around admission.</summary>
public static class Refusals
{
    public static Refusal Malformed(string unit, string what) => new(
        "PRT-RUN-0001", "the request's bytes are not canonical", unit, "a canonical request", what, Advice: "Build requests with the client library.");

    public static Refusal Busy(string unit) => new(
        "PRT-RUN-0002", "this member has too many requests waiting", unit, $"at most {Limits.MaxWaiting}", "more", Retry: true, Advice: "Ask another member, or wait.");

    public static Refusal Halted(string unit) => new(
        "PRT-RUN-0003", "this member has stopped, because a quorum's execution differs from its own", unit, Advice: "Ask another member; its operator must look into it.");

    public static Refusal KeyNotReady(string unit, string purpose, string progress) => new(
        "PRT-RUN-0004", $"the unit's key '{purpose}' is not generated yet", unit, "a generated key", progress, Retry: true, Advice: "Wait for key generation.");
}
