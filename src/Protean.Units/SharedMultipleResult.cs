using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units;

/// <summary>A result that is a multiple of a point by the unit's key, under way.</summary>
public sealed class SharedMultipleResult : ThresholdResult<ProvenShare>
{
    private readonly SharedMultiple _multiple;
    private readonly Func<Point, Outputs> _outputs;

    /// <param name="key">The unit's; of this member's share of it comes its share of the result.</param>
    /// <param name="outputs">What the multiple means.</param>
    public SharedMultipleResult(ThresholdKey key, SharedMultiple multiple, Func<Point, Outputs> outputs, IRandom random) : base(multiple.Key.Threshold)
    {
        (_multiple, _outputs) = (multiple, outputs);
        if (key.Share is null) return;
        var own = multiple.Prove(key.Self.Index, key.Share, random);
        Say(key.Self, own, own.Encode());
    }

    protected override ProvenShare? Valid(MemberId from, Bytes share) =>
        ProvenShare.TryDecode(share.Span, out var decoded) && decoded.Index == from.Index && _multiple.Refusal(decoded) is null ? decoded : null;

    protected override Outputs Combine(IReadOnlyList<ProvenShare> shares) => _outputs(_multiple.Combine(shares));

    protected override Bytes RecordOf(IReadOnlyList<ProvenShare> shares) => Bytes.Wrap(Canonical.Encode(new ShareRecord(shares)));
}
