using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units;

/// <summary>How calls end, from what a unit has in hand.</summary>
internal static class CallOutcomes
{
    public static Outcome Ok(params ReadOnlySpan<NamedValue> outputs) => new Outcome.Ok(new Outputs(outputs.ToArray()));

    /// <summary>A check of the unit's own failed: a sealed failure, since whether it holds depends on the unit's state.</summary>
    public static Outcome.Failed Failed(Refusal refusal) => new Outcome.Failed(refusal.Code, MessageOf(refusal));

    /// <summary>What the request builds on has changed.</summary>
    public static Outcome Stale(Refusal refusal) => new Outcome.Stale(refusal.Code, MessageOf(refusal));

    /// <summary>An input is not the canonical form of anything: the request could have known, so nothing is used up.</summary>
    public static Outcome Malformed(string code, string what, MalformedException malformed) =>
        new Outcome.Refused(new Refusal(code, what, Expected: "the canonical form", Got: malformed.Message,
            Advice: "Build it with the client library."));

    public static NamedValue Output(string name, Digest value) => new(name, new Bytes(value.Span));
    public static NamedValue Output(string name, ulong value) => new(name, Values.OfU64(value));

    private static string MessageOf(Refusal refusal) => refusal.ToString()[(refusal.Code.Length + 2)..];
}
