using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Sealing;

/// <summary>What a unit's members sign after executing the block at one height (protocols 2.2).</summary>
public sealed record SealHeader(
    UnitContext Context, ulong Height, Digest BlockId, ulong TimeMs, Digest PreviousSealHash, Digest StateRoot, Digest ResultsRoot, uint ResultsCount)
    : ICanonical<SealHeader>
{
    public Digest Hash => new Encoder().Value(this).ToHash("protean/seal/v1");
    public byte[] SignedPayload() => new Encoder().Value(this).ToSignMsg("seal");

    public void Encode(Encoder to) => to
        .Value(Context).U64(Height).Digest(BlockId).U64(TimeMs).Digest(PreviousSealHash).Digest(StateRoot).Digest(ResultsRoot).U32(ResultsCount);

    public static SealHeader Decode(ref Decoder from) => new(
        from.Value<UnitContext>(), from.U64(), from.Digest(), from.U64(), from.Digest(), from.Digest(), from.Digest(), from.U32());
}

/// <summary>Signatures of a quorum over one statement: a bitmap of the signers and their signatures in index order (protocols 1.2, 2.2 scheme 1).</summary>
public sealed record QuorumSignature(Bytes Bitmap, IReadOnlyList<Signature> Signatures) : ICanonical<QuorumSignature>
{
    /// <summary>Puts signatures given by member into the canonical form.</summary>
    public static QuorumSignature Of(int committeeSize, IEnumerable<KeyValuePair<MemberId, Signature>> signatures)
    {
        var bitmap = new byte[(committeeSize + 7) / 8];
        var ordered = signatures.OrderBy(pair => pair.Key.Index).ToArray();
        foreach (var (member, _) in ordered) bitmap[(member.Index - 1) / 8] |= (byte)(1 << ((member.Index - 1) % 8));
        return new QuorumSignature(Bytes.Wrap(bitmap), [.. ordered.Select(pair => pair.Value)]);
    }

    /// <summary>The signers, in index order.</summary>
    public IEnumerable<MemberId> Signers
    {
        get
        {
            for (var i = 0; i < Bitmap.Length * 8; i++)
                if ((Bitmap.Span[i / 8] & (1 << (i % 8))) != 0) yield return new MemberId((ushort)(i + 1));
        }
    }

    /// <summary>What makes signatures a quorum's, before any of them is looked at.</summary>
    public static Requirements<QuorumCase> Form { get; } = new(
        new("PRT-RCT-0015", "the bitmap must have a bit for every member and no byte more", Discard, static given =>
            Differs(given.Signatures.Bitmap.Length, (given.Committee.Size + 7) / 8)),
        new("PRT-RCT-0016", "every bit must stand for a member", Discard, static given =>
            given.Signatures.Signers.All(given.Committee.Contains) ? null : new Finding("a bit beyond the last member", $"{given.Committee.Size} members")),
        new("PRT-RCT-0017", "every signer must have one signature", Discard, static given =>
            Differs(given.Signatures.Signatures.Count, given.Signatures.Signers.Count())),
        new("PRT-RCT-0004", "a quorum of distinct members must have signed", "Ask other members for the seal's certificate.", static given =>
            given.Signatures.Signers.Count() >= given.Committee.Quorum ? null : new Finding(
                $"{given.Signatures.Signers.Count()} signatures", $"{given.Committee.Quorum} of {given.Committee.Size} members")));

    private const string Discard = "Discard it and ask another member.";

    /// <summary>At least q distinct members of this committee stand in the bitmap, one signature each, and no bit stands for nobody.</summary>
    public bool IsQuorumOf(Committee committee) => Form.FirstRefusal(new QuorumCase(this, committee)) is null;

    /// <summary>Every signature is its signer's over <paramref name="payload"/>. Of signatures whose <see cref="Form"/> holds.</summary>
    public bool SignaturesHold(Committee committee, ReadOnlySpan<byte> payload, ISignatureScheme scheme)
    {
        foreach (var (signer, signature) in Signers.Zip(Signatures))
            if (!scheme.Verify(committee[signer].ConsensusKey, payload, signature)) return false;
        return true;
    }

    private static Finding? Differs(int got, int expected) => got == expected ? null : new Finding($"{got}", $"{expected}");

    public bool Equals(QuorumSignature? other) => other is not null && Bitmap == other.Bitmap && Signatures.SequenceEqual(other.Signatures);
    public override int GetHashCode() => Bitmap.GetHashCode();
    public void Encode(Encoder to) => to.Bytes(Bitmap.Span).List(Signatures, static (e, signature) => e.Signature(signature));

    public static QuorumSignature Decode(ref Decoder from) => new(
        new Bytes(from.Bytes((Limits.MaxMembers + 7) / 8)), from.List(Limits.MaxMembers, static (ref Decoder d) => d.Signature()));
}

/// <summary>Signatures with the committee that they are said to be a quorum of.</summary>
public sealed record QuorumCase(QuorumSignature Signatures, Committee Committee);

/// <summary>A header with a quorum's word for it: a sealed height. Scheme 1 is the vector of signatures, others are reserved (protocols 2.1).</summary>
public sealed record SealedHeader(SealHeader Header, QuorumSignature Certificate) : ICanonical<SealedHeader>
{
    private const byte Vector = 1;

    public void Encode(Encoder to) => to.Value(Header).U8(Vector).Value(Certificate);

    public static SealedHeader Decode(ref Decoder from)
    {
        var header = from.Value<SealHeader>();
        var scheme = from.U8();
        if (scheme != Vector) throw new MalformedException($"seal scheme {scheme}, {Vector} expected");
        return new SealedHeader(header, from.Value<QuorumSignature>());
    }
}
