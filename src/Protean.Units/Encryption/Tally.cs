using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.Encryption;

/// <summary>The decryption of an election's shuffled ballots, under way (protocols 6.3).</summary>
/// <remarks>Built only once the request is final here, so no share leaves before (Rule O). Any t members' valid shares give the same plaintexts
/// (Rule U).</remarks>
public sealed class Tally : ISharedResult
{
    private readonly BatchDecryption _decryption;
    private readonly Ciphertexts _mixed;
    private readonly Digest _frozen;
    private readonly int _threshold;
    private readonly SortedDictionary<ushort, ProvenShares> _shares = [];

    /// <param name="frozen">Root of the ballots at the close.</param>
    public Tally(ThresholdKey key, Digest frozen, Ciphertexts mixed, IRandom random)
    {
        (_frozen, _mixed, _threshold) = (frozen, mixed, key.Public.Threshold);
        _decryption = DecryptionOf(key.Generated, mixed);
        if (key.Share is null) return;
        var own = _decryption.Prove(key.Self.Index, key.Share, random);
        OwnShare = Bytes.Wrap(own.Encode());
        Keep(own);
    }

    public Bytes? OwnShare { get; }
    public (int Have, int Need) Progress => (_shares.Count, _threshold);
    public Outputs? Result { get; private set; }
    public Bytes? Record => Result is null ? null : Bytes.Wrap(Canonical.Encode(new TallyRecord([.. _shares.Values.Select(static shares => Bytes.Wrap(shares.Encode()))])));

    public bool Accept(MemberId from, Bytes share)
    {
        if (Result is not null || _shares.ContainsKey(from.Index)) return true;
        if (!ProvenShares.TryDecode(share.Span, _decryption.Count, out var decoded) || decoded.Index != from.Index
            || _decryption.Refusal(decoded) is not null) return false;
        Keep(decoded);
        return true;
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

    private void Keep(ProvenShares shares)
    {
        _shares.Add(shares.Index, shares);
        if (_shares.Count == _threshold) Result = OutputsOf(_frozen, _mixed, _decryption.Combine([.. _shares.Values]));
    }
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
