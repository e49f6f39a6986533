using Protean.Cryptography;
using Protean.Runtime;
using Effects = Protean.Runtime.IEffects<Protean.Consensus.ConsensusMessage, Protean.Consensus.FinalizedBlock>;

namespace Protean.Consensus;

// What goes on between members beside the views: relaying, catching up, serving those who catch up.
public sealed partial class SimplexMember
{
    private readonly List<Certificate> _toRelay = [];
    private ulong? _lastRunFrom;

    // Line 58. Members take turns within D/4, so that the first one's messages spare most of the others'.
    private void QueueForRelay(Certificate certificate, Effects effects)
    {
        _toRelay.Add(certificate);
        if (_toRelay.Count > 1) return;
        var turn = ((_self.Index + certificate.View) % (ulong)_committee.Size) + 1;
        effects.SetTimer(Relay, _timers.Relay * turn / _committee.Size);
    }

    private void RelayCertificates(Effects effects)
    {
        foreach (var certificate in _toRelay)
        {
            if (certificate.View < _chain.Final.View) continue;
            foreach (var peer in _committee.Ids)
                if (peer != _self && !_peers.Has(peer, certificate)) effects.Send(peer, new CertificateMessage(certificate));
        }
        _toRelay.Clear();
    }

    private IEnumerable<MemberId> Holders(Certificate? certificate) => certificate?.Signatures.Signers ?? _committee.Ids;

    // Line 74: after an absence many blocks are missing, so they are asked for by height; where a run did not reach down, by name.
    private void Fetch(Digest missing, Certificate target, Effects effects)
    {
        if (_lastRunFrom == _chain.Final.Height) _catchUp.WantBlock(missing, Holders(target), effects);
        else _catchUp.WantFinal(_chain.Final.Height + 1, Holders(target), effects);
    }

    private void OnBlock(Block block, Effects effects)
    {
        if (!_catchUp.Wants(block.Id)) Counters.Refuse("block/unasked");
        else if (!block.EntriesMatch) Counters.Refuse("block/entries");
        else Obtain(block, effects);
    }

    private void OnRun(FinalizedRun run, Effects effects)
    {
        if (run.Finality.View <= _chain.Final.View) { Counters.Refuse("run/old"); return; }
        if (!IsLinked(run)) { Counters.Refuse("run/links"); return; }
        if (!Admit(run.Finality)) return;
        var before = _chain.Final.Height;
        foreach (var block in run.Blocks) _chain.Add(block);
        _catchUp.Advanced();
        Drain(effects);
        // The certificate that this member verified, which need not be the one that came with the run.
        if (_book.Find(run.Finality.View)?[VoteKind.Finalize] is { } finality) Finalize(finality, out _, effects);
        _lastRunFrom = _chain.Final.Height == before ? before : null;
        TryFinalize(effects);
    }

    private static bool IsLinked(FinalizedRun run)
    {
        for (var i = 1; i < run.Blocks.Count; i++)
            if (run.Blocks[i].Header.ParentHash != run.Blocks[i - 1].Id || run.Blocks[i].Height != run.Blocks[i - 1].Height + 1)
                return false;
        return run.Blocks[^1].Id == run.Finality.Vote.BlockId && run.Blocks.All(block => block.EntriesMatch);
    }

    // Lines 80-86.
    private void Serve(MemberId from, ConsensusMessage request, Effects effects)
    {
        if (!_peers.MayAnswer(from, effects.Now)) { Counters.Refuse("request/allowance"); return; }
        switch (request)
        {
            case Status status:
                if (status.FinalHeight > _chain.Final.Height) _catchUp.WantFinal(_chain.Final.Height + 1, [from], effects);
                else Help(from, status.View, status.FinalHeight, effects);
                break;
            case GetCertificate wanted:
                if (wanted.View <= _chain.Final.View) Show(from, _chain.Finality, effects);
                else if (_book.Find(wanted.View) is { } record && record.Certificates.Any()) ShowAll(from, record, effects);
                else Show(from, _entry, effects);
                break;
            case GetBlock wanted:
                if (BodyOf(wanted.Id) is { } block) effects.Send(from, new BlockMessage(block));
                break;
            case GetFinal wanted:
                if (Run(wanted.Height) is { } run) effects.Send(from, run);
                break;
            case Recall recall:
                Remind(from, recall.Stamp, effects);
                break;
            case GetEvidence:
                foreach (var evidence in _evidence.Values) effects.Send(from, new EvidenceMessage(evidence));
                break;
        }
    }

    /// <summary>Shows one who is behind what led everybody else on.</summary>
    private void Help(MemberId peer, ulong view, ulong finalHeight, Effects effects)
    {
        if (!_peers.MayAnswer(peer, effects.Now)) return;
        if (_chain.Final.Height > finalHeight || view <= _chain.Final.View) Show(peer, _chain.Finality, effects);
        var first = Math.Max(view, _chain.Final.View + 1);
        for (var next = first; next < _view && next < first + Limits.MaxShownViews; next++)
            if (_book.Find(next) is { } record) ShowAll(peer, record, effects);
    }

    private static void ShowAll(MemberId peer, ViewRecord record, Effects effects)
    {
        foreach (var certificate in record.Certificates) Show(peer, certificate, effects);
    }

    private static void Show(MemberId peer, Certificate? certificate, Effects effects)
    {
        if (certificate is not null) effects.Send(peer, new CertificateMessage(certificate));
    }

    private Block? BodyOf(Digest id)
    {
        if (_chain.Body(id) is { } stored) return stored;
        return _book.Find(_view)?.Candidate?.Block is { } candidate && candidate.Id == id ? candidate : null;
    }

    // As many final blocks as fit a message, ending in one that has a certificate of its own.
    private FinalizedRun? Run(ulong from)
    {
        var blocks = new List<Block>();
        (int Count, Certificate Finality)? end = null;
        var size = 0L;
        for (var height = from; blocks.Count < Limits.MaxRun && _store.FinalBlock(height) is { } block; height++)
        {
            size += Limits.MaxBlockOverhead + block.Entries.Sum(entry => (long)entry.Body.Length + 5);
            if (blocks.Count > 0 && size > Limits.MaxBlockBytes) break;
            blocks.Add(block);
            if (_store.Finality(height) is { } finality) end = (blocks.Count, finality);
        }
        if (end is { } found) return new FinalizedRun(found.Finality, blocks[..found.Count]);
        return blocks.Count > 0 && _store.FinalityFrom(from) is var (last, certificate)
            ? new FinalizedRun(certificate, [_store.FinalBlock(last)!])
            : null;
    }

    private void Restore()
    {
        foreach (var evidence in _store.Evidence()) _evidence[(evidence.Culprit, evidence.Kind)] = evidence;
        _view = _chain.Final.View + 1;
        _entry = _chain.Finality;
        _ended = _chain.Final.Ended;
        foreach (var signed in _store.Votes())
        {
            _book.AddOwn(_self, signed);
            _view = Math.Max(_view, signed.Vote.View);
        }
        foreach (var certificate in _store.Certificates())
        {
            var record = _book.Of(certificate.View);
            record[certificate.Vote.Kind] = certificate;
            if (certificate.Vote.Kind == VoteKind.Finalize) _finalTarget = certificate;
            if (certificate.Vote.Kind != VoteKind.Nullify) _notarizedView = Math.Max(_notarizedView, certificate.View);
            if (Best(record) is { } point && point.View > _tip.View) _tip = point;
            if (certificate.View >= _view) (_view, _entry) = (certificate.View + 1, certificate);
        }
        foreach (var view in _store.Proposed()) _book.Of(view).Proposed = true;
        if (_store.Proposal(_view) is { } own) _book.Of(_view).Candidate = own;
    }

    // Lines 4-5: what the application has not executed comes again.
    private void Replay(Effects effects)
    {
        for (var height = Math.Max(_executed.Value, _start.Height) + 1; height <= _chain.Final.Height; height++)
        {
            var block = _store.FinalBlock(height)!;
            if (block.Header.Kind == BlockKind.Normal && _store.FinalityFrom(height) is var (_, finality))
                effects.Output(new FinalizedBlock(block, finality));
        }
    }

    private void Resend(Effects effects)
    {
        if (_book.Find(_view) is { Proposed: true, Candidate: { } own }) effects.Broadcast(own);
        ShowOwnVotes(effects);
        WantBodies(effects);
        effects.Broadcast(new Status(_view, _chain.Final.Height));
    }

    private void ShowOwnVotes(Effects effects)
    {
        foreach (var record in _book.Views)
            if (record.View > _chain.Final.View)
                foreach (var signed in record.OwnVotes) effects.Broadcast(new VoteMessage(signed));
    }

    private void WantBodies(Effects effects)
    {
        foreach (var record in _book.Views)
            if (record.View > _chain.Final.View && record.Notarization is { } certificate && !_chain.Knows(certificate.Vote.BlockId))
                _catchUp.WantBlock(certificate.Vote.BlockId, Holders(certificate), effects);
    }
}
