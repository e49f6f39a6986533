using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Effects = Protean.Runtime.IEffects<Protean.Consensus.ConsensusMessage, Protean.Consensus.FinalizedBlock>;

namespace Protean.Consensus;

// Views: proposals, votes, certificates.
public sealed partial class SimplexMember
{
    private Certificate? _entry;
    private ChainPoint _tip;
    private ulong _notarizedView;
    private Certificate? _finalTarget;

    private ulong FinalSeen => Math.Max(_chain.Final.View, _finalTarget?.View ?? 0);
    private TimeSpan Delay => _timers.DelayAfter(_view - FinalSeen);
    private ChainPoint? Best(ViewRecord record) => record.Notarization is { } certificate ? _chain.Find(certificate.Vote.BlockId) : null;

    // Lines 20-27.
    private void Lead(Effects effects)
    {
        if (Observes || _leaders[_view] != _self || !HasDuty(effects.Now)) return;
        var record = _book.Of(_view);
        if (record.Proposed || record.Candidate is not null || record.Own(VoteKind.Nullify) is not null) return;
        if (Parent(out var certificate, out var nullifications, effects) is not { } parent) return;

        var block = Build(parent, effects.Now);
        var signature = _scheme.Sign(_key, block.Header.SignedPayload());
        var seal = block.Header.SealedHeight > parent.SealedHeight ? _application.LastSeal : null;
        var proposal = new Proposal(block, signature, certificate, nullifications, seal);
        (record.Candidate, record.Proposed) = (proposal, true);
        _chain.Add(block);
        _store.PutProposal(proposal);
        _store.Commit();
        Counters.Add("proposed");
        effects.Broadcast(proposal);
    }

    // Line 21: the highest notarised block below which nothing was skipped without nullification.
    private ChainPoint? Parent(out Certificate? certificate, out IReadOnlyList<Certificate> nullifications, Effects effects)
    {
        var skipped = new List<Certificate>();
        nullifications = skipped;
        for (var view = _view - 1; view > _chain.Final.View; view--)
        {
            var record = _book.Find(view);
            if (record is not null && Best(record) is { } point)
            {
                certificate = record.Notarization;
                return point;
            }
            if (record?[VoteKind.Nullify] is not { } nullification)
            {
                _catchUp.WantCertificate(view, Holders(_entry), effects);
                certificate = null;
                return null;
            }
            if (skipped.Count < Limits.MaxInlineNullifications) skipped.Add(nullification);
        }
        certificate = _chain.Finality;
        return _chain.Final;
    }

    private Block Build(ChainPoint parent, UnixMs now)
    {
        var seal = NewSeal(parent);
        var (sealedHeight, sealedHash) = seal is null ? (parent.SealedHeight, parent.SealedHash) : (seal.Header.Height, seal.Header.Hash);
        var carries = !parent.Ended && ProposalRules.MayCarryEntries(parent.Height + 1, sealedHeight);
        var entries = carries ? _pool.Take(_chain.EntriesTo(parent.Id), Limits.MaxBlockEntries, Limits.MaxBlockBytes) : [];
        var header = new BlockHeader(
            _context, _view, parent.Height + 1, parent.View, parent.Id, Math.Max(now.Value, parent.TimeMs + 1),
            sealedHeight, sealedHash, Block.RootOf(entries), parent.Ended ? BlockKind.Tail : BlockKind.Normal);
        return new Block(header, entries);
    }

    private SealedHeader? NewSeal(ChainPoint parent) =>
        _application.LastSeal is { } seal && seal.Header.Height > parent.SealedHeight && seal.Header.Height <= parent.Height ? seal : null;

    private void OnProposal(MemberId from, Proposal proposal, Effects effects)
    {
        var header = proposal.Header;
        var leader = _leaders[header.View];
        if (header.Context != _context) { Counters.Refuse("proposal/context"); return; }
        if (header.View <= FinalSeen || header.View == 0) { Counters.Refuse("proposal/old"); return; }
        var first = _book.Find(header.View)?.Candidate;
        if (first?.Block.Id == proposal.Block.Id) { Counters.Add("proposal/repeated"); return; }
        if (first is not null && _book.Of(header.View).Spoiled) { Counters.Refuse("proposal/spoiled"); return; }
        Counters.Add("verify");
        if (!_scheme.Verify(_committee[leader].ConsensusKey, header.SignedPayload(), proposal.LeaderSignature))
        {
            Counters.Refuse("proposal/signature");
            return;
        }
        if (!proposal.Block.EntriesMatch) { Counters.Refuse("proposal/entries"); return; }
        if (first is not null)
        {
            _book.Of(header.View).Spoiled = true;
            Keep(Consensus.Evidence.OfProposals(_context, leader, first, proposal));
            return;
        }
        if (proposal.ParentCertificate is { } parent) Admit(parent);
        foreach (var nullification in proposal.Nullifications) Admit(nullification);
        Drain(effects);
        if (header.View > _view + 1 || header.View + 1 < _view) { Counters.Refuse("proposal/view"); return; }
        var record = _book.Of(header.View);
        if (leader == _self && !record.Proposed) FallSilent();
        record.Candidate = proposal;
        if (record.Notarization?.Vote.BlockId == proposal.Block.Id) Obtain(proposal.Block, effects);
    }

    // Lines 30-38, R1.
    private void Consider(Effects effects)
    {
        if (Observes || _book.Find(_view) is not { Candidate: { } proposal, Spoiled: false } record
            || record.Own(VoteKind.Notarize) is not null)
            return;
        var header = proposal.Header;
        var parentCertified = header.ParentHash == _chain.Final.Id
            ? header.ParentView == _chain.Final.View
            : header.ParentView > _chain.Final.View && _book.Find(header.ParentView)?.Notarization?.Vote.BlockId == header.ParentHash;
        var missing = FirstNotNullified(header.ParentView + 1);
        var parent = _chain.Find(header.ParentHash);
        var view = new ProposalCase(proposal, parent, parentCertified, missing is null, effects.Now, Delay, _application);
        switch (Rules.FirstOrDefault(rule => !rule.Holds(view)))
        {
            case null:
                _chain.Add(proposal.Block);
                Cast(Vote.Notarize(_view, proposal.Block.Id), effects);
                break;
            case { Otherwise: Verdict.Wait }:
                if (missing is { } lacking) _catchUp.WantCertificate(lacking, [_leaders[_view], .. _committee.Ids], effects);
                break;
            case { } broken:
                record.Spoiled = broken.Otherwise == Verdict.Invalid;
                if (!record.Spoiled) record.Candidate = null;
                Counters.Refuse("proposal/" + broken.Code);
                break;
        }
    }

    private ulong? FirstNotNullified(ulong from)
    {
        for (var view = _view - 1; view >= from && view > _chain.Final.View; view--)
            if (!_book.IsNullified(view)) return view;
        return null;
    }

    // Lines 40-44, R2, apart from its timers.
    private void GiveUpWhereDue(Effects effects)
    {
        if (_book.Find(_view) is not { } record) return;
        var leaderGaveUp = record.BallotOf(_leaders[_view], VoteKind.Nullify) is { Verified: true };
        if (record.Spoiled || leaderGaveUp) Cast(Vote.Nullify(_view), effects);
    }

    private void OnVote(MemberId from, SignedVote signed, Effects effects)
    {
        var vote = signed.Vote;
        if (vote.View + Limits.VoteWindow <= _chain.Final.View || vote.View == 0) { Counters.Refuse("vote/old"); return; }
        if (vote.View > _view + 1)
        {
            Counters.Refuse("vote/ahead");
            _catchUp.WantCertificate(_view, [from], effects);
            return;
        }
        _book.Add(from, signed);
        _peers.Showed(from, vote);
        if (vote.Kind == VoteKind.Nullify && vote.View < _view) Help(from, vote.View, _chain.Final.Height, effects);
    }

    // Line 60: signs, writes down, sends, counts; the four rules that keep a member from contradicting itself.
    private void Cast(Vote vote, Effects effects)
    {
        if (Observes || vote.View <= FinalSeen) return;
        var record = _book.Of(vote.View);
        var allowed = vote.Kind switch
        {
            VoteKind.Notarize => record.Own(VoteKind.Notarize) is null && vote.View == _view,
            VoteKind.Nullify => record.Own(VoteKind.Nullify) is null && record.Own(VoteKind.Finalize) is null && vote.View == _view,
            _ => record.Own(VoteKind.Finalize) is null && record.Own(VoteKind.Nullify) is null,
        };
        if (!allowed) return;
        var signed = new SignedVote(vote, _scheme.Sign(_key, vote.SignedPayload(_context)));
        _store.PutVote(signed);
        _store.Commit();
        _book.AddOwn(_self, signed);
        effects.Broadcast(new VoteMessage(signed));
    }

    private void OnCertificateFrom(MemberId from, Certificate certificate, Effects effects)
    {
        if (!Admit(certificate)) return;
        _peers.Showed(from, certificate);
        Drain(effects);
    }

    /// <summary>Whether the certificate holds; if it is new it waits in the book's queue.</summary>
    private bool Admit(Certificate certificate)
    {
        if (certificate.View <= _chain.Final.View)
        {
            Counters.Add("certificate/old");
            return certificate == _chain.Finality;
        }
        var held = _book.Find(certificate.View)?[certificate.Vote.Kind];
        if (held?.Vote == certificate.Vote) return true;
        if (!_book.Verify(certificate)) return false;
        if (held is not null) return Counters.Refuse("certificate/conflicting");
        _book.Formed.Enqueue(certificate);
        return true;
    }

    // Lines 50-57, R3 and R4.
    private void OnCertificate(Certificate certificate, Effects effects)
    {
        var (kind, view, id) = certificate.Vote;
        if (view <= _chain.Final.View) return;
        var record = _book.Of(view);
        if (record[kind] is not null) return;
        record[kind] = certificate;
        _store.PutCertificate(certificate);
        _catchUp.GotCertificate(view);
        NoticeForgottenVote(certificate, record);
        QueueForRelay(certificate, effects);
        if (kind == VoteKind.Finalize && view > FinalSeen) _finalTarget = certificate;
        if (kind != VoteKind.Nullify)
        {
            _notarizedView = Math.Max(_notarizedView, view);
            if (record.Candidate is { } candidate && candidate.Block.Id == id && candidate.Block.EntriesMatch)
                Obtain(candidate.Block, effects);
            else if (_chain.Find(id) is { } point) OnNotarizedBlock(point, record, effects);
            else _catchUp.WantBlock(id, Holders(certificate), effects);
        }
        if (view >= _view) Enter(view + 1, certificate, effects);
        TryFinalize(effects);
    }

    private void OnNotarizedBlock(ChainPoint point, ViewRecord record, Effects effects)
    {
        if (point.View > _tip.View) _tip = point;
        if (record[VoteKind.Notarize]?.Vote.BlockId == point.Id) Cast(Vote.Finalize(point.View, point.Id), effects);
    }

    private void Obtain(Block block, Effects effects)
    {
        if (block.Height <= _chain.Final.Height && _finalTarget?.Vote.BlockId == block.Id)
        {
            Halt($"two final blocks at height {block.Height}");
            return;
        }
        _chain.Add(block);
        _catchUp.GotBlock(block.Id);
        if (_book.Find(block.View) is { } record && record.Notarization?.Vote.BlockId == block.Id && _chain.Find(block.Id) is { } point)
            OnNotarizedBlock(point, record, effects);
        TryFinalize(effects);
    }

    private void Enter(ulong view, Certificate? by, Effects effects)
    {
        _view = view;
        _entry = by;
        StopViewTimers(effects);
        foreach (var record in _book.Views)
        {
            // Bodies of views gone by leave memory; they are fetched if they are needed after all.
            if (record.View + 1 < view && record.Candidate is { Block.Entries.Count: > 0 } old)
                record.Candidate = old with { Block = new Block(old.Header, []) };
        }
    }

    // Lines 70-76.
    private void TryFinalize(Effects effects)
    {
        if (_finalTarget is { } target && !Finalize(target, out var missing, effects) && missing is { } id) Fetch(id, target, effects);
    }

    /// <summary>Makes the certificate's block and its ancestors final, if they are all here; else says which one is missing.</summary>
    private bool Finalize(Certificate certificate, out Digest? missing, Effects effects)
    {
        missing = null;
        if (Halted is not null || certificate.View <= _chain.Final.View) return false;
        if (_chain.PathTo(certificate.Vote.BlockId, out missing) is not { } path)
        {
            if (missing is null) Halt($"two final blocks at height {_chain.Final.Height}");
            return false;
        }
        var blocks = _chain.Finalize(path, certificate);
        if (_finalTarget?.View <= _chain.Final.View) _finalTarget = null;
        if (_tip.View <= _chain.Final.View) _tip = _chain.Final;
        _book.Prune(_chain.Final.View - Math.Min(_chain.Final.View, Limits.VoteWindow));
        _catchUp.Advanced();
        _store.Commit();
        foreach (var block in blocks) Deliver(block, certificate, effects);
        if (_view <= _chain.Final.View) Enter(_chain.Final.View + 1, certificate, effects);
        AfterProgress(effects);
        return true;
    }

    private void Deliver(Block block, Certificate finality, Effects effects)
    {
        _pool.Finalized(block.Entries.Select(entry => entry.Hash));
        if (_ended) return; // tail blocks are dropped
        _ended = block.EndsEpoch;
        if (block.Height > _executed.Value) effects.Output(new FinalizedBlock(block, finality));
    }
}
