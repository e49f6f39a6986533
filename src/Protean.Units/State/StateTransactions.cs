using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units.Contracts;
using Protean.Workflows;

namespace Protean.Units.State;

/// <summary>What the state unit offers.</summary>
public static class StateTransactions
{
    public static Transaction Publish { get; } = new(
        "publish", "Keeps a workflow's canonical text, frozen, under its hash. The same text again changes nothing.",
        [new("workflow", ValueKind.Bytes, "The canonical workflow.")],
        [new("codeHash", ValueKind.Digest, "What instances pin.")],
        Direct: true, Infallible: false, Pending: false,
        [],
        [new("workflow", Bytes.Empty)]);

    public static Transaction Create { get; } = new(
        "create", "Keeps an instance, frozen, under its hash. The same instance again changes nothing.",
        [new("instance", ValueKind.Bytes, "The canonical instance; its creator asks.")],
        [new("instanceId", ValueKind.Digest, "Names the instance everywhere.")],
        Direct: true, Infallible: false, Pending: false,
        [.. InstanceRules.Checks.Select(static check => (check.Code, check.What))],
        [new("instance", Bytes.Empty)]);

    public static Transaction Write { get; } = new(
        "write", "Changes users' entries, all or none, if each is still as its writer saw it.",
        [new("change", ValueKind.Bytes, "A canonical change; in strictly ascending order of keys.", Repeated: true)],
        [new("version", ValueKind.U64, "The version of every entry written.")],
        Direct: true, Infallible: false, Pending: false,
        [.. WriteRules.Checks.Select(static check => (check.Code, check.What))],
        [new("change", Bytes.Wrap(Canonical.Encode(
            new Change(UserKeys.Full(new PublicKey(new byte[PublicKey.Size]), "name"u8), null, Bytes.Of("value")))))]);

    public static Transaction Commit { get; } = new(
        "commit", "Makes the effects of contract calls, all or none, if nothing that they read has changed.",
        [new("effects", ValueKind.Effects, "The output of a call, by its receipt.", Repeated: true)],
        [new("version", ValueKind.U64, "The version of every entry written.")],
        Direct: false, Infallible: false, Pending: false,
        [.. CommitRules.Checks.Select(static check => (check.Code, check.What)), StateUnit.MalformedEffects],
        [new("effects", Bytes.Wrap(Canonical.Encode(new Effects([], [], [], Bytes.Empty))))]);

    public static IReadOnlyList<Transaction> All { get; } = [Publish, Create, Write, Commit];
}
