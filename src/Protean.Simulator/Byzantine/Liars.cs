using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Simulator.Runs;

namespace Protean.Simulator.Byzantine;

/// <summary>Changes its own messages a little before it signs and sends them: a view or height more or less, a block of before.</summary>
public sealed class Mutator(IProtocol<UnitMessage, UnitEvent> inner, MemberId self, Surroundings network, Dice dice) : Interceptor<UnitMessage, UnitEvent>(inner)
{
    private Digest _before;

    protected override void Send(MemberId to, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (dice.Chance(700)) effects.Send(to, message);
        if (!dice.Chance(500)) return;
        if (Mutated(message) is { } other) effects.Send(to, other);
    }

    private UnitMessage? Mutated(UnitMessage message) => message switch
    {
        UnitMessage.Ordering { Message: VoteMessage { Signed.Vote: var vote } } => new UnitMessage.Ordering(new VoteMessage(Signed(Mutated(vote)))),
        UnitMessage.Ordering { Message: Proposal proposal } => new UnitMessage.Ordering(Mutated(proposal)),
        UnitMessage.Ordering { Message: Status status } => new UnitMessage.Ordering(new Status(Near(status.View), Near(status.FinalHeight))),
        UnitMessage.Ordering { Message: CertificateMessage { Certificate: var known } } =>
            new UnitMessage.Ordering(new CertificateMessage(known with { Vote = Mutated(known.Vote) })),
        UnitMessage.SealVote seal => seal with { Height = Near(seal.Height) },
        UnitMessage.Sealed certified => new UnitMessage.Sealed(certified.Header with { Header = certified.Header.Header with { Height = Near(certified.Header.Header.Height) } }),
        _ => null,
    };

    private Vote Mutated(Vote vote)
    {
        var before = _before;
        if (vote.Kind == VoteKind.Nullify) return vote with { View = Near(vote.View) };
        _before = vote.BlockId;
        return before != Digest.Zero && dice.Chance(500) ? vote with { BlockId = before } : vote with { View = Near(vote.View) };
    }

    private Proposal Mutated(Proposal proposal)
    {
        var header = dice.Between(0, 4) switch
        {
            0 => proposal.Header with { View = Near(proposal.Header.View) },
            1 => proposal.Header with { Height = Near(proposal.Header.Height) },
            2 => proposal.Header with { ParentView = Near(proposal.Header.ParentView) },
            3 => proposal.Header with { TimeMs = proposal.Header.TimeMs + (ulong)dice.Between(1, 100_000_000) },
            _ => proposal.Header with { SealedHeight = Near(proposal.Header.SealedHeight) },
        };
        var signature = network.Scheme.Sign(Surroundings.ConsensusKey(self), header.SignedPayload());
        return proposal with { Block = new Block(header, proposal.Block.Entries), LeaderSignature = signature };
    }

    private SignedVote Signed(Vote vote) => new(vote, network.Scheme.Sign(Surroundings.ConsensusKey(self), vote.SignedPayload(network.Context)));

    private ulong Near(ulong number) => number == 0 || dice.Chance(500) ? number + 1 : number - 1;
}

/// <summary>Says a wrong share of every result, first, and signs it.</summary>
public sealed class WrongSharer(IProtocol<UnitMessage, UnitEvent> inner, MemberId self, string function, Surroundings network)
    : Interceptor<UnitMessage, UnitEvent>(inner)
{
    protected override void Send(MemberId to, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects) =>
        effects.Send(to, message is UnitMessage.Share share ? Wrong(share) : message);

    private UnitMessage.Share Wrong(UnitMessage.Share share)
    {
        var value = share.Value.ToArray();
        value[value.Length / 2] ^= 1;
        var signed = SignMsg.Payload("share", new Encoder().Value(network.Context).Text(function).Bytes(share.Subject.Span).Raw(value).Written);
        return share with { Value = Bytes.Wrap(value), Signature = network.Scheme.Sign(Surroundings.ConsensusKey(self), signed) };
    }
}

/// <summary>Votes for seals of states that nobody came to, or with signatures that are none.</summary>
public sealed class WrongSealer(IProtocol<UnitMessage, UnitEvent> inner, Dice dice) : Interceptor<UnitMessage, UnitEvent>(inner)
{
    protected override void Send(MemberId to, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects) =>
        effects.Send(to, message is UnitMessage.SealVote vote ? Wrong(vote) : message);

    private UnitMessage.SealVote Wrong(UnitMessage.SealVote vote) => dice.Between(0, 2) switch
    {
        0 => vote,
        1 => vote with { SealHash = Hash.H("simulated/seal", vote.SealHash.Span) },
        _ => vote with { Signature = default },
    };
}

/// <summary>Sends, beside its messages, frames that say they are longer than anything may be, and frames that are.</summary>
public sealed class OversizeSender(IProtocol<UnitMessage, UnitEvent> inner, Dice dice) : Interceptor<UnitMessage, UnitEvent>(inner)
{
    private const int Far = 1 << 16;

    protected override void Send(MemberId to, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        effects.Send(to, message);
        if (effects is not IRawSend raw || !dice.Chance(100)) return;
        var bytes = Canonical.Encode(message);
        // A length field of 2^31, wherever one may stand.
        if (bytes.Length > 8) new byte[] { 0xff, 0xff, 0xff, 0x7f }.CopyTo(bytes, dice.Between(1, bytes.Length - 4));
        raw.SendBytes(to, dice.Chance(200) ? [.. bytes, .. dice.Bytes(Far)] : bytes);
    }
}
