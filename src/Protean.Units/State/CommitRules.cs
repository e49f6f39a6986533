using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Units.Contracts;
using Protean.Workflows;

namespace Protean.Units.State;

/// <summary>One contract call whose effects are to be made.</summary>
/// <param name="Origin">The result that the effects are an output of; null where they come from anywhere else.</param>
/// <param name="Effects">What the call read and wrote.</param>
/// <param name="LastEpoch">The last epoch in which anyone can show this result to a commit.</param>
public sealed record CommittedCall(ResultOrigin? Origin, Effects Effects, ulong LastEpoch)
{
    /// <exception cref="MalformedException">The effects are not canonical.</exception>
    public static CommittedCall Of(AdmittedInput input, Plan plan) =>
        new(input.Origin, Canonical.Decode<Effects>(input.Value.Span), LastEpochOf(input.Origin, plan));

    public Digest ExecutionUnit => Origin?.UnitId ?? Digest.Zero;
    public Digest LeafHash => Origin?.Leaf.Hash ?? Digest.Zero;
    public Bytes AppliedKey => AppliedEffects.Key(LastEpoch, LeafHash);

    // A result of the plan itself serves this plan only, and what makes up for a failure may run one epoch longer; a once-only result
    // serves every plan of the instance (protocols 8.2 C3, 8.3).
    private static ulong LastEpochOf(ResultOrigin? origin, Plan plan) =>
        origin?.Leaf is { } leaf && leaf.PlanDigest == plan.Digest
            && plan.Workflow.Steps.ElementAtOrDefault(leaf.TxIndex)?.Scope == Scope.Plan
            ? plan.ExpiryEpoch + 1
            : plan.Instance.CloseEpoch + 1;
}

/// <summary>A commit with what it is judged by.</summary>
/// <param name="Calls">All are made, or none.</param>
/// <param name="StateUnit">This unit.</param>
/// <param name="ProvenUnit">The state unit that the plan's instance names: the calls read their state from it.</param>
/// <param name="State">This unit's data.</param>
public sealed record CommitCase(IReadOnlyList<CommittedCall> Calls, Digest StateUnit, Digest ProvenUnit, MapView State);

/// <summary>What a commit holds to (protocols 8.6), in the order in which it is checked.</summary>
public static class CommitRules
{
    private const string ReadChanged = "PRT-STA-0117";
    private const string PrefixChanged = "PRT-STA-0118";

    public static Requirements<CommitCase> Checks { get; } = new(
        new("PRT-STA-0112", "effects must be those of a contract call that ended well", "Bind the input to the output of a call.",
            NoEffects),
        new("PRT-STA-0113", "a commit must be made where the call read its state", "Commit at the instance's state unit.", Elsewhere),
        new("PRT-STA-0114", "the effects of a call are made once", "Run the call again for a second effect.", AppliedBefore),
        new("PRT-STA-0115", "a contract writes under its own prefix, by its own execution unit's receipt", "Discard the receipt.",
            Trespass),
        new("PRT-STA-0116", "calls of one commit must not touch what another of them writes", "Commit one after the other.", Conflict),
        new(ReadChanged, "what a call read must not have changed since", "Run call and commit again, as the next attempt.", StaleRead,
            Retry: true),
        new(PrefixChanged, "a prefix that a call read whole must not have changed since", "Run call and commit again, as the next attempt.",
            StalePrefix, Retry: true));

    /// <summary>Whether a refusal says that state has moved on, so that another attempt may succeed.</summary>
    public static bool IsStale(Refusal refusal) => refusal.Code is ReadChanged or PrefixChanged;

    private static Finding? NoEffects(CommitCase commit) => First(commit.Calls, static call => call.Origin switch
    {
        { Output: Effects.OutputName, Leaf: { Function: Effects.Function, Status: ResultStatus.Ok } } => null,
        { } origin => new Finding($"{origin.Output} of {origin.Leaf.Function}, {origin.Leaf.Status}", "effects of a call"),
        null => new Finding("a value of no result", "effects of a call"),
    });

    private static Finding? Elsewhere(CommitCase commit) =>
        commit.StateUnit == commit.ProvenUnit ? null : new Finding($"unit {commit.StateUnit}", $"unit {commit.ProvenUnit}");

    private static Finding? AppliedBefore(CommitCase commit)
    {
        var seen = new HashSet<Bytes>();
        return First(commit.Calls, call =>
            seen.Add(call.AppliedKey) && commit.State.Get(call.AppliedKey) is null ? null : new Finding($"result {call.LeafHash}"));
    }

    private static Finding? Trespass(CommitCase commit) => First(commit.Calls, static call =>
        First(call.Effects.Writes, write => Owns(call.ExecutionUnit, write) ? null : new Finding($"key {write.Key}")));

    private static bool Owns(Digest executionUnit, WriteEffect write) =>
        ContractKeys.TryOwner(write.Key.Span, out var unit, out var contract) && unit == executionUnit && contract == write.Contract;

    private static Finding? StaleRead(CommitCase commit) => First(commit.Calls, call => First(call.Effects.Reads, read =>
    {
        var now = commit.State.Get(read.Key)?.Version;
        return now == read.Version ? null : new Finding(NameOf(now), NameOf(read.Version), $"key {read.Key}");
    }));

    private static Finding? StalePrefix(CommitCase commit) => First(commit.Calls, call => First(call.Effects.Prefixes, prefix =>
    {
        var now = commit.State.SubtreeHash(prefix.Prefix);
        return now == prefix.SubtreeHash ? null : new Finding($"entries {now}", $"entries {prefix.SubtreeHash}", $"prefix {prefix.Prefix}");
    }));

    private static Finding? Conflict(CommitCase commit)
    {
        var calls = commit.Calls;
        if (calls.Count == 1) return null;
        var writes = new SortedList<Bytes, int>();
        for (var i = 0; i < calls.Count; i++)
            foreach (var write in calls[i].Effects.Writes)
                if (!writes.TryAdd(write.Key, i)) return new Finding($"key {write.Key}");
        for (var i = 0; i < calls.Count; i++)
        {
            foreach (var read in calls[i].Effects.Reads)
                if (writes.TryGetValue(read.Key, out var writer) && writer != i) return new Finding($"key {read.Key}");
            foreach (var prefix in calls[i].Effects.Prefixes)
                if (WritesBelow(writes, prefix.Prefix, i)) return new Finding($"prefix {prefix.Prefix}");
        }
        return null;
    }

    private static bool WritesBelow(SortedList<Bytes, int> writes, Bytes prefix, int reader)
    {
        for (var i = LowerBound(writes.Keys, prefix); i < writes.Count && writes.Keys[i].Span.StartsWith(prefix.Span); i++)
            if (writes.Values[i] != reader) return true;
        return false;
    }

    private static int LowerBound(IList<Bytes> keys, Bytes bound)
    {
        var (low, high) = (0, keys.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (keys[middle] < bound) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    internal static string NameOf(ulong? version) => version is { } number ? $"version {number}" : "absent";

    private static Finding? First<T>(IReadOnlyList<T> items, Func<T, Finding?> look)
    {
        foreach (var item in items)
            if (look(item) is { } finding) return finding;
        return null;
    }
}
