using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.PrivateStorage;

/// <summary>Secrets that are opened for everybody, all or none, under way (protocols 5.4).</summary>
/// <remarks>The set was frozen by its time before any share was made, so nobody can hold back a secret after seeing others. One that its
/// writer spoilt stands for a fixed value.</remarks>
public sealed class OpenedTogether : ThresholdResult<ProvenShares>
{
    private readonly IReadOnlyList<(Digest Id, Secret Secret)> _secrets;
    private readonly SharedMultiples _multiples;
    private readonly LongTermKey _key;

    /// <param name="epoch">Of the committee.</param>
    /// <param name="secrets">In the order of the log; at least one.</param>
    public OpenedTogether(ThresholdKey key, ulong epoch, IReadOnlyList<Secret> secrets, IRandom random) : base(key.Public.Threshold)
    {
        _secrets = [.. secrets.Select(static secret => (secret.Id, secret))];
        _key = new LongTermKey(key.KeyId, key.Public.PublicKey);
        _multiples = new SharedMultiples(
            "reveal", key.KeyId, epoch, [.. _secrets.Select(static one => one.Id.ToArray())], secrets.Select(static secret => secret.Key.U).ToArray(),
            key.Public, CurveSums.OnOneCore);
        if (key.Share is null) return;
        var own = _multiples.Prove(key.Self.Index, key.Share, random);
        Say(key.Self, own, own.Encode());
    }

    /// <summary>What stands for a secret that its writer spoilt.</summary>
    public static Bytes ValueOfSpoilt(Digest secret) => new(Hash.H("protean/lts/bot", secret.Span).Span);

    protected override ProvenShares? Valid(MemberId from, Bytes share) =>
        ProvenShares.TryDecode(share.Span, _multiples.Count, out var decoded) && decoded.Index == from.Index && _multiples.Refusal(decoded) is null ? decoded : null;

    protected override Outputs Combine(IReadOnlyList<ProvenShares> shares) => Open(_multiples.Combine(shares));

    /// <summary>None: the outputs open every commitment that was not spoilt, for everybody to check.</summary>
    protected override Bytes RecordOf(IReadOnlyList<ProvenShares> shares) => Bytes.Empty;

    private Outputs Open(Point[] shared)
    {
        var opened = new (Bytes Key, Bytes Value)[shared.Length];
        var points = new Encoder(shared.Length * Point.Size);
        for (var i = 0; i < shared.Length; i++)
        {
            var (id, secret) = _secrets[i];
            opened[i] = (PrivateStorageTransactions.NameOfOpened((ulong)i, secret.Label.Owner), ValueOf(id, secret, shared[i]));
            points.Raw(shared[i].Span);
        }
        return PrivateStorageTransactions.Opened(opened, Bytes.Wrap(points.ToArray()));
    }

    private Bytes ValueOf(Digest id, Secret secret, Point shared)
    {
        using var dataKey = secret.Key.Open(_key, secret.Label.ToBytes(), secret.Label.KeyCommitment, shared);
        return dataKey is not null && secret.Decrypt(dataKey) is { } plaintext ? Bytes.Wrap(plaintext) : ValueOfSpoilt(id);
    }
}
