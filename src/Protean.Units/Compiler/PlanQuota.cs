using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.Compiler;

/// <summary>What plans a client may still have in this epoch, by their steps: each may leave a replay entry at a unit while the plan lives (protocols
/// 8.4). Counted under <c>"plans/" || u64 epoch, big-endian || client[32]</c>.</summary>
internal static class PlanQuota
{
    /// <summary>A plan takes out more old counters than the one it may add.</summary>
    private const int PrunedPerPlan = 4;

    private static readonly Bytes Prefix = Bytes.Of("plans/");

    /// <returns>Null, and so many steps fewer are left; or why there is no plan.</returns>
    public static Refusal? Debit(MapEdit state, ulong epoch, PublicKey client, ulong steps, ulong version)
    {
        Prune(state, epoch);
        var key = Key(epoch, client);
        var used = state.Get(key) is { } entry ? BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : 0;
        if (used + steps > Limits.PlanStepsPerEpoch)
            return new Refusal("PRT-CMP-0114", "the client has had its plans of this epoch",
                Expected: $"at most {Limits.PlanStepsPerEpoch} steps until epoch {epoch + 1}", Got: $"{used} steps and {steps} more",
                Retry: true, Advice: "Wait for the next epoch.");
        state.Put(new MapEntry(key, version, Bytes.Empty, Values.OfU64(used + steps)));
        return null;
    }

    private static void Prune(MapEdit state, ulong epoch)
    {
        var old = state.Scan(Prefix).Take(PrunedPerPlan).Where(entry => EpochOf(entry.Key) < epoch).ToArray();
        foreach (var entry in old) state.Delete(entry.Key);
    }

    private static Bytes Key(ulong epoch, PublicKey client)
    {
        var key = new byte[Prefix.Length + sizeof(ulong) + PublicKey.Size];
        Prefix.Span.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(Prefix.Length), epoch);
        client.Span.CopyTo(key.AsSpan(Prefix.Length + sizeof(ulong)));
        return Bytes.Wrap(key);
    }

    private static ulong EpochOf(Bytes key) => BinaryPrimitives.ReadUInt64BigEndian(key.Span[Prefix.Length..]);
}
