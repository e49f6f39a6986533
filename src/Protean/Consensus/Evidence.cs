using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Consensus;

/// <summary>How a member contradicted itself in one view (protocols 1.4).</summary>
public enum EvidenceKind : byte
{
    TwoNotarize = 1,
    NullifyAndFinalize = 2,
    TwoFinalize = 3,
    TwoProposals = 4,
}

/// <summary>Two statements signed by one member that no honest member signs both. Convinces anyone who knows the committee, and nobody of
/// another one.</summary>
/// <param name="First">Canonical <see cref="Vote"/>, or canonical <see cref="BlockHeader"/> where the kind is two proposals.</param>
/// <param name="Second">The same, different from <paramref name="First"/>.</param>
public sealed record Evidence(
    EvidenceKind Kind,
    UnitContext Context,
    MemberId Culprit,
    Bytes First,
    Signature FirstSignature,
    Bytes Second,
    Signature SecondSignature) : ICanonical<Evidence>
{
    private const int MaxStatement = 512;

    /// <summary>What evidence must pass to convince, in order.</summary>
    public static Verifier<EvidenceCase> Checks { get; } = new(
        new("PRT-EVI-0001", static c => c.Evidence.Context.CommitteeHash == c.Committee.Hash),
        new("PRT-EVI-0002", static c => c.Committee.Contains(c.Evidence.Culprit)),
        new("PRT-EVI-0003", static c => c.Evidence.Contradicts()),
        new("PRT-EVI-0004", static c => c.Signed(c.Evidence.First, c.Evidence.FirstSignature)),
        new("PRT-EVI-0005", static c => c.Signed(c.Evidence.Second, c.Evidence.SecondSignature)));

    public bool Holds(Committee committee, ISignatureScheme scheme) => Checks.Refusal(new EvidenceCase(this, committee, scheme)) is null;

    public static Evidence OfVotes(EvidenceKind kind, UnitContext context, MemberId culprit, SignedVote first, SignedVote second) => new(
        kind, context, culprit,
        Bytes.Wrap(Canonical.Encode(first.Vote)), first.Signature,
        Bytes.Wrap(Canonical.Encode(second.Vote)), second.Signature);

    public static Evidence OfProposals(UnitContext context, MemberId culprit, Proposal first, Proposal second) => new(
        EvidenceKind.TwoProposals, context, culprit,
        Bytes.Wrap(Canonical.Encode(first.Header)), first.LeaderSignature,
        Bytes.Wrap(Canonical.Encode(second.Header)), second.LeaderSignature);

    internal byte[] Payload(Bytes statement) => Kind == EvidenceKind.TwoProposals
        ? SignMsg.Payload("proposal", statement.Span)
        : new Encoder().Value(Context).Raw(statement.Span).ToSignMsg("vote");

    private bool Contradicts()
    {
        if (First == Second) return false;
        if (Kind == EvidenceKind.TwoProposals)
        {
            var one = Canonical.Decode<BlockHeader>(First.Span);
            var other = Canonical.Decode<BlockHeader>(Second.Span);
            return one.View == other.View && one.Context == Context && other.Context == Context;
        }
        var (first, second) = (Canonical.Decode<Vote>(First.Span), Canonical.Decode<Vote>(Second.Span));
        return first.View == second.View && (first.Kind, second.Kind) == Kind switch
        {
            EvidenceKind.TwoNotarize => (VoteKind.Notarize, VoteKind.Notarize),
            EvidenceKind.NullifyAndFinalize => (VoteKind.Nullify, VoteKind.Finalize),
            _ => (VoteKind.Finalize, VoteKind.Finalize),
        };
    }

    public void Encode(Encoder to) => to
        .U8((byte)Kind).Value(Context).U16(Culprit.Index)
        .Bytes(First.Span).Signature(FirstSignature).Bytes(Second.Span).Signature(SecondSignature);

    public static Evidence Decode(ref Decoder from)
    {
        var evidence = new Evidence(
            (EvidenceKind)from.U8(), from.Value<UnitContext>(), new MemberId(from.U16()),
            new Bytes(from.Bytes(MaxStatement)), from.Signature(), new Bytes(from.Bytes(MaxStatement)), from.Signature());
        if (evidence.Kind is < EvidenceKind.TwoNotarize or > EvidenceKind.TwoProposals)
            throw new MalformedException($"evidence kind {(byte)evidence.Kind}");
        evidence.Contradicts(); // decodes the statements: only canonical ones get further
        return evidence;
    }
}

/// <summary>Evidence with what it is judged by.</summary>
public sealed record EvidenceCase(Evidence Evidence, Committee Committee, ISignatureScheme Scheme)
{
    /// <summary>The culprit signed the statement.</summary>
    internal bool Signed(Bytes statement, Signature signature) =>
        Scheme.Verify(Committee[Evidence.Culprit].ConsensusKey, Evidence.Payload(statement), signature);
}
