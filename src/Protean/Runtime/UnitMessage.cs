using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Sealing;
using Protean.Sync;

namespace Protean.Runtime;

/// <summary>What members of one unit say to each other.</summary>
public abstract record UnitMessage : ICanonical<UnitMessage>
{
    private UnitMessage() { }

    /// <summary>Ordering (protocols 1.2).</summary>
    public sealed record Ordering(ConsensusMessage Message) : UnitMessage;

    /// <summary>A member's signature on its seal header of one height.</summary>
    public sealed record SealVote(ulong Height, Digest SealHash, Signature Signature) : UnitMessage;

    /// <summary>A certified header, for a member whose vote shows that it lacks it, or that asks.</summary>
    public sealed record Sealed(SealedHeader Header) : UnitMessage;

    /// <summary>Asks for the certified header of a height that the sender has executed and may not sign.</summary>
    public sealed record WantSeal(ulong Height) : UnitMessage;

    /// <summary>A share of a pending result, bound by signature to unit, epoch and subject (protocols 0.4).</summary>
    public sealed record Share(Digest Subject, Bytes Value, Signature Signature) : UnitMessage;

    /// <summary>Asks for a result that a quorum has and this member has not.</summary>
    public sealed record WantResult(LeafPlace Place) : UnitMessage;

    /// <summary>A result, checked by the receiver against its own replay entry, with what convinces third parties.</summary>
    public sealed record HaveResult(Receipt Receipt, Outputs Outputs, Bytes Record) : UnitMessage;

    /// <summary>A client waits for a sealed height at or after this block time.</summary>
    public sealed record Await(ulong TimeMs) : UnitMessage;

    /// <summary>Between a member that is far behind and the others.</summary>
    public sealed record Sync(SyncMessage Message) : UnitMessage, IAcrossEpochs;

    public void Encode(Encoder to)
    {
        _ = this switch
        {
            Ordering ordering => to.U8(1).Value(ordering.Message),
            SealVote vote => to.U8(2).U64(vote.Height).Digest(vote.SealHash).Signature(vote.Signature),
            Sealed certified => to.U8(3).Value(certified.Header),
            Share share => to.U8(4).Digest(share.Subject).Bytes(share.Value.Span).Signature(share.Signature),
            WantResult want => to.U8(5).Value(want.Place),
            HaveResult have => to.U8(6).Value(have.Receipt).Value(have.Outputs).Bytes(have.Record.Span),
            Await wait => to.U8(7).U64(wait.TimeMs),
            Sync sync => to.U8(8).Value(sync.Message),
            WantSeal want => to.U8(9).U64(want.Height),
            _ => throw new InvalidOperationException("a message of no kind"),
        };
    }

    public static UnitMessage Decode(ref Decoder from)
    {
        var kind = from.U8();
        return kind switch
        {
            1 => new Ordering(from.Value<ConsensusMessage>()),
            2 => new SealVote(from.U64(), from.Digest(), from.Signature()),
            3 => new Sealed(from.Value<SealedHeader>()),
            4 => new Share(from.Digest(), new Bytes(from.Bytes(Limits.MaxShare)), from.Signature()),
            5 => new WantResult(from.Value<LeafPlace>()),
            6 => new HaveResult(from.Value<Receipt>(), from.Value<Outputs>(), new Bytes(from.Bytes(Limits.MaxRecord))),
            7 => new Await(from.U64()),
            8 => new Sync(from.Value<SyncMessage>()),
            9 => new WantSeal(from.U64()),
            _ => throw new MalformedException($"unit message of kind {kind}"),
        };
    }
}

/// <summary>A message for whichever epoch's member of the unit the receiver has: its sender may not know the epoch.</summary>
public interface IAcrossEpochs;
