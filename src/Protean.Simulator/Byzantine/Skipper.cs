using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Simulator.Byzantine;

/// <summary>As leader, builds on some older block as if all that came after it had been given up.</summary>
public sealed class Skipper(IProtocol<ConsensusMessage, FinalizedBlock> inner, SigningKey key, ISignatureScheme scheme, Dice dice)
    : Interceptor<ConsensusMessage, FinalizedBlock>(inner)
{
    private const int MaxSeen = 3;
    private readonly Queue<Proposal> _seen = new();

    public override void Receive(MemberId from, ConsensusMessage message, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        if (message is Proposal proposal) Remember(proposal);
        base.Receive(from, message, effects);
    }

    protected override void Broadcast(ConsensusMessage message, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        if (message is Proposal { ParentCertificate: not null } proposal && _seen.Count > 0)
        {
            var parent = dice.Pick([.. _seen]).Header;
            var header = proposal.Header with
            {
                Height = parent.Height + 1,
                ParentView = parent.View,
                ParentHash = parent.Id,
                SealedHeight = parent.SealedHeight,
                SealedHash = parent.SealedHash,
            };
            var block = new Block(header, proposal.Block.Entries);
            message = proposal with { Block = block, LeaderSignature = scheme.Sign(key, header.SignedPayload()), Seal = null };
        }
        base.Broadcast(message, effects);
    }

    private void Remember(Proposal proposal)
    {
        _seen.Enqueue(proposal);
        if (_seen.Count > MaxSeen) _seen.Dequeue();
    }
}
