using System.Buffers.Binary;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Consensus;

/// <summary>D and D_max of the genesis (protocols 1.3): every other wait follows from them.</summary>
public sealed record ConsensusTimers(TimeSpan Delay, TimeSpan MaxDelay)
{
    /// <summary>D = 200 ms, D_max = 2 s.</summary>
    public static ConsensusTimers Default { get; } = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));

    /// <summary>T_standstill = 5 D_max / 4.</summary>
    public TimeSpan Standstill => MaxDelay * 5 / 4;

    /// <summary>Within D/4 a certificate is relayed to those who have not shown it.</summary>
    public TimeSpan Relay => Delay / 4;

    /// <summary>D_v = min(D_max, D * 1.5^max(0, k-1)), k views after the last finalisation seen.</summary>
    public TimeSpan DelayAfter(ulong views)
    {
        var ticks = Delay.Ticks;
        for (var k = 1UL; k < views && ticks < MaxDelay.Ticks; k++) ticks += ticks / 2;
        return TimeSpan.FromTicks(Math.Min(ticks, MaxDelay.Ticks));
    }
}

/// <summary>Who leads which view: a permutation of the committee drawn from the epoch's seed.</summary>
public sealed class LeaderSchedule
{
    private readonly MemberId[] _order;

    /// <remarks>Fisher-Yates from the end; step i takes the first eight bytes of H("protean/leaders/v1", seed || u32 i), little-endian, mod
    /// i+1.
    /// The bias of the remainder is below 2^-57 for any committee.</remarks>
    public LeaderSchedule(Committee committee, Digest seed)
    {
        _order = [.. committee.Ids];
        Span<byte> step = stackalloc byte[sizeof(uint)];
        for (var i = _order.Length - 1; i > 0; i--)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(step, (uint)i);
            var draw = BinaryPrimitives.ReadUInt64LittleEndian(Hash.H("protean/leaders/v1", seed.Span, step).Span);
            var j = (int)(draw % (ulong)(i + 1));
            (_order[i], _order[j]) = (_order[j], _order[i]);
        }
    }

    public MemberId this[ulong view] => _order[view % (ulong)_order.Length];
}

/// <summary>What one member of one epoch's consensus is built from.</summary>
/// <param name="LeaderSeed">The epoch's seed.</param>
/// <param name="Executed">The application has executed up to here; blocks above are output.</param>
/// <param name="Silent">This member lost its log of votes: it follows and serves, and signs nothing in this epoch (protocols 1.4).</param>
/// <param name="Recalls">Before it signs anything, it asks the others which of its votes they have seen: its disk may be older than these.</param>
public sealed record ConsensusSetup(
    UnitContext Context,
    Committee Committee,
    MemberId Self,
    Digest LeaderSeed,
    ConsensusTimers Timers,
    ChainStart Start,
    FinalizedHeight Executed,
    bool Silent = false,
    bool Recalls = false);

/// <summary>What a member waits for, for a status page.</summary>
public enum WaitingFor
{
    /// <summary>Nothing to do.</summary>
    Work,

    /// <summary>The leader's proposal.</summary>
    Proposal,

    /// <summary>A quorum of notarize votes.</summary>
    Notarization,

    /// <summary>A quorum of nullify votes: the leader failed.</summary>
    Nullification,

    /// <summary>A quorum of finalize votes for the notarised tip.</summary>
    Finalization,

    /// <summary>Blocks that others finalised while this member was away.</summary>
    Blocks,

    /// <summary>Nothing: the epoch ended, or the member stopped itself.</summary>
    Never,
}

/// <param name="View">The view that this member is in.</param>
/// <param name="Leader">Who leads it.</param>
/// <param name="Have">Votes, or heights.</param>
/// <param name="Need">Votes, or heights.</param>
public readonly record struct Waiting(ulong View, MemberId Leader, WaitingFor For, ulong Have, ulong Need);
