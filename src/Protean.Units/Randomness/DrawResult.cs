using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.Randomness;

/// <summary>One random value under way: members' shares of it, until t of them give it (protocols 4.1).</summary>
/// <remarks>Built only once the request is final here, so no share leaves before (Rule O). Any t valid shares give the same value (Rule
/// U).</remarks>
public sealed class DrawResult : ISharedResult
{
    private readonly Dvrf _function;
    private readonly DvrfInput _input;
    private readonly IReadOnlyList<NamedValue> _named;
    private readonly SortedDictionary<ushort, ProvenShare> _shares = [];
    private byte[]? _value;

    private DrawResult(ThresholdKey key, byte[] message, IReadOnlyList<NamedValue> named, IRandom random)
    {
        _function = new Dvrf(key.KeyId, key.Public, SodiumMultiScalar.Instance);
        _input = _function.Input(message);
        _named = named;
        if (key.Share is null) return;
        var own = _input.Multiple.Prove(key.Self.Index, key.Share, random);
        OwnShare = Bytes.Wrap(own.Encode());
        Keep(own);
    }

    /// <summary>The value of a request.</summary>
    public static DrawResult OfRequest(ThresholdKey key, Digest replayKey, Digest inputsDigest, IRandom random) =>
        new(key, Dvrf.RequestMessage(replayKey, inputsDigest), [], random);

    /// <summary>The value of a beacon round.</summary>
    public static DrawResult OfBeacon(ThresholdKey key, ulong round, IRandom random) =>
        new(key, Dvrf.BeaconMessage(round), [new(RandomnessTransactions.Round, Values.OfU64(round))], random);

    public Bytes? OwnShare { get; }
    public (int Have, int Need) Progress => (_shares.Count, _function.Key.Threshold);
    public Outputs? Result => _value is null ? null : new Outputs([.. _named, new(RandomnessTransactions.Value, new Bytes(_value))]);
    public Bytes? Record => _value is null ? null : Bytes.Wrap(Canonical.Encode(new RandomnessRecord([.. _shares.Values])));

    /// <summary>A share counts for the member that sent it and nobody else; invalid ones count for nobody. What comes after the t-th is
    /// not looked at.</summary>
    public bool Accept(MemberId from, Bytes share)
    {
        if (_value is not null || _shares.ContainsKey(from.Index)) return true;
        if (!ProvenShare.TryDecode(share.Span, out var decoded) || decoded.Index != from.Index
            || _input.Multiple.Refusal(decoded) is not null) return false;
        Keep(decoded);
        return true;
    }

    private void Keep(ProvenShare share)
    {
        _shares.Add(share.Index, share);
        if (_shares.Count == _function.Key.Threshold)
            _value = _function.Output(_input, _input.Multiple.Combine([.. _shares.Values]));
    }
}
