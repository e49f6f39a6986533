using Protean.Consensus;

namespace Protean.Runtime;

// How a member stands, for people.
public sealed partial class UnitMember
{
    /// <summary>How it stands, for people.</summary>
    public UnitStatus Status(UnixMs now) => new(
        _logic.UnitName, _logic.Context.UnitId, _logic.Epoch, _consensus.View, _state.Executed?.Height ?? 0, _state.Root, _sealer.Last?.Header.Height ?? 0,
        [.. WaitingFor(now)], Reads.Keys, _halted);

    /// <summary>For who looks into it: the two headers that differ, and all that this member holds, a line each. Empty while nothing
    /// differs.</summary>
    public IEnumerable<string> Dump() => _divergence is { } divergence ? StateDump.Of(divergence, _state) : [];

    private IEnumerable<string> WaitingFor(UnixMs now)
    {
        if (_consensus.WaitingNow(now) is { For: not Consensus.WaitingFor.Work } ordering)
            yield return $"{ordering.For} in view {ordering.View} of leader {ordering.Leader}: {ordering.Have}/{ordering.Need}";
        if (IsSilent) yield return "the next epoch: this member lost what it signed in this one";
        if (_sync.Progress is { } fetched) yield return fetched;
        if (_sealer.Waiting is { } seal)
            yield return $"seal of height {seal.Height}: {seal.Have}/{seal.Need}, missing {string.Join(' ', seal.Missing)}";
        foreach (var (subject, function, have, need) in _shared.Waiting)
            yield return $"shares of {function} {subject}: {have}/{need}";
    }
}
