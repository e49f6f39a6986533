using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator.Runs;

namespace Protean.Simulator.Byzantine;

/// <summary>Changes what it puts into the log for key generations.</summary>
public abstract class CheatingDealer(IProtocol<UnitMessage, UnitEvent> inner, MemberId self, Surroundings network) : Interceptor<UnitMessage, UnitEvent>(inner)
{
    /// <summary>The secret of a key that is no member's.</summary>
    protected static Scalar Stranger { get; } = Scalar.FromInteger(4711);

    protected MemberId Self => self;
    protected Surroundings Network => network;

    protected override void Broadcast(UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        foreach (var said in message is UnitMessage.Ordering { Message: Gossip { Entry: { Kind: EntryKind.Contribution } entry } }
            ? Instead(Canonical.Decode<Contribution>(entry.Body.Span))
            : [message])
            base.Broadcast(said, effects);
    }

    private IEnumerable<UnitMessage> Instead(Contribution contribution) => contribution.Member == self
        ? Deed(contribution).Select(posted => (UnitMessage)new UnitMessage.Ordering(new Gossip(posted.ToEntry())))
        : [new UnitMessage.Ordering(new Gossip(contribution.ToEntry()))];

    protected abstract IEnumerable<Contribution> Deed(Contribution own);

    protected Contribution Signed(string topic, Digest subject, byte[] payload) => Contribution.Create(
        network.Context, self, topic, subject, Bytes.Wrap(payload), Surroundings.ConsensusKey(self), network.Scheme);

    /// <summary>A session of the committee in which some members have other keys.</summary>
    protected DkgSession Session(Digest sid, Func<MemberId, bool> isVictim) => new(sid, network.Committee.Threshold, [.. network.Committee.Ids.Select(id =>
        isVictim(id) ? Point.MultiplyBase(Stranger) : Surroundings.EncryptionKey(id).MultiplyBase())]);
}

/// <summary>Deals shares that do not fit to some members; the proof holds, since it covers the ciphertexts whatever they hide.</summary>
public sealed class WrongDealer(IProtocol<UnitMessage, UnitEvent> inner, MemberId self, Surroundings network, Dice dice) : CheatingDealer(inner, self, network)
{
    protected override IEnumerable<Contribution> Deed(Contribution own)
    {
        if (own.Topic != KeyGenerator.DealingTopic) return [own];
        var dealing = Dealing.Deal(Session(own.Subject, id => id != Self && dice.Chance(400)), Self.Index, new SeededRandom((ulong)dice.Between(0, int.MaxValue - 1)));
        var wrong = Signed(own.Topic, own.Subject, dealing.Encode());
        return dice.Chance(200) ? [wrong, own] : [wrong];
    }
}

/// <summary>Complains about good shares, with what proves nothing.</summary>
public sealed class FalseComplainer(IProtocol<UnitMessage, UnitEvent> inner, MemberId self, Surroundings network, Dice dice)
    : CheatingDealer(inner, self, network)
{
    private readonly SortedDictionary<MemberId, Contribution> _dealings = [];

    public override void Receive(MemberId from, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (message is UnitMessage.Ordering { Message: Gossip { Entry: { Kind: EntryKind.Contribution } entry } }
            && Canonical.Decode<Contribution>(entry.Body.Span) is { Topic: KeyGenerator.DealingTopic } dealing)
            _dealings[dealing.Member] = dealing;
        base.Receive(from, message, effects);
    }

    protected override IEnumerable<Contribution> Deed(Contribution own)
    {
        if (own.Topic == KeyGenerator.AcknowledgementTopic)
            foreach (var (dealer, dealt) in _dealings)
                if (dealer != Self && Complaint(dealt) is { } complaint) yield return complaint;
        yield return own;
    }

    // Opened with a key that is not its own, any share is wrong.
    private Contribution? Complaint(Contribution dealt)
    {
        var (size, threshold) = (Network.Committee.Size, Network.Committee.Threshold);
        if (!Dealing.TryDecode(dealt.Payload.Span, size, threshold, out var dealing)) return null;
        if (VerifiedDealing.TryVerify(Session(dealt.Subject, id => id == Self), dealing, out var verified) is not null) return null;
        var random = new SeededRandom((ulong)dice.Between(0, int.MaxValue - 1));
        if (!SecretScalar.TryDecode(Stranger.Span, out var other)) throw new InvalidOperationException("a scalar is canonical");
        using var opened = other;
        if (!verified!.TryOpen(Self.Index, other, random, out var share, out var complaint)) return Signed(KeyGenerator.ComplaintTopic, dealt.Subject, complaint.Encode());
        share.Dispose();
        return null;
    }
}
