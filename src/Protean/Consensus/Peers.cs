using Protean.Runtime;

namespace Protean.Consensus;

/// <summary>What others have shown of themselves, and how much they have asked for lately.</summary>
internal sealed class Peers(int committeeSize)
{
    private const ulong Second = 1000;

    private readonly ulong[] _certified = new ulong[committeeSize];
    private readonly ulong[] _finalized = new ulong[committeeSize];
    private readonly (ulong Since, int Count)[] _answers = new (ulong, int)[committeeSize];

    /// <summary>A vote in a view shows that its sender has what led into that view; a finalize vote, that it has the notarisation
    /// too.</summary>
    public void Showed(MemberId peer, Vote vote)
    {
        var before = vote.View - Math.Min(vote.View, 1);
        Raise(peer, vote.Kind == VoteKind.Finalize ? vote.View : before, before);
    }

    public void Showed(MemberId peer, Certificate certificate)
    {
        var before = certificate.View - Math.Min(certificate.View, 1);
        Raise(peer, certificate.View, certificate.Vote.Kind == VoteKind.Finalize ? certificate.View : before);
    }

    public bool Has(MemberId peer, Certificate certificate) =>
        (certificate.Vote.Kind == VoteKind.Finalize ? _finalized : _certified)[peer.Index - 1] >= certificate.View;

    /// <summary>Whether one more answer to this peer is within its allowance.</summary>
    public bool MayAnswer(MemberId peer, UnixMs now)
    {
        ref var answers = ref _answers[peer.Index - 1];
        if (now.Value < answers.Since || now.Value - answers.Since >= Second) answers = (now.Value, 0);
        return ++answers.Count <= Limits.MaxAnswersPerSecond;
    }

    private void Raise(MemberId peer, ulong certified, ulong finalized)
    {
        _certified[peer.Index - 1] = Math.Max(_certified[peer.Index - 1], certified);
        _finalized[peer.Index - 1] = Math.Max(_finalized[peer.Index - 1], finalized);
    }
}
