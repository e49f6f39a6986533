using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>Requests of clients that wait for their answer at this member, by the replay key that will hold it.</summary>
/// <param name="unit">For refusals.</param>
internal sealed class ClientRequests(UnitState state, StoredResults results, string unit)
{
    private readonly Dictionary<Digest, (Digest ReplayKey, Digest Asker)> _requests = [];
    private readonly Dictionary<Digest, int> _askers = [];
    private readonly Dictionary<Digest, SortedSet<Digest>> _waiting = [];

    /// <param name="asker">Who asks: each has a share, so that nobody keeps others waiting.</param>
    /// <returns>Null, or that too many wait already.</returns>
    public Refusal? Wait(Digest request, Digest replayKey, Digest asker)
    {
        if (_requests.ContainsKey(request)) return null;
        if (_requests.Count >= Limits.MaxWaiting) return Refusals.Busy(unit);
        var waiting = _askers.GetValueOrDefault(asker);
        if (waiting >= Limits.MaxWaitingOfClient) return Refusals.ClientBusy(unit);
        _askers[asker] = waiting + 1;
        _requests.Add(request, (replayKey, asker));
        if (!_waiting.TryGetValue(replayKey, out var requests)) _waiting.Add(replayKey, requests = []);
        requests.Add(request);
        return null;
    }

    public void Forget(Digest request)
    {
        if (!Release(request, out var replayKey)) return;
        var requests = _waiting[replayKey];
        requests.Remove(request);
        if (requests.Count == 0) _waiting.Remove(replayKey);
    }

    /// <summary>The log refused what the own judgement had let pass.</summary>
    public UnitEvent? Refuse(Digest request, Refusal refusal)
    {
        if (!_requests.ContainsKey(request)) return null;
        Forget(request);
        return new UnitEvent.Answered(request, new Reply.Refused(refusal));
    }

    public bool Waits(Digest request) => _requests.ContainsKey(request);

    /// <summary>The answer to a request whose result was there before it came.</summary>
    public IReadOnlyList<UnitEvent> AnswerNow(Digest request) => _requests.TryGetValue(request, out var waiting) ? AnswerStored(waiting.ReplayKey) : [];

    /// <summary>Answers for all results that were sealed at one height.</summary>
    public IReadOnlyList<UnitEvent> AnswerHeight(ulong height)
    {
        if (_waiting.Count == 0) return [];
        var answers = new List<UnitEvent>();
        var leaves = state.LeavesAt(height);
        for (var i = 0; i < leaves.Count; i++)
            if (_waiting.ContainsKey(leaves[i].ReplayKey)) answers.AddRange(Answer(leaves[i], new LeafPlace(height, (uint)i)));
        return answers;
    }

    /// <summary>Answers for all stored results: outputs have arrived that some of them lacked.</summary>
    public IEnumerable<UnitEvent> AnswerAll() => _waiting.Keys.Order().ToArray().SelectMany(AnswerStored);

    private IReadOnlyList<UnitEvent> AnswerStored(Digest replayKey) =>
        ReplayCache.Find(state.Replay, replayKey) is { Place: { } place } entry ? Answer(entry.Request, place) : [];

    private IReadOnlyList<UnitEvent> Answer(ResultLeaf leaf, LeafPlace place)
    {
        if (results.At(leaf, place) is not { } done || !_waiting.Remove(leaf.ReplayKey, out var requests)) return [];
        foreach (var request in requests) Release(request, out _);
        return [.. requests.Select(request => new UnitEvent.Answered(request, done))];
    }

    private bool Release(Digest request, out Digest replayKey)
    {
        var known = _requests.Remove(request, out var waiting);
        replayKey = waiting.ReplayKey;
        if (known && --_askers[waiting.Asker] == 0) _askers.Remove(waiting.Asker);
        return known;
    }
}
