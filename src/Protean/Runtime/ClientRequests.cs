using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>Requests of clients that wait for their answer at this member, by the replay key that will hold it.</summary>
internal sealed class ClientRequests(UnitState state, StoredResults results)
{
    private readonly Dictionary<Digest, Digest> _replayKeys = [];
    private readonly Dictionary<Digest, SortedSet<Digest>> _waiting = [];

    /// <returns>False where too many wait already.</returns>
    public bool Wait(Digest request, Digest replayKey)
    {
        if (_replayKeys.Count >= Limits.MaxWaiting && !_replayKeys.ContainsKey(request)) return false;
        _replayKeys[request] = replayKey;
        if (!_waiting.TryGetValue(replayKey, out var requests)) _waiting.Add(replayKey, requests = []);
        requests.Add(request);
        return true;
    }

    public void Forget(Digest request)
    {
        if (!_replayKeys.Remove(request, out var replayKey)) return;
        var requests = _waiting[replayKey];
        requests.Remove(request);
        if (requests.Count == 0) _waiting.Remove(replayKey);
    }

    /// <summary>The log refused what the own judgement had let pass.</summary>
    public UnitEvent? Refuse(Digest request, Refusal refusal)
    {
        if (!_replayKeys.ContainsKey(request)) return null;
        Forget(request);
        return new UnitEvent.Answered(request, new Reply.Refused(refusal));
    }

    public bool Waits(Digest request) => _replayKeys.ContainsKey(request);

    /// <summary>The answer to a request whose result was there before it came.</summary>
    public IReadOnlyList<UnitEvent> AnswerNow(Digest request) => _replayKeys.TryGetValue(request, out var replayKey) ? AnswerStored(replayKey) : [];

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
        foreach (var request in requests) _replayKeys.Remove(request);
        return [.. requests.Select(request => new UnitEvent.Answered(request, done))];
    }
}
