using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Consensus;

/// <summary>What members of one committee say to each other. The kinds below are all there are; the first byte tells them apart.</summary>
public abstract record ConsensusMessage : ICanonical<ConsensusMessage>
{
    private protected ConsensusMessage() { }

    private protected abstract byte Tag { get; }
    private protected abstract void EncodeBody(Encoder to);

    public void Encode(Encoder to)
    {
        to.U8(Tag);
        EncodeBody(to);
    }

    public static ConsensusMessage Decode(ref Decoder from)
    {
        var tag = from.U8();
        return tag switch
        {
            Proposal.Kind => Proposal.DecodeBody(ref from),
            VoteMessage.Kind => new VoteMessage(from.Value<SignedVote>()),
            CertificateMessage.Kind => new CertificateMessage(from.Value<Certificate>()),
            Gossip.Kind => new Gossip(from.Value<Entry>()),
            Status.Kind => new Status(from.U64(), from.U64()),
            GetCertificate.Kind => new GetCertificate(from.U64()),
            GetBlock.Kind => new GetBlock(from.Digest()),
            BlockMessage.Kind => new BlockMessage(from.Value<Block>()),
            GetFinal.Kind => new GetFinal(from.U64()),
            FinalizedRun.Kind => FinalizedRun.DecodeBody(ref from),
            GetEvidence.Kind => new GetEvidence(),
            EvidenceMessage.Kind => new EvidenceMessage(from.Value<Evidence>()),
            Recall.Kind => new Recall(from.U64()),
            Recalled.Kind => new Recalled(from.U64(), from.List<SignedVote>(Limits.MaxRecalledVotes)),
            _ => throw new MalformedException($"message kind {tag}"),
        };
    }
}

/// <summary>A leader's block with what shows that it may follow its parent (protocols 1.2).</summary>
/// <param name="LeaderSignature">Over SignMsg("proposal", header).</param>
/// <param name="ParentCertificate">Notarize or finalize, for the parent; none where the parent is the start of the chain.</param>
/// <param name="Nullifications">Of the views between the parent's and this one, the latest of them where they are many; the rest by
/// request.</param>
/// <param name="Seal">Where the header's sealed height is above the parent's: that seal with its certificate.</param>
public sealed record Proposal(
    Block Block, Signature LeaderSignature, Certificate? ParentCertificate, IReadOnlyList<Certificate> Nullifications, SealedHeader? Seal)
    : ConsensusMessage
{
    internal const byte Kind = 1;

    public BlockHeader Header => Block.Header;
    public ulong View => Block.Header.View;

    private protected override byte Tag => Kind;

    private protected override void EncodeBody(Encoder to) =>
        to.Value(Block).Signature(LeaderSignature).Optional(ParentCertificate).List(Nullifications).Optional(Seal);

    internal static Proposal DecodeBody(ref Decoder from) => new(
        from.Value<Block>(), from.Signature(), from.Optional<Certificate>(), from.List<Certificate>(Limits.MaxInlineNullifications),
        from.Optional<SealedHeader>());

    public bool Equals(Proposal? other) =>
        other is not null && Canonical.Encode<ConsensusMessage>(this).AsSpan().SequenceEqual(Canonical.Encode<ConsensusMessage>(other));
    public override int GetHashCode() => Block.GetHashCode();
}

/// <summary>The sender's own vote.</summary>
public sealed record VoteMessage(SignedVote Signed) : ConsensusMessage
{
    internal const byte Kind = 2;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.Value(Signed);
}

public sealed record CertificateMessage(Certificate Certificate) : ConsensusMessage
{
    internal const byte Kind = 3;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.Value(Certificate);
}

/// <summary>An entry for the pools of all members.</summary>
public sealed record Gossip(Entry Entry) : ConsensusMessage
{
    internal const byte Kind = 4;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.Value(Entry);
}

/// <summary>Where the sender stands: at start and at a standstill. Who is ahead answers with certificates.</summary>
public sealed record Status(ulong View, ulong FinalHeight) : ConsensusMessage
{
    internal const byte Kind = 5;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.U64(View).U64(FinalHeight);
}

/// <summary>Asks for the certificates of one view; answered by <see cref="CertificateMessage"/>.</summary>
public sealed record GetCertificate(ulong View) : ConsensusMessage
{
    internal const byte Kind = 6;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.U64(View);
}

/// <summary>Asks for a block by name; answered by <see cref="BlockMessage"/>.</summary>
public sealed record GetBlock(Digest Id) : ConsensusMessage
{
    internal const byte Kind = 7;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.Digest(Id);
}

public sealed record BlockMessage(Block Block) : ConsensusMessage
{
    internal const byte Kind = 8;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.Value(Block);
}

/// <summary>Asks for the finalised blocks from a height on; answered by <see cref="FinalizedRun"/>.</summary>
public sealed record GetFinal(ulong Height) : ConsensusMessage
{
    internal const byte Kind = 9;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.U64(Height);
}

/// <summary>Blocks that follow one another, the last of which the certificate finalises. A run too long for one message lacks its
/// beginning.</summary>
public sealed record FinalizedRun(Certificate Finality, IReadOnlyList<Block> Blocks) : ConsensusMessage
{
    internal const byte Kind = 10;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.Value(Finality).List(Blocks);

    internal static FinalizedRun DecodeBody(ref Decoder from)
    {
        var run = new FinalizedRun(from.Value<Certificate>(), from.List<Block>(Limits.MaxRun));
        return run.Finality.Vote.Kind == VoteKind.Finalize && run.Blocks.Count > 0
            ? run
            : throw new MalformedException("a run of blocks ends in one that is final");
    }

    public bool Equals(FinalizedRun? other) => other is not null && Finality == other.Finality && Blocks.SequenceEqual(other.Blocks);
    public override int GetHashCode() => Finality.GetHashCode();
}

/// <summary>Asks for all evidence kept; answered by one <see cref="EvidenceMessage"/> each.</summary>
public sealed record GetEvidence : ConsensusMessage
{
    internal const byte Kind = 11;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) { }
}

public sealed record EvidenceMessage(Evidence Evidence) : ConsensusMessage
{
    internal const byte Kind = 12;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.Value(Evidence);
}

/// <summary>A member that starts asks which of its votes others have seen; answered by <see cref="Recalled"/>.</summary>
/// <param name="Stamp">Tells this start from others.</param>
public sealed record Recall(ulong Stamp) : ConsensusMessage
{
    internal const byte Kind = 13;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.U64(Stamp);
}

/// <summary>The asker's own latest votes, as far as the sender has seen them.</summary>
public sealed record Recalled(ulong Stamp, IReadOnlyList<SignedVote> Votes) : ConsensusMessage
{
    internal const byte Kind = 14;
    private protected override byte Tag => Kind;
    private protected override void EncodeBody(Encoder to) => to.U64(Stamp).List(Votes);

    public bool Equals(Recalled? other) => other is not null && Stamp == other.Stamp && Votes.SequenceEqual(other.Votes);
    public override int GetHashCode() => Stamp.GetHashCode();
}
