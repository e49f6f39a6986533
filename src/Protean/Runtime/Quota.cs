using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.State;

namespace Protean.Runtime;

/// <summary>What requests are counted against (protocols 8.4): a client's direct requests against a window of block time, a step of a plan against
/// itself.</summary>
/// <param name="Until">Until when it counts: the end of the window in milliseconds, or the last epoch of the plan.</param>
/// <param name="IsStep">Which of the two.</param>
/// <param name="Subject">Of what.</param>
public sealed record Quota(ulong Until, bool IsStep, Digest Subject)
{
    /// <summary>A client's requests without a plan, at one unit.</summary>
    public static Quota OfDirect(PublicKey client, ulong timeMs) =>
        new(((timeMs / Limits.QuotaWindowMs) + 1) * Limits.QuotaWindowMs, false, new Digest(client.Span));

    /// <summary>A step of a plan. What those signed who may ask for it is counted apart from what anybody can send, so that nobody uses up what
    /// belongs to another.</summary>
    public static Quota OfStep(Workflows.Plan plan, ushort step, bool isSigned) => new(
        plan.LastEpoch, true,
        Hash.H("protean/quota/v1", new Encoder().Digest(plan.Digest).U16(step).Bool(isSigned).Written));

    /// <summary>Refused after their execution, at most.</summary>
    public int MaxRefused => IsStep ? Limits.RefusedPerStep : Limits.RefusedPerWindow;
}

/// <summary>How much of a quota is used up.</summary>
/// <param name="Done">Direct requests that left a result.</param>
/// <param name="Refused">Requests that execution refused, each once however often it came: whoever sends another's request again uses up
/// nothing.</param>
public sealed record Usage(ulong Done, IReadOnlyList<Digest> Refused) : ICanonical<Usage>
{
    public static Usage None { get; } = new(0, []);

    public void Encode(Encoder to) => to.U64(Done).List(Refused, static (e, digest) => e.Digest(digest));

    public static Usage Decode(ref Decoder from) =>
        new(from.U64(), from.List(Limits.RefusedPerWindow, static (ref Decoder d) => d.Digest()));

    public bool Equals(Usage? other) => other is not null && Done == other.Done && Refused.SequenceEqual(other.Refused);
    public override int GetHashCode() => Done.GetHashCode() ^ Refused.Count;
}

/// <summary>Counts against quotas, beside the replay entries: <c>"@d/"</c> or <c>"@s/"</c>, <c>|| u64 until, big-endian || subject[32]</c>. No replay key is as
/// long.</summary>
public static class Quotas
{
    /// <summary>A first count takes out more that is past than the one it adds.</summary>
    private const int PrunedPerCount = 4;

    private static readonly Bytes DirectPrefix = Bytes.Of("@d/"), StepPrefix = Bytes.Of("@s/");

    public static Usage Of(MapView replay, Quota quota) =>
        replay.Get(KeyOf(quota)) is { } entry ? Canonical.Decode<Usage>(entry.Value.Span) : Usage.None;

    /// <summary>A direct request has left a result.</summary>
    public static void CountDone(MapEdit replay, Quota quota, ulong height, ulong timeMs)
    {
        var usage = ToCount(replay, quota, timeMs);
        Put(replay, quota, usage with { Done = usage.Done + 1 }, height);
    }

    /// <summary>A request was executed and refused.</summary>
    public static void CountRefused(MapEdit replay, Quota quota, Digest request, ulong height, ulong timeMs)
    {
        var usage = ToCount(replay, quota, timeMs);
        if (!usage.Refused.Contains(request)) Put(replay, quota, usage with { Refused = [.. usage.Refused, request] }, height);
    }

    /// <summary>Takes out some of what is counted of plans that are past, the oldest first.</summary>
    public static void Prune(MapEdit replay, ulong epoch) => Prune(replay, StepPrefix, epoch, Limits.MaxDeletedPerBlock);

    private static Usage ToCount(MapEdit replay, Quota quota, ulong timeMs)
    {
        var usage = Of(replay, quota);
        if (usage == Usage.None) Prune(replay, DirectPrefix, timeMs, PrunedPerCount);
        return usage;
    }

    private static void Prune(MapEdit replay, Bytes prefix, ulong now, int atMost)
    {
        var past = replay.Scan(prefix).Take(atMost).TakeWhile(entry => UntilOf(entry.Key) < now).ToArray();
        foreach (var entry in past) replay.Delete(entry.Key);
    }

    private static void Put(MapEdit replay, Quota quota, Usage usage, ulong height) =>
        replay.Put(new MapEntry(KeyOf(quota), height, Bytes.Empty, Bytes.Wrap(Canonical.Encode(usage))));

    private static Bytes KeyOf(Quota quota)
    {
        var prefix = quota.IsStep ? StepPrefix : DirectPrefix;
        var key = new byte[prefix.Length + sizeof(ulong) + Digest.Size];
        prefix.Span.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(prefix.Length), quota.Until);
        quota.Subject.Span.CopyTo(key.AsSpan(prefix.Length + sizeof(ulong)));
        return Bytes.Wrap(key);
    }

    private static ulong UntilOf(Bytes key) => BinaryPrimitives.ReadUInt64BigEndian(key.Span[DirectPrefix.Length..]);
}
