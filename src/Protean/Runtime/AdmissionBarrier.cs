using Protean.Codec;
using Protean.Workflows;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Runtime;

/// <summary>Whether a barrier is passed (protocols 8.5). What lies on the executing unit itself is compared with the executing block, the
/// rest with the
/// one height that the request shows of the unit: so state that is read of a unit is never older than a barrier on it.</summary>
internal static class AdmissionBarrier
{
    public static Finding? Missing(AdmissionCase.Planned request, Barrier barrier) => barrier switch
    {
        Barrier.And and => and.Terms.Select(term => Missing(request, term)).FirstOrDefault(static finding => finding is not null),
        Barrier.Or or => AllMissing(request, or),
        Barrier.AfterHeight after => After(request, after.Unit, after.Height, "height", static (height, _) => height),
        Barrier.AfterTime after => After(request, after.Unit, after.Time, "time", static (_, time) => time),
        Barrier.BeforeHeight before => Before(request, before.Unit, before.Height, request.Context.Height, "height"),
        Barrier.BeforeTime before => Before(request, before.Unit, before.Time, request.Context.TimeMs, "time"),
        Barrier.StateIs state => StateIs(request, state),
        Barrier.BeaconDue beacon => BeaconDue(request, beacon),
        _ => throw new InvalidOperationException("an unknown barrier was decoded"),
    };

    /// <summary>Whether the barrier cannot be passed any more: its deadline on the executing unit is over.</summary>
    public static bool IsOver(AdmissionCase.Planned request, Barrier barrier) => barrier switch
    {
        Barrier.And and => and.Terms.Any(term => IsOver(request, term)),
        Barrier.Or or => or.Terms.All(term => IsOver(request, term)),
        Barrier.BeforeHeight before => IsOwn(request, before.Unit) && request.Instance.Resolve(before.Height) <= request.Context.Height,
        Barrier.BeforeTime before => IsOwn(request, before.Unit) && request.Instance.Resolve(before.Time) <= request.Context.TimeMs,
        _ => false,
    };

    private static Finding? AllMissing(AdmissionCase.Planned request, Barrier.Or or)
    {
        var findings = or.Terms.Select(term => Missing(request, term)).ToArray();
        return findings.Any(static finding => finding is null) ? null : findings[0];
    }

    private static Finding? After(AdmissionCase.Planned request, ushort unit, Bound bound, string what, Func<ulong, ulong, ulong> pick)
    {
        if (request.Instance.Resolve(bound) is not { } least) return NoBound(bound);
        var shown = request.Proofs.HeightOf(request.IdOf(unit))?.Header;
        ulong? reached = shown is not null ? pick(shown.Height, shown.TimeMs)
            : IsOwn(request, unit) ? pick(request.Context.Height, request.Context.TimeMs) : null;
        return reached >= least ? null : new Finding(reached is { } got ? $"{what} {got}" : "no height shown", $"{what} {least} or later",
            $"unit {request.Workflow.Units[unit]}");
    }

    private static Finding? Before(AdmissionCase.Planned request, ushort unit, Bound bound, ulong now, string what)
    {
        if (request.Instance.Resolve(bound) is not { } end) return NoBound(bound);
        if (!IsOwn(request, unit)) return new Finding(
            $"a deadline on {request.Workflow.Units[unit]}", "one on the executing unit");
        return now < end ? null : new Finding($"{what} {now}", $"before {what} {end}", $"unit {request.Workflow.Units[unit]}");
    }

    private static Finding? StateIs(AdmissionCase.Planned request, Barrier.StateIs state)
    {
        var key = request.KeyOf(state.Key);
        if (key.Length > Limits.MaxKeyBytes || request.Proofs.HeightOf(request.IdOf(state.Unit))?.Witness?.Proof is not { } proof
            || !proof.TryGet(key, out var entry))
            return new Finding("a request that does not show it", $"key {key}, proven", $"unit {request.Workflow.Units[state.Unit]}");
        return entry is not null && Barrier.HashOfValue(entry.Value.Span) == state.ValueHash
            ? null : new Finding(entry is null ? "an absent key" : "another value", $"a value of hash {state.ValueHash}", $"key {key}");
    }

    private static Finding? BeaconDue(AdmissionCase.Planned request, Barrier.BeaconDue beacon)
    {
        if (request.Instance.Resolve(beacon.Round) is not { } round) return NoBound(beacon.Round);
        return request.Proofs.Beacon(request.IdOf(beacon.Unit), round) is null ? new Finding("nothing", $"the beacon's round {round}")
            : null;
    }

    private static bool IsOwn(AdmissionCase.Planned request, ushort unit) => request.IdOf(unit) == request.Context.UnitId;

    private static Finding NoBound(Bound bound) => new($"{bound}", "a number, or a parameter that is one");
}
