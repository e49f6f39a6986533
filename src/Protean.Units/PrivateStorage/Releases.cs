using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.PrivateStorage;

/// <summary>Secrets that are opened for everybody when they are due (protocols 5.4). Nothing is added to a set once its time has come, and
/// nothing is opened before: a block has one time.</summary>
internal static class Releases
{
    public static void Add(Call call, Digest group, ulong releaseMs, Digest secret)
    {
        var number = call.State.CountOne(StorageKeys.ReleaseCount(group, releaseMs), call.Height);
        call.State.Put(new MapEntry(StorageKeys.Released(group, releaseMs, number), call.Height, Bytes.Empty, new Bytes(secret.Span)));
    }

    public static Outcome Reveal(Call call)
    {
        var (group, release) = (call.Admitted.Instance!.Id, call.U64(PrivateStorageTransactions.ReleaseField));
        if (release > call.TimeMs) return NotDue(release, call.TimeMs);
        return call.State.Count(StorageKeys.ReleaseCount(group, release)) == 0
            ? new Outcome.Ok(PrivateStorageTransactions.Opened([], Bytes.Empty))
            : new Outcome.Pending(Bytes.Wrap([.. group.Span, .. call.Bytes(PrivateStorageTransactions.ReleaseField).Span]));
    }

    public static Outcome Open(Call call)
    {
        var id = call.Digest(PrivateStorageTransactions.SecretField);
        if (call.State.Find<Secret>(StorageKeys.Secret(id)) is not { } secret) return Failed(PrivateStorageTransactions.UnknownSecret);
        if (secret.Label.ReleaseMs is not { } release) return Failed(PrivateStorageTransactions.NotToBeOpened);
        return release > call.TimeMs ? NotDue(release, call.TimeMs) : new Outcome.Pending(new Bytes(id.Span));
    }

    /// <summary>The set that a pending result is about, in the order of the log.</summary>
    public static IReadOnlyList<Secret> Due(PendingResult pending)
    {
        var group = new Digest(pending.About.Span[..Digest.Size]);
        var release = BinaryPrimitives.ReadUInt64LittleEndian(pending.About.Span[Digest.Size..]);
        return [.. pending.State.Scan(StorageKeys.ReleasedPrefix(group, release)).Select(entry =>
            pending.State.Find<Secret>(StorageKeys.Secret(new Digest(entry.Value.Span)))!)];
    }

    private static Outcome.Failed Failed((string Code, string Meaning) why) => new(why.Code, why.Meaning);

    private static Outcome.Refused NotDue(ulong releaseMs, ulong nowMs) => new(new Refusal(
        PrivateStorageTransactions.NotDue.Code, PrivateStorageTransactions.NotDue.Meaning, Expected: $"block time {releaseMs}", Got: $"{nowMs}",
        Retry: true, Advice: "Ask again then."));
}
