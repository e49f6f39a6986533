using Protean.Codec;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units;

/// <summary>A result that any t members' shares give, under way.</summary>
/// <remarks>Built only once the request is final here, so no share leaves before (Rule O). Any t valid shares give the same result (Rule
/// U).</remarks>
public abstract class ThresholdResult<TShare>(int threshold) : ISharedResult
    where TShare : class
{
    private readonly SortedDictionary<MemberId, TShare> _shares = [];

    public Bytes? OwnShare { get; private set; }
    public (int Have, int Need) Progress => (_shares.Count, threshold);
    public Outputs? Result { get; private set; }
    public Bytes? Record => Result is null ? null : RecordOf([.. _shares.Values]);

    /// <summary>A share counts for the member that sent it and nobody else; invalid ones count for nobody. What comes after the t-th is
    /// not looked at.</summary>
    public bool Accept(MemberId from, Bytes share)
    {
        if (Result is not null || _shares.ContainsKey(from)) return true;
        if (Valid(from, share) is not { } valid) return false;
        Keep(from, valid);
        return true;
    }

    /// <summary>This member's own share, and what it says of it.</summary>
    protected void Say(MemberId self, TShare own, byte[] encoded)
    {
        OwnShare = Bytes.Wrap(encoded);
        Keep(self, own);
    }

    /// <summary>The share that these bytes are; null where it is not this member's, or provably wrong.</summary>
    protected abstract TShare? Valid(MemberId from, Bytes share);

    /// <param name="shares">Of t members, in order of members.</param>
    protected abstract Outputs Combine(IReadOnlyList<TShare> shares);

    /// <summary>What convinces a third party without trusting the quorum.</summary>
    protected abstract Bytes RecordOf(IReadOnlyList<TShare> shares);

    private void Keep(MemberId from, TShare share)
    {
        _shares.Add(from, share);
        if (_shares.Count == threshold) Result = Combine([.. _shares.Values]);
    }
}
