using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Consensus;

/// <summary>What this member lacks and asks others for: each thing from one holder at a time, the next one when no answer came.</summary>
internal sealed class CatchUp(MemberId self)
{
    private readonly SortedDictionary<Digest, Request> _blocks = [];
    private readonly SortedDictionary<ulong, Request> _certificates = [];
    private Request? _final;

    private sealed class Request(ConsensusMessage ask, IReadOnlyList<MemberId> holders, int first)
    {
        private int _asked;
        public ConsensusMessage Ask => ask;

        /// <summary>Everybody was asked twice.</summary>
        public bool IsHopeless => _asked >= 2 * holders.Count;

        public MemberId Next() => holders[(first + _asked++) % holders.Count];
    }

    public bool IsIdle => _blocks.Count == 0 && _certificates.Count == 0 && _final is null;

    public bool Wants(Digest block) => _blocks.ContainsKey(block);

    public void WantBlock(Digest id, IEnumerable<MemberId> holders, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        if (_blocks.ContainsKey(id) || _blocks.Count == Limits.MaxWanted) return;
        if (Start(new GetBlock(id), holders, effects) is { } request) _blocks[id] = request;
    }

    public void WantCertificate(ulong view, IEnumerable<MemberId> holders, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        if (_certificates.ContainsKey(view) || _certificates.Count == Limits.MaxWanted) return;
        if (Start(new GetCertificate(view), holders, effects) is { } request) _certificates[view] = request;
    }

    public void WantFinal(ulong height, IEnumerable<MemberId> holders, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        if ((_final?.Ask as GetFinal)?.Height == height) return;
        _final = Start(new GetFinal(height), holders, effects);
    }

    public void GotBlock(Digest id) => _blocks.Remove(id);
    public void GotCertificate(ulong view) => _certificates.Remove(view);

    /// <summary>The last final block moved: what was asked for below it is no longer needed.</summary>
    public void Advanced()
    {
        _blocks.Clear();
        _certificates.Clear();
        _final = null;
    }

    /// <summary>Asks the next holders. A certificate that nobody has may not exist; who still needs it asks anew.</summary>
    public void Retry(IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        foreach (var (view, _) in _certificates.Where(pair => pair.Value.IsHopeless).ToArray()) _certificates.Remove(view);
        foreach (var request in _blocks.Values) effects.Send(request.Next(), request.Ask);
        foreach (var request in _certificates.Values) effects.Send(request.Next(), request.Ask);
        if (_final is { } final) effects.Send(final.Next(), final.Ask);
    }

    // Members start with different holders, so that they do not all ask the same one.
    private Request? Start(ConsensusMessage ask, IEnumerable<MemberId> holders, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        MemberId[] others = [.. holders.Where(holder => holder != self)];
        if (others.Length == 0) return null;
        var request = new Request(ask, others, self.Index);
        effects.Send(request.Next(), ask);
        return request;
    }
}
