using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Consensus;

/// <summary>Votes and certificates of all views that still matter. Verifies each signature once and no more of them than a quorum
/// needs.</summary>
internal sealed class VoteBook(
    UnitContext context, Committee committee, ISignatureScheme scheme, Counters counters, Action<Evidence> accuse)
{
    private readonly SortedDictionary<ulong, ViewRecord> _views = [];
    private readonly ulong[] _latestVote = new ulong[committee.Size];

    /// <summary>Certificates that votes have just made.</summary>
    public Queue<Certificate> Formed { get; } = new();

    public IEnumerable<ViewRecord> Views => _views.Values;

    public ViewRecord? Find(ulong view) => _views.GetValueOrDefault(view);

    public ViewRecord Of(ulong view)
    {
        if (_views.TryGetValue(view, out var record)) return record;
        return _views[view] = new ViewRecord(view, committee.Size);
    }

    public bool IsNullified(ulong view) => Find(view)?.IsNullified == true;

    /// <summary>What a member is known to have voted, the latest first.</summary>
    public IEnumerable<SignedVote> VotesOf(MemberId member) =>
        from record in _views.Values.Reverse()
        from kind in (VoteKind[])[VoteKind.Notarize, VoteKind.Nullify, VoteKind.Finalize]
        where record.BallotOf(member, kind) is { Verified: true }
        select record.BallotOf(member, kind)!.Signed;

    /// <summary>Members, this one included, with a verified vote in this view or a later one.</summary>
    public int VotersSince(ulong view) => _latestVote.Count(latest => latest >= view);

    /// <summary>Takes a vote that came from <paramref name="member"/> itself.</summary>
    public void Add(MemberId member, SignedVote signed)
    {
        var record = Of(signed.Vote.View);
        var kind = signed.Vote.Kind;
        if (record.BallotOf(member, kind) is not { } first)
        {
            // A certificate is there: this vote decides nothing, so it is not worth a verification yet.
            if (record[kind] is not null) record.SetBallot(member, new(signed, Verified: false));
            else if (Verifies(member, signed)) Count(record, member, signed);
        }
        else if (first.Signed.Vote == signed.Vote) counters.Add("vote/repeated");
        else Contradict(record, member, TwoOf(kind), first, new(signed, Verified: false));
        ConfrontNullifyWithFinalize(record, member);
    }

    /// <summary>The member's own vote, whose signature needs no check.</summary>
    public void AddOwn(MemberId self, SignedVote signed)
    {
        var record = Of(signed.Vote.View);
        record.SetOwn(signed);
        if (record[signed.Vote.Kind] is null) Count(record, self, signed);
    }

    /// <summary>Checks form and every signature not seen before, and remembers the votes it is made of.</summary>
    public bool Verify(Certificate certificate)
    {
        if (!certificate.Signatures.IsQuorumOf(committee)) return counters.Refuse("certificate/form");
        var seen = Find(certificate.View);
        var payload = certificate.Vote.SignedPayload(context);
        foreach (var (member, signed) in certificate.Votes())
        {
            if (seen?.BallotOf(member, signed.Vote.Kind) is { Verified: true } known && known.Signed == signed) continue;
            counters.Add("verify");
            if (!scheme.Verify(committee[member].ConsensusKey, payload, signed.Signature)) return counters.Refuse("certificate/signature");
        }
        var record = Of(certificate.View); // only now: a view that nobody vouched for takes no memory
        foreach (var (member, signed) in certificate.Votes()) Remember(record, member, signed);
        return true;
    }

    /// <summary>Forgets views up to this one; evidence about them is not looked for any longer.</summary>
    public void Prune(ulong view)
    {
        while (_views.Count > 0 && _views.First().Key is var first && first <= view) _views.Remove(first);
    }

    private void Count(ViewRecord record, MemberId member, SignedVote signed)
    {
        record.SetBallot(member, new(signed, Verified: true));
        _latestVote[member.Index - 1] = Math.Max(_latestVote[member.Index - 1], signed.Vote.View);
        if (record.Count(signed.Vote) == committee.Quorum) Formed.Enqueue(record.Certify(signed.Vote, committee));
    }

    private void Remember(ViewRecord record, MemberId member, SignedVote signed)
    {
        var first = record.BallotOf(member, signed.Vote.Kind);
        if (first is null) record.SetBallot(member, new(signed, Verified: true));
        else if (first.Signed.Vote != signed.Vote)
            Contradict(record, member, TwoOf(signed.Vote.Kind), first, new(signed, Verified: true));
        ConfrontNullifyWithFinalize(record, member);
        _latestVote[member.Index - 1] = Math.Max(_latestVote[member.Index - 1], signed.Vote.View);
    }

    private void ConfrontNullifyWithFinalize(ViewRecord record, MemberId member)
    {
        if (record.BallotOf(member, VoteKind.Nullify) is { } nullify && record.BallotOf(member, VoteKind.Finalize) is { } finalize)
            Contradict(record, member, EvidenceKind.NullifyAndFinalize, nullify, finalize);
    }

    private void Contradict(ViewRecord record, MemberId member, EvidenceKind kind, ViewRecord.Ballot first, ViewRecord.Ballot second)
    {
        if (!second.Verified && !Verifies(member, second.Signed)) return;
        if (!first.Verified && !Verifies(member, first.Signed))
        {
            record.SetBallot(member, second with { Verified = true });
            return;
        }
        accuse(Evidence.OfVotes(kind, context, member, first.Signed, second.Signed));
    }

    // Two nullify votes for one view are the same vote.
    private static EvidenceKind TwoOf(VoteKind kind) => kind == VoteKind.Notarize ? EvidenceKind.TwoNotarize : EvidenceKind.TwoFinalize;

    private bool Verifies(MemberId member, SignedVote signed)
    {
        counters.Add("verify");
        return scheme.Verify(committee[member].ConsensusKey, signed.Vote.SignedPayload(context), signed.Signature)
            || counters.Refuse("vote/signature");
    }
}
