using Protean.Runtime;
using Effects = Protean.Runtime.IEffects<Protean.Consensus.ConsensusMessage, Protean.Consensus.FinalizedBlock>;

namespace Protean.Consensus;

// Duties, and the timers that run while there are any.
public sealed partial class SimplexMember
{
    private const ulong FarMs = 3_600_000;
    private static readonly TimeSpan Never = TimeSpan.FromTicks(-1);
    private static readonly TimerId LeadTimer = new("consensus/lead");
    private static readonly TimerId AdvanceTimer = new("consensus/advance");
    private static readonly TimerId LingerTimer = new("consensus/linger");
    private static readonly TimerId DueTimer = new("consensus/due");
    private static readonly TimerId StandstillTimer = new("consensus/standstill");
    private static readonly TimerId FetchTimer = new("consensus/fetch");
    private static readonly TimerId Relay = new("consensus/relay");

    private bool _running;
    private bool _standstill;
    private bool _fetching;
    private bool _lingering;
    private bool _lingered;
    private UnixMs? _due;

    private bool TipIsOpen => _notarizedView > FinalSeen;

    // Lines 10-14.
    private bool HasDuty(UnixMs now)
    {
        if (_ended) return false;
        return HasIncludableEntry()
            || (TipIsOpen && _lingered)
            || (_application.NextDue is { } due && due <= now && _tip.TimeMs < due.Value)
            || _book.VotersSince(_view) > _committee.Faulty;
    }

    private bool HasIncludableEntry()
    {
        if (_pool.Count == 0 || _tip.Ended) return false;
        var sealedHeight = NewSeal(_tip)?.Header.Height ?? _tip.SealedHeight;
        return ProposalRules.MayCarryEntries(_tip.Height + 1, sealedHeight) && _pool.Any(_chain.EntriesTo(_tip.Id));
    }

    // Lines 15-19.
    private void Pace(Effects effects)
    {
        var duty = Halted is null && HasDuty(effects.Now);
        if (duty && !_running)
        {
            effects.SetTimer(LeadTimer, 2 * Delay);
            effects.SetTimer(AdvanceTimer, 3 * Delay);
        }
        else if (!duty && _running)
        {
            effects.SetTimer(LeadTimer, Never);
            effects.SetTimer(AdvanceTimer, Never);
        }
        _running = duty;
        RunWhile(StandstillTimer, duty, ref _standstill, _timers.Standstill, effects);
        RunWhile(LingerTimer, TipIsOpen && !_ended && !_lingered, ref _lingering, Delay, effects);
        RunWhile(FetchTimer, !_catchUp.IsIdle && Halted is null, ref _fetching, _timers.Delay, effects);
        AwaitDueTime(effects);
    }

    private static void RunWhile(TimerId timer, bool wanted, ref bool running, TimeSpan delay, Effects effects)
    {
        if (wanted == running) return;
        running = wanted;
        effects.SetTimer(timer, wanted ? delay : Never);
    }

    private void AwaitDueTime(Effects effects)
    {
        var due = _ended ? null : _application.NextDue;
        if (due == _due) return;
        _due = due;
        effects.SetTimer(DueTimer, due is { } time ? UntilDue(time, effects.Now) : Never);
    }

    // Anybody may ask for any time: what is far away is looked at again.
    private static TimeSpan UntilDue(UnixMs due, UnixMs now) =>
        due <= now ? TimeSpan.Zero : TimeSpan.FromMilliseconds((long)Math.Min(due.Value - now.Value, FarMs));

    private void StopViewTimers(Effects effects)
    {
        if (_running)
        {
            effects.SetTimer(LeadTimer, Never);
            effects.SetTimer(AdvanceTimer, Never);
        }
        if (_lingering) effects.SetTimer(LingerTimer, Never);
        (_running, _lingering, _lingered) = (false, false, false);
    }

    private void AfterProgress(Effects effects)
    {
        RunWhile(StandstillTimer, false, ref _standstill, Never, effects);
        WantBodies(effects);
    }

    private void OnTimer(TimerId timer, Effects effects)
    {
        if (timer == LeadTimer && _book.Find(_view)?.Candidate is null) Cast(Vote.Nullify(_view), effects);
        else if (timer == AdvanceTimer) GiveUp(effects);
        else if (timer == LingerTimer) (_lingering, _lingered) = (false, true);
        else if (timer == DueTimer && _due > effects.Now) _due = null; // far away, or the clock went back: set it again
        else if (timer == StandstillTimer) Stand(effects);
        else if (timer == FetchTimer) Retry(effects);
        else if (timer == Relay) RelayCertificates(effects);
        else if (timer == RecallTimer) AskToRecall(effects);
    }

    // Lines 43-44: again every T_adv, with what led here, since either may have been lost.
    private void GiveUp(Effects effects)
    {
        _running = false;
        if (_book.Of(_view).Own(VoteKind.Nullify) is { } sent)
        {
            effects.Broadcast(new VoteMessage(sent));
            if (_entry is not null) effects.Broadcast(new CertificateMessage(_entry));
        }
        else Cast(Vote.Nullify(_view), effects);
    }

    // Lines 64-68.
    private void Stand(Effects effects)
    {
        _standstill = false;
        Counters.Add("standstill");
        if (_chain.Finality is { } finality) effects.Broadcast(new CertificateMessage(finality));
        var certificates = _book.Views.Where(record => record.View > _chain.Final.View).SelectMany(record => record.Certificates).ToArray();
        foreach (var certificate in certificates.TakeLast(Limits.MaxShownViews)) effects.Broadcast(new CertificateMessage(certificate));
        ShowOwnVotes(effects);
        var pending = _pool.Take(_chain.EntriesTo(_tip.Id), Limits.MaxRegossiped, Limits.MaxRegossipedBytes);
        foreach (var entry in pending) effects.Broadcast(new Gossip(entry));
        effects.Broadcast(new Status(_view, _chain.Final.Height));
    }

    private void Retry(Effects effects)
    {
        _fetching = false;
        _catchUp.Retry(effects);
    }

    /// <summary>What this member waits for now.</summary>
    public Waiting WaitingNow(UnixMs now)
    {
        var leader = _leaders[_view];
        ulong need = _committee.Quorum;
        if (Halted is not null || _ended) return new(_view, leader, WaitingFor.Never, 0, 0);
        if (_finalTarget is not null)
            return new(_view, leader, WaitingFor.Blocks, _chain.Final.Height, Math.Max(_chain.Final.Height + 1, _tip.Height));
        if (TipIsOpen) return new(_view, leader, WaitingFor.Finalization, Have(_notarizedView, VoteKind.Finalize), need);
        if (!HasDuty(now)) return new(_view, leader, WaitingFor.Work, 0, 0);
        var record = _book.Find(_view);
        if (record?.Own(VoteKind.Nullify) is not null)
            return new(_view, leader, WaitingFor.Nullification, Have(_view, VoteKind.Nullify), need);
        return record?.Candidate is null
            ? new(_view, leader, WaitingFor.Proposal, 0, 1)
            : new(_view, leader, WaitingFor.Notarization, Have(_view, VoteKind.Notarize), need);
    }

    private ulong Have(ulong view, VoteKind kind) => (ulong)(_book.Find(view)?.Most(kind) ?? 0);
}
