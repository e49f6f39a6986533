using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Runs;

namespace Protean.Simulator.Byzantine;

/// <summary>Shows what honest members signed elsewhere, in another epoch or unit, as if they had signed it here.</summary>
public sealed class Transplanter(IProtocol<UnitMessage, UnitEvent> inner, Surroundings network, Dice dice) : Interceptor<UnitMessage, UnitEvent>(inner)
{
    public override void Receive(MemberId from, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (message is UnitMessage.Ordering { Message: VoteMessage { Signed.Vote: var vote } } && dice.Chance(300))
        {
            var other = Elsewhere();
            var claimed = dice.Between(0, 2) switch
            {
                0 => Vote.Nullify(vote.View),
                1 => Vote.Finalize(vote.View, OtherBlock(vote)),
                _ => Vote.Notarize(vote.View, OtherBlock(vote)),
            };
            var certificate = new Certificate(claimed, network.Sign(claimed.SignedPayload(other)));
            effects.Send(dice.Pick(Others), new UnitMessage.Ordering(new CertificateMessage(certificate)));
        }
        if (message is UnitMessage.SealVote seal && dice.Chance(300)) effects.Send(dice.Pick(Others), SealedElsewhere(seal.Height));
        if (message is UnitMessage.Share share && dice.Chance(300)) Conclude(share.Subject, effects);
        base.Receive(from, message, effects);
    }

    private UnitContext Elsewhere() => dice.Chance(500)
        ? network.ContextOf(network.UnitId, epoch: 1)
        : network.ContextOf(network.IdOf(Surroundings.Oracle));

    private static Digest OtherBlock(Vote vote) => Hash.H("simulated/block elsewhere", vote.BlockId.Span);

    private UnitMessage.Sealed SealedElsewhere(ulong height)
    {
        var there = new SealHeader(Elsewhere(), height, Hash.H("simulated/block", [1]), 1, default, Hash.H("simulated/state", [1]), default, 0);
        var shown = dice.Chance(500) ? there : there with { Context = network.Context };
        return new UnitMessage.Sealed(new SealedHeader(shown, network.Sign(there.SignedPayload())));
    }

    // Everybody's word, given elsewhere, for a result that nobody found here.
    private void Conclude(Digest subject, IEffects<UnitMessage, UnitEvent> effects)
    {
        var word = Hash.H("simulated/result elsewhere", subject.Span);
        var where = Elsewhere();
        foreach (var member in network.Committee.Ids)
        {
            var contribution = Contribution.Create(
                where, member, "done", subject, new Bytes(word.Span), Surroundings.ConsensusKey(member), network.Scheme);
            effects.Broadcast(new UnitMessage.Ordering(new Gossip(contribution.ToEntry())));
        }
    }
}

/// <summary>Makes certificates, seals and evidence with nobody's signatures but its own, and those that it was sent.</summary>
public sealed class Forger(IProtocol<UnitMessage, UnitEvent> inner, MemberId self, Surroundings network, Dice dice) : Interceptor<UnitMessage, UnitEvent>(inner)
{
    private readonly SortedDictionary<(VoteKind Kind, ulong View, Digest Block), SortedDictionary<MemberId, Signature>> _heard = [];

    public override void Receive(MemberId from, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (message is UnitMessage.Ordering { Message: VoteMessage { Signed: var signed } })
        {
            Hear(from, signed);
            if (dice.Chance(300)) effects.Send(dice.Pick(Others), Certify(signed.Vote));
            if (dice.Chance(200)) effects.Send(dice.Pick(Others), Frame(from, signed));
        }
        if (message is UnitMessage.SealVote vote && dice.Chance(300)) effects.Send(dice.Pick(Others), Seal(vote.Height));
        if (message is UnitMessage.Share share && dice.Chance(300)) SayDoneOften(share.Subject, effects);
        base.Receive(from, message, effects);
    }

    private void Hear(MemberId from, SignedVote signed)
    {
        var vote = (signed.Vote.Kind, signed.Vote.View, signed.Vote.BlockId);
        if (!_heard.TryGetValue(vote, out var heard)) _heard.Add(vote, heard = new() { [self] = Sign(signed.Vote.SignedPayload(network.Context)) });
        heard[from] = signed.Signature;
    }

    // What was heard with the own vote, and where that is no quorum, a form that makes it look like one.
    private UnitMessage.Ordering Certify(Vote vote)
    {
        var about = dice.Between(0, 3) switch
        {
            0 => Vote.Nullify(vote.View),
            1 => Vote.Finalize(vote.View, vote.Kind == VoteKind.Nullify ? Hash.H("simulated/block", [2]) : vote.BlockId),
            2 => Vote.Notarize(vote.View, Hash.H("simulated/block", [2])),
            _ => vote,
        };
        var heard = _heard.GetValueOrDefault((about.Kind, about.View, about.BlockId)) ?? new() { [self] = Sign(about.SignedPayload(network.Context)) };
        return new UnitMessage.Ordering(new CertificateMessage(new Certificate(about, Stretch(heard))));
    }

    private QuorumSignature Stretch(SortedDictionary<MemberId, Signature> heard)
    {
        var honest = QuorumSignature.Of(network.Committee.Size, heard);
        var quorum = network.Committee.Size - network.Faulty;
        if (honest.Signatures.Count >= quorum) return honest;
        Signature[] repeated = [.. Enumerable.Range(0, quorum).Select(i => honest.Signatures[Math.Min(i, honest.Signatures.Count - 1)])];
        return dice.Between(0, 3) switch
        {
            0 => honest,
            1 => honest with { Signatures = repeated },
            2 => WithStrangers(honest),
            _ => network.Sign([]) with { Signatures = repeated },
        };
    }

    // Members beyond the last one, as many as the bitmap has bits for.
    private QuorumSignature WithStrangers(QuorumSignature honest)
    {
        var bitmap = honest.Bitmap.ToArray();
        for (var i = network.Committee.Size; i < bitmap.Length * 8; i++) bitmap[i / 8] |= (byte)(1 << (i % 8));
        var strangers = (bitmap.Length * 8) - network.Committee.Size;
        return new QuorumSignature(Bytes.Wrap(bitmap), [.. honest.Signatures, .. Enumerable.Repeat(honest.Signatures[^1], strangers)]);
    }

    // A vote that was said, as if the member had said something else too.
    private UnitMessage.Ordering Frame(MemberId honest, SignedVote said)
    {
        var other = said.Vote.Kind == VoteKind.Nullify ? Vote.Finalize(said.Vote.View, Hash.H("simulated/block", [3])) : said.Vote with { BlockId = Hash.H("simulated/block", [3]) };
        var (kind, first, second) = said.Vote.Kind switch
        {
            VoteKind.Notarize => (EvidenceKind.TwoNotarize, said, new SignedVote(other, Sign(other.SignedPayload(network.Context)))),
            VoteKind.Nullify => (EvidenceKind.NullifyAndFinalize, said, new SignedVote(other, said.Signature)),
            _ => (EvidenceKind.TwoFinalize, said, new SignedVote(dice.Chance(500) ? other : said.Vote, said.Signature)),
        };
        return new UnitMessage.Ordering(new EvidenceMessage(Evidence.OfVotes(kind, network.Context, honest, first, second)));
    }

    private UnitMessage.Sealed Seal(ulong height)
    {
        var header = new SealHeader(network.Context, height, Hash.H("simulated/block", [2]), 1, default, Hash.H("simulated/state", [2]), default, 0);
        var own = Sign(header.SignedPayload());
        return new UnitMessage.Sealed(new SealedHeader(header, Stretch(new() { [self] = own })));
    }

    private void SayDoneOften(Digest subject, IEffects<UnitMessage, UnitEvent> effects)
    {
        var word = Hash.H("simulated/no result", subject.Span);
        foreach (var member in network.Committee.Ids)
        {
            var own = Contribution.Create(
                network.Context, dice.Chance(500) ? self : member, "done", subject, new Bytes(word.Span), Surroundings.ConsensusKey(self), network.Scheme);
            effects.Broadcast(new UnitMessage.Ordering(new Gossip(own.ToEntry())));
        }
    }

    private Signature Sign(byte[] payload) => network.Scheme.Sign(Surroundings.ConsensusKey(self), payload);
}
