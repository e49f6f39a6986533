using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Consensus;

public enum VoteKind : byte
{
    /// <summary>"This proposal is valid": at most one per view and member.</summary>
    Notarize = 1,

    /// <summary>"I give this view up": never together with <see cref="Finalize"/>.</summary>
    Nullify = 2,

    /// <summary>"I saw it notarised and never gave the view up."</summary>
    Finalize = 3,
}

/// <summary>What a member says about one view (protocols 1.2).</summary>
/// <param name="BlockId">Zero for nullify.</param>
public readonly record struct Vote(VoteKind Kind, ulong View, Digest BlockId) : ICanonical<Vote>
{
    public static Vote Notarize(ulong view, Digest blockId) => new(VoteKind.Notarize, view, blockId);
    public static Vote Nullify(ulong view) => new(VoteKind.Nullify, view, Digest.Zero);
    public static Vote Finalize(ulong view, Digest blockId) => new(VoteKind.Finalize, view, blockId);

    /// <summary>SignMsg("vote", Ctx || Vote).</summary>
    public byte[] SignedPayload(UnitContext context) => new Encoder().Value(context).Value(this).ToSignMsg("vote");

    public void Encode(Encoder to) => to.U8((byte)Kind).U64(View).Digest(BlockId);

    public static Vote Decode(ref Decoder from)
    {
        var vote = new Vote((VoteKind)from.U8(), from.U64(), from.Digest());
        if (vote.Kind is < VoteKind.Notarize or > VoteKind.Finalize) throw new MalformedException($"vote kind {(byte)vote.Kind}");
        if (vote.Kind == VoteKind.Nullify != (vote.BlockId == Digest.Zero))
            throw new MalformedException("nullify, and only nullify, names no block");
        return vote;
    }
}

/// <summary>A vote with its member's signature; whose it is, the channel or the bitmap says.</summary>
public sealed record SignedVote(Vote Vote, Signature Signature) : ICanonical<SignedVote>
{
    public void Encode(Encoder to) => to.Value(Vote).Signature(Signature);
    public static SignedVote Decode(ref Decoder from) => new(from.Value<Vote>(), from.Signature());
}

/// <summary>The same vote by a quorum.</summary>
public sealed record Certificate(Vote Vote, QuorumSignature Signatures) : ICanonical<Certificate>
{
    public ulong View => Vote.View;

    /// <summary>Whether q distinct members of this committee signed this vote in this context.</summary>
    public bool Holds(UnitContext context, Committee committee, ISignatureScheme scheme) =>
        Signatures.IsQuorumOf(committee) && Signatures.SignaturesHold(committee, Vote.SignedPayload(context), scheme);

    /// <summary>The signers with their votes, in index order. Of a certificate whose form was checked.</summary>
    public IEnumerable<(MemberId Member, SignedVote Vote)> Votes() =>
        Signatures.Signers.Zip(Signatures.Signatures, (member, signature) => (member, new SignedVote(Vote, signature)));

    public void Encode(Encoder to) => to.Value(Vote).Value(Signatures);
    public static Certificate Decode(ref Decoder from) => new(from.Value<Vote>(), from.Value<QuorumSignature>());
}
