using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Simulator.Byzantine;

/// <summary>What Byzantine members of one committee agree on behind the others' backs.</summary>
public sealed class Collusion
{
    /// <summary>By view: the two blocks that its Byzantine leader proposed.</summary>
    public SortedDictionary<ulong, (Digest First, Digest Second)> Forks { get; } = [];

    /// <summary>Which of two stories a member is told.</summary>
    public static bool HearsFirst(MemberId member) => member.Index % 2 == 1;
}

/// <summary>Tells two halves of the committee two stories: as leader it proposes two blocks, and it votes for both, gives views up and
/// finalises them.</summary>
public sealed class Equivocator(
    IProtocol<ConsensusMessage, FinalizedBlock> inner, UnitContext context, SigningKey key, ISignatureScheme scheme, Collusion collusion)
    : Interceptor<ConsensusMessage, FinalizedBlock>(inner)
{
    public override void Receive(MemberId from, ConsensusMessage message, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        if (message is Proposal proposal && collusion.Forks.ContainsKey(proposal.View)) VoteForBoth(proposal.View, effects);
        base.Receive(from, message, effects);
    }

    protected override void Broadcast(ConsensusMessage message, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        switch (message)
        {
            case Proposal proposal: ProposeTwo(proposal, effects); break;
            case VoteMessage { Signed.Vote: var vote } when collusion.Forks.ContainsKey(vote.View): break; // voted for both already
            case VoteMessage { Signed.Vote: var vote }: Contradict(vote, effects); break;
            default: base.Broadcast(message, effects); break;
        }
    }

    private void ProposeTwo(Proposal proposal, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        var header = proposal.Header with { TimeMs = proposal.Header.TimeMs + 1 };
        var block = new Block(header, proposal.Block.Entries);
        var second = proposal with { Block = block, LeaderSignature = scheme.Sign(key, header.SignedPayload()) };
        collusion.Forks[proposal.View] = (proposal.Block.Id, second.Block.Id);
        foreach (var to in Others) effects.Send(to, Collusion.HearsFirst(to) ? proposal : second);
        VoteForBoth(proposal.View, effects);
    }

    private void VoteForBoth(ulong view, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        var (first, second) = collusion.Forks[view];
        foreach (var to in Others)
        {
            var id = Collusion.HearsFirst(to) ? first : second;
            effects.Send(to, Signed(Vote.Notarize(view, id)));
            effects.Send(to, Signed(Vote.Finalize(view, id)));
        }
    }

    private void Contradict(Vote vote, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        foreach (var to in Others)
        {
            effects.Send(to, Signed(vote));
            if (vote.Kind == VoteKind.Finalize) effects.Send(to, Signed(Vote.Nullify(vote.View)));
            if (vote.Kind == VoteKind.Notarize && Collusion.HearsFirst(to))
                effects.Send(to, Signed(Vote.Notarize(vote.View, Hash.H("protean/no-block", vote.BlockId.Span))));
        }
    }

    private VoteMessage Signed(Vote vote) => new(new SignedVote(vote, scheme.Sign(key, vote.SignedPayload(context))));
}
