using Protean.Runtime;
using Effects = Protean.Runtime.IEffects<Protean.Consensus.ConsensusMessage, Protean.Consensus.FinalizedBlock>;

namespace Protean.Consensus;

// What this member has signed before, and whether its disk still knows (protocols 1.4).
public sealed partial class SimplexMember
{
    private static readonly TimerId RecallTimer = new("consensus/recall");

    private SortedSet<MemberId>? _recalling;
    private ulong _recallStamp;

    /// <summary>Signs nothing in this epoch: it lost its votes, by its own word or as others show.</summary>
    public bool IsSilent => _silent;

    /// <summary>Has not heard yet from a quorum, itself included, which of its votes they have seen.</summary>
    public bool IsRecalling => _recalling is not null;

    private bool Observes => _silent || _ended || IsRecalling;

    private void BeginRecall(Effects effects)
    {
        if (!_recalls || _silent || _committee.Quorum <= 1) return;
        (_recalling, _recallStamp) = ([], effects.Now.Value);
        AskToRecall(effects);
    }

    private void AskToRecall(Effects effects)
    {
        if (_recalling is null) return;
        foreach (var other in _committee.Ids)
            if (other != _self && !_recalling.Contains(other)) effects.Send(other, new Recall(_recallStamp));
        effects.SetTimer(RecallTimer, _timers.Delay);
    }

    private void Remind(MemberId member, ulong stamp, Effects effects) =>
        effects.Send(member, new Recalled(stamp, [.. _book.VotesOf(member).Take(Limits.MaxRecalledVotes)]));

    // Votes up to the last final view have served and are forgotten on purpose; all above it stand on disk.
    private void OnRecalled(MemberId from, Recalled recalled, Effects effects)
    {
        if (_recalling is null || recalled.Stamp != _recallStamp) return;
        foreach (var signed in recalled.Votes)
        {
            var vote = signed.Vote;
            if (vote.View <= _chain.Final.View || _book.Find(vote.View)?.Own(vote.Kind)?.Vote == vote) continue;
            Counters.Add("verify");
            if (_scheme.Verify(_committee[_self].ConsensusKey, vote.SignedPayload(_context), signed.Signature)) FallSilent();
            else Counters.Refuse("recalled/signature");
        }
        _recalling.Add(from);
        if (!_silent && _recalling.Count + 1 < _committee.Quorum) return;
        _recalling = null;
        effects.SetTimer(RecallTimer, Never);
    }

    private void FallSilent()
    {
        if (_silent) return;
        _silent = true;
        _store.PutSilence();
        Counters.Add("amnesia");
    }

    // A certificate with a vote of this member that it does not know: its disk is older than its deeds (line 62).
    private void NoticeForgottenVote(Certificate certificate, ViewRecord record)
    {
        if (record.Own(certificate.Vote.Kind)?.Vote != certificate.Vote && certificate.Signatures.Signers.Contains(_self)) FallSilent();
    }
}
