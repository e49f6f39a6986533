using Protean.Codec;
using Protean.Runtime;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>What holds when a run has come to rest: nothing acknowledged is lost, and all have the same bytes.</summary>
internal sealed class EndCheck(
    ResultWatch results, AnswerWatch answers, IReadOnlyList<MemberId> judged, Func<MemberId, IStore> storeOf)
{
    public void Run(IWorkload workload, UnitRun run)
    {
        var states = judged.ToDictionary(id => id, id => new UnitState(storeOf(id)));
        var height = states.Values.Max(state => state.Executed?.Height ?? 0);
        MemberId[] caughtUp = [.. judged.Where(id => states[id].Executed?.Height == height)];
        foreach (var id in caughtUp) Acknowledged(id, states[id]);
        foreach (var id in caughtUp) SameBytes(caughtUp[0], states[caughtUp[0]], id, states[id]);
        workload.CheckEnd(run, states[caughtUp[0]]);
    }

    private void Acknowledged(MemberId id, UnitState state)
    {
        foreach (var key in answers.Acknowledged)
        {
            var kept = ReplayCache.Find(state.Replay, key);
            Invariants.NothingLost.Require(
                kept is { Place: not null } && results.Done.TryGetValue(key, out var done) && kept.Request == done.Leaf,
                () => $"member {id} does not have the acknowledged result of replay key {key}");
        }
    }

    private static void SameBytes(MemberId first, UnitState one, MemberId id, UnitState other)
    {
        foreach (var (name, mine, its) in new[] { ("data", one.Data, other.Data), ("replay", one.Replay, other.Replay), ("keys", one.Keys, other.Keys) })
            Invariants.SameState.Require(
                mine.Root == its.Root && mine.Scan(Bytes.Empty).SequenceEqual(its.Scan(Bytes.Empty)), () => $"members {first} and {id} have other {name}");
    }
}
