using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Consensus;

/// <summary>What one member knows of one view: others' votes, its own, the certificates, the leader's proposal.</summary>
internal sealed class ViewRecord(ulong view, int committeeSize)
{
    private const int Kinds = 3;

    private readonly Ballot?[] _ballots = new Ballot?[Kinds * committeeSize];
    private readonly Certificate?[] _certificates = new Certificate?[Kinds];
    private readonly SignedVote?[] _own = new SignedVote?[Kinds];

    /// <summary>A member's first vote of a kind; those that come after a certificate are kept unverified, as evidence if a second one
    /// contradicts them.</summary>
    internal sealed record Ballot(SignedVote Signed, bool Verified);

    public ulong View => view;

    /// <summary>The first proposal signed by the view's leader.</summary>
    public Proposal? Candidate { get; set; }

    /// <summary>This member leads the view and has proposed: never again, whatever became of it.</summary>
    public bool Proposed { get; set; }

    /// <summary>Provably invalid, or a second one was signed: the view is to be given up.</summary>
    public bool Spoiled { get; set; }

    public Certificate? this[VoteKind kind]
    {
        get => _certificates[(int)kind - 1];
        set => _certificates[(int)kind - 1] = value;
    }

    public IEnumerable<Certificate> Certificates => _certificates.OfType<Certificate>();
    public bool IsNullified => this[VoteKind.Nullify] is not null;

    /// <summary>The block of this view that a quorum vouches for, by a notarisation or a finalisation.</summary>
    public Certificate? Notarization => this[VoteKind.Notarize] ?? this[VoteKind.Finalize];

    public SignedVote? Own(VoteKind kind) => _own[(int)kind - 1];
    public IEnumerable<SignedVote> OwnVotes => _own.OfType<SignedVote>();
    public void SetOwn(SignedVote signed) => _own[(int)signed.Vote.Kind - 1] = signed;

    public Ballot? BallotOf(MemberId member, VoteKind kind) => _ballots[Slot(member, kind)];
    public void SetBallot(MemberId member, Ballot ballot) => _ballots[Slot(member, ballot.Signed.Vote.Kind)] = ballot;

    /// <summary>Verified votes equal to this one.</summary>
    public int Count(Vote vote)
    {
        var count = 0;
        for (var i = 0; i < committeeSize; i++)
            if (_ballots[(((int)vote.Kind - 1) * committeeSize) + i] is { Verified: true } ballot && ballot.Signed.Vote == vote) count++;
        return count;
    }

    /// <summary>The most verified votes of this kind that agree.</summary>
    public int Most(VoteKind kind)
    {
        var most = 0;
        for (var i = 0; i < committeeSize; i++)
            if (_ballots[(((int)kind - 1) * committeeSize) + i] is { Verified: true } ballot)
                most = Math.Max(most, Count(ballot.Signed.Vote));
        return most;
    }

    /// <summary>Exactly a quorum of the verified votes equal to this one.</summary>
    public Certificate Certify(Vote vote, Committee committee)
    {
        var signatures = new List<KeyValuePair<MemberId, Signature>>();
        foreach (var member in committee.Ids)
        {
            if (signatures.Count == committee.Quorum) break;
            if (BallotOf(member, vote.Kind) is { Verified: true } ballot && ballot.Signed.Vote == vote)
                signatures.Add(new(member, ballot.Signed.Signature));
        }
        return new Certificate(vote, QuorumSignature.Of(committee.Size, signatures));
    }

    private int Slot(MemberId member, VoteKind kind) => (((int)kind - 1) * committeeSize) + member.Index - 1;
}
