using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;
using Protean.Workflows;

namespace Protean.Units.State;

/// <summary>One change asked for, with what it is judged by.</summary>
/// <param name="Change">What is asked.</param>
/// <param name="Signers">Whose signatures under the request were checked.</param>
/// <param name="Entry">What stands under the key; null where it is absent.</param>
public sealed record WriteCase(Change Change, IReadOnlyCollection<PublicKey> Signers, MapEntry? Entry)
{
    /// <summary>Who may make this change; null where nobody may.</summary>
    public KeyExpression? Needed => Entry is null
        ? UserKeys.HolderOf(Change.Key) is { } holder ? new KeyExpression.Key(holder) : null
        : Canonical.Decode<Owner>(Entry.Owner.Span) is Owner.Keys keys ? keys.Expression : null;
}

/// <summary>What an owner-signed change holds to (protocols 8.6).</summary>
public static class WriteRules
{
    private const string VersionChanged = "PRT-STA-0111";

    public static Requirements<WriteCase> Checks { get; } = new(
        new("PRT-STA-0109", "users write under their own names: u/ key / path", "Write under your own key.", Outside),
        new("PRT-STA-0110", "the entry's owner must sign its change", "Get the owners' signatures; a frozen entry never changes.",
            Unsigned),
        new(VersionChanged, "the entry must still be as its writer saw it", "Read the entry again.", Changed, Retry: true));

    /// <summary>Whether a refusal says that state has moved on.</summary>
    public static bool IsStale(Refusal refusal) => refusal.Code == VersionChanged;

    private static Finding? Outside(WriteCase write) =>
        UserKeys.HolderOf(write.Change.Key) is null ? new Finding($"key {write.Change.Key}", "a key under u/") : null;

    private static Finding? Unsigned(WriteCase write) => write.Needed?.IsMetBy(write.Signers) == true
        ? null
        : new Finding($"{write.Signers.Count} signatures", write.Needed?.ToString() ?? "a frozen entry");

    private static Finding? Changed(WriteCase write) => write.Entry?.Version == write.Change.Expected
        ? null
        : new Finding(CommitRules.NameOf(write.Entry?.Version), CommitRules.NameOf(write.Change.Expected));
}
