namespace Protean.Runtime;

/// <summary>Refusals of a unit's member itself, before and around admission.</summary>
public static class Refusals
{
    /// <summary>What the receipt of a cancelled step says.</summary>
    public static (string Code, string Meaning) Cancelled { get; } = ("PRT-RUN-0005", "the step was cancelled when it could no longer run");

    public static Refusal Malformed(string unit, string what) => new(
        "PRT-RUN-0001", "the request's bytes are not canonical", unit, "a canonical request", what, Advice: "Build requests with the client library.");

    public static Refusal Busy(string unit) => new(
        "PRT-RUN-0002", "this member has too many requests waiting", unit, $"at most {Limits.MaxWaiting}", "more", Retry: true, Advice: "Ask another member, or wait.");

    public static Refusal ClientBusy(string unit) => new(
        "PRT-RUN-0006", "the client has too many requests waiting at this member", unit, $"at most {Limits.MaxWaitingOfClient}", "more", Retry: true,
        Advice: "Wait for the answers to some of them, then ask again.");

    public static Refusal Halted(string unit) => new(
        "PRT-RUN-0003", "this member has stopped, because a quorum's execution differs from its own", unit,
        Advice: "Ask another member. Its operator finds what it held under dumps in its data folder; with that folder moved away, the node fetches the state anew.");

    public static Refusal Forked(string unit) => new(
        "PRT-RUN-0007", "this member has stopped, because quorums have made two blocks final at one height", unit,
        "at most f faulty members", Advice: "Trust no seal of this unit from that height on; its evidence names who signed both.");

    public static Refusal KeyNotReady(string unit, string purpose, string progress) => new(
        "PRT-RUN-0004", $"the unit's key '{purpose}' is not generated yet", unit, "a generated key", progress, Retry: true, Advice: "Wait for key generation.");
}
