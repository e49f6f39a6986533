using System.Buffers.Binary;
using Protean.Codec;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.Randomness;

/// <summary>When the rounds of a beacon are due: round R at the genesis' time + R periods (protocols 4.1).</summary>
/// <remarks>No round after the first is left out: where blocks were late, they make up for it in order, a few rounds a block.
/// Nobody may decide anything by a round that is still open when the round's block is proposed.</remarks>
public sealed class Beacon
{
    /// <summary>Genesis parameter, a u64; 0 where there is no beacon.</summary>
    public const string PeriodParameter = "beacon.periodMs";

    private static readonly Bytes Next = Bytes.Of("beacon/next");

    private readonly ulong _startMs;
    private readonly ulong _periodMs;

    private Beacon(ulong startMs, ulong periodMs) => (_startMs, _periodMs) = (startMs, periodMs);

    /// <summary>The network's beacon, or null where it has none.</summary>
    /// <exception cref="MalformedException">The period is outside its bounds.</exception>
    public static Beacon? Of(Genesis genesis)
    {
        var period = genesis.Number(PeriodParameter, otherwise: 0);
        if (period == 0) return null;
        return period is >= Limits.MinBeaconPeriodMs and <= Limits.MaxBeaconPeriodMs
            ? new Beacon(genesis.TimeMs, period)
            : throw new MalformedException(
                $"{PeriodParameter} is {period}, 0 or {Limits.MinBeaconPeriodMs} to {Limits.MaxBeaconPeriodMs} expected");
    }

    /// <summary>Block time of the next round; 0 where the first is still to be chosen.</summary>
    public ulong? NextDue(MapView state) => NextRound(state) is { } next ? TimeOf(next) : 0;

    /// <summary>Begins the rounds that are due. The first round is the first to fall due after the unit had its key.</summary>
    public void Begin(DueCall due)
    {
        var next = NextRound(due.State) ?? RoundAfter(due.TimeMs);
        for (var begun = 0; begun < Limits.MaxBeaconRoundsPerBlock && TimeOf(next) <= due.TimeMs; begun++)
            due.Begin(RandomnessTransactions.Beacon, Values.OfU64(next++));
        due.State.Put(new MapEntry(Next, due.Height, Bytes.Empty, Values.OfU64(next)));
    }

    /// <summary>The round that a pending result is about.</summary>
    public static ulong RoundOf(Bytes about) => BinaryPrimitives.ReadUInt64LittleEndian(about.Span);

    /// <summary>Block time at which a round is due; the end of time for rounds beyond it.</summary>
    public ulong TimeOf(ulong round) => round <= (ulong.MaxValue - _startMs) / _periodMs ? _startMs + (round * _periodMs) : ulong.MaxValue;

    /// <summary>The first round after <paramref name="timeMs"/>.</summary>
    public ulong RoundAfter(ulong timeMs) => timeMs < _startMs ? 1 : ((timeMs - _startMs) / _periodMs) + 1;

    /// <summary>The round that begins next; null before the first.</summary>
    public static ulong? NextRound(MapView state) => state.Get(Next) is { } entry ? RoundOf(entry.Value) : null;
}
