using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units;

/// <summary>A result that is a multiple of a point by the unit's key, under way: members' shares of it, until t of them give it.</summary>
/// <remarks>Built only once the request is final here, so no share leaves before (Rule O). Any t valid shares give the same multiple (Rule
/// U).</remarks>
public sealed class SharedMultipleResult : ISharedResult
{
    private readonly SharedMultiple _multiple;
    private readonly Func<Point, Outputs> _outputs;
    private readonly SortedDictionary<ushort, ProvenShare> _shares = [];

    /// <param name="key">The unit's; of this member's share of it comes its share of the result.</param>
    /// <param name="outputs">What the multiple means.</param>
    public SharedMultipleResult(ThresholdKey key, SharedMultiple multiple, Func<Point, Outputs> outputs, IRandom random)
    {
        (_multiple, _outputs) = (multiple, outputs);
        if (key.Share is null) return;
        var own = multiple.Prove(key.Self.Index, key.Share, random);
        OwnShare = Bytes.Wrap(own.Encode());
        Keep(own);
    }

    public Bytes? OwnShare { get; }
    public (int Have, int Need) Progress => (_shares.Count, _multiple.Key.Threshold);
    public Outputs? Result { get; private set; }
    public Bytes? Record => Result is null ? null : Bytes.Wrap(Canonical.Encode(new ShareRecord([.. _shares.Values])));

    /// <summary>A share counts for the member that sent it and nobody else; invalid ones count for nobody. What comes after the t-th is
    /// not looked at.</summary>
    public bool Accept(MemberId from, Bytes share)
    {
        if (Result is not null || _shares.ContainsKey(from.Index)) return true;
        if (!ProvenShare.TryDecode(share.Span, out var decoded) || decoded.Index != from.Index || _multiple.Refusal(decoded) is not null) return false;
        Keep(decoded);
        return true;
    }

    private void Keep(ProvenShare share)
    {
        _shares.Add(share.Index, share);
        if (_shares.Count == _multiple.Key.Threshold) Result = _outputs(_multiple.Combine([.. _shares.Values]));
    }
}
