using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.Encryption;

/// <summary>The decryption of an election's shuffled ballots, under way (protocols 6.3).</summary>
public sealed class Tally : ThresholdResult<ProvenShares>
{
    private readonly BatchDecryption _decryption;
    private readonly Ciphertexts _mixed;
    private readonly Digest _frozen;

    /// <param name="frozen">Root of the ballots at the close.</param>
    public Tally(ThresholdKey key, Digest frozen, Ciphertexts mixed, IRandom random) : base(key.Public.Threshold)
    {
        (_frozen, _mixed) = (frozen, mixed);
        _decryption = DecryptionOf(key.Generated, mixed);
        if (key.Share is null) return;
        var own = _decryption.Prove(key.Self.Index, key.Share, random);
        Say(key.Self, own, own.Encode());
    }

    /// <summary>The outputs of a decryption.</summary>
    public static Outputs OutputsOf(Digest frozen, Ciphertexts mixed, IReadOnlyList<Point> plaintexts)
    {
        var points = new Encoder(plaintexts.Count * Point.Size);
        foreach (var plaintext in plaintexts) points.Raw(plaintext.Span);
        return new Outputs([
            CallOutcomes.Output(EncryptionTransactions.BallotsField, (ulong)mixed.Rows), CallOutcomes.Output(EncryptionTransactions.FrozenField, frozen),
            CallOutcomes.Output(EncryptionTransactions.MixedField, mixed.Root()),
            new(EncryptionTransactions.PlaintextsField, Bytes.Wrap(points.ToArray()))]);
    }

    // The committee that generated the key holds it to its end, so shares are of that epoch whenever they are made.
    internal static BatchDecryption DecryptionOf(GeneratedKey key, Ciphertexts mixed) => new(key.KeyId, key.Epoch, mixed, key.Key, OneCore.Instance);

    protected override ProvenShares? Valid(MemberId from, Bytes share) =>
        ProvenShares.TryDecode(share.Span, _decryption.Count, out var decoded) && decoded.Index == from.Index && _decryption.Refusal(decoded) is null ? decoded : null;

    protected override Outputs Combine(IReadOnlyList<ProvenShares> shares) => OutputsOf(_frozen, _mixed, _decryption.Combine(shares));

    protected override Bytes RecordOf(IReadOnlyList<ProvenShares> shares) =>
        Bytes.Wrap(Canonical.Encode(new TallyRecord([.. shares.Select(static share => Bytes.Wrap(share.Encode()))])));
}

/// <summary>What convinces a third party of a decryption without trusting any quorum: t members' shares, each with its proof.</summary>
public sealed record TallyRecord(IReadOnlyList<Bytes> Shares) : ICanonical<TallyRecord>
{
    public void Encode(Encoder to) => to.List(Shares, static (e, share) => e.Bytes(share.Span));
    public static TallyRecord Decode(ref Decoder from) => new(from.List(Limits.MaxMembers, static (ref Decoder d) => new Bytes(d.Bytes(Limits.MaxShare))));
    public bool Equals(TallyRecord? other) => other is not null && Shares.SequenceEqual(other.Shares);
    public override int GetHashCode() => Shares.Count;

    /// <summary>The plaintexts that the shares come to; null where they are not t valid ones of distinct members.</summary>
    public Point[]? Open(GeneratedKey key, Ciphertexts mixed)
    {
        var decryption = Tally.DecryptionOf(key, mixed);
        var shares = new SortedDictionary<ushort, ProvenShares>();
        foreach (var encoded in Shares)
            if (!ProvenShares.TryDecode(encoded.Span, decryption.Count, out var decoded) || decryption.Refusal(decoded) is not null
                || !shares.TryAdd(decoded.Index, decoded)) return null;
        return shares.Count == key.Key.Threshold ? decryption.Combine([.. shares.Values]) : null;
    }
}
