using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Runtime;

/// <summary>What one member puts into its unit's log: the body of an entry of kind <see cref="EntryKind.Contribution"/> (protocols
/// 0.4).</summary>
/// <param name="Member">The member that signs, and answers for it.</param>
/// <param name="Topic">What it is: "key/dealing".</param>
/// <param name="Subject">What it belongs to: a key generation's session, a pending result.</param>
/// <param name="Payload">Canonical bytes, as the topic says.</param>
/// <param name="Signature">Of the member's consensus key over SignMsg("contribution", Ctx || member || topic || subject ||
/// payload).</param>
public sealed record Contribution(MemberId Member, string Topic, Digest Subject, Bytes Payload, Signature Signature)
    : ICanonical<Contribution>
{
    public static Contribution Create(
        UnitContext context, MemberId member, string topic, Digest subject, Bytes payload, SigningKey consensusKey, ISignatureScheme scheme)
    {
        var unsigned = new Contribution(member, topic, subject, payload, default);
        return unsigned with { Signature = scheme.Sign(consensusKey, unsigned.SignedPayload(context)) };
    }

    /// <summary>Whether it is signed, for this unit and epoch, by the member of the committee that it names.</summary>
    public bool IsSigned(UnitContext context, Committee committee, ISignatureScheme scheme) =>
        committee.Contains(Member) && scheme.Verify(committee[Member].ConsensusKey, SignedPayload(context), Signature);

    public Entry ToEntry() => new(EntryKind.Contribution, Bytes.Wrap(Canonical.Encode(this)));

    public void Encode(Encoder to)
    {
        EncodeUnsigned(to);
        to.Signature(Signature);
    }

    public static Contribution Decode(ref Decoder from) => new(
        new MemberId(from.U16()), from.Text(Limits.MaxName), from.Digest(), new Bytes(from.Bytes(Limits.MaxValue)), from.Signature());

    private byte[] SignedPayload(UnitContext context)
    {
        var body = new Encoder(Payload.Length + 256).Value(context);
        EncodeUnsigned(body);
        return body.ToSignMsg("contribution");
    }

    private void EncodeUnsigned(Encoder to) => to.U16(Member.Index).Text(Topic).Digest(Subject).Bytes(Payload.Span);
}
