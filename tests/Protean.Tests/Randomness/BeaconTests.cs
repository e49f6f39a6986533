using Protean.Codec;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.State;
using Protean.Units.Randomness;
using Xunit;

namespace Protean.Tests.Randomness;

public sealed class BeaconTests
{
    private const ulong StartMs = 50_000;

    private readonly MapEdit _state = new StateMap(new InMemoryStore(), "data").Edit();
    private readonly Beacon _beacon = Beacon.Of(Network(periodMs: 1_000))!;
    private readonly List<ulong> _begun = [];

    [Fact]
    public void Rounds_fall_due_one_period_after_another_and_none_is_left_out()
    {
        Assert.Equal(0UL, _beacon.NextDue(_state));
        Block(timeMs: StartMs + 3_500);
        Assert.Empty(_begun);
        Assert.Equal(StartMs + 4_000, _beacon.NextDue(_state));
        Block(timeMs: StartMs + 4_000);
        Assert.Equal([4], _begun);
        Block(timeMs: StartMs + 8_999);
        Assert.Equal([4, 5, 6, 7, 8], _begun);
        Assert.Equal(StartMs + 9_000, _beacon.NextDue(_state));
    }

    [Fact]
    public void After_a_long_pause_rounds_are_made_up_for_a_few_a_block()
    {
        Block(StartMs + 1);
        Block(StartMs + 40_000);
        Assert.Equal(Limits.MaxBeaconRoundsPerBlock, _begun.Count);
        Block(StartMs + 40_001);
        Block(StartMs + 40_002);
        Assert.Equal(Enumerable.Range(1, 40).Select(round => (ulong)round), _begun);
    }

    [Fact]
    public void A_network_has_a_beacon_where_its_genesis_gives_a_period_within_bounds()
    {
        Assert.Null(Beacon.Of(Network(periodMs: 0)));
        Assert.Null(Beacon.Of(Network(periodMs: null)));
        Assert.Throws<MalformedException>(() => Beacon.Of(Network(Limits.MinBeaconPeriodMs - 1)));
        Assert.Throws<MalformedException>(() => Beacon.Of(Network(Limits.MaxBeaconPeriodMs + 1)));
    }

    private void Block(ulong timeMs) =>
        _beacon.Begin(new DueCall(_state, Height: 1, timeMs, (_, about) => _begun.Add(Beacon.RoundOf(about)), NoSeal, new BegunKeys(_state)));

    private static void NoSeal(string function, Bytes subject, Outputs outputs) => Assert.Fail($"{function} sealed");

    private static Genesis Network(ulong? periodMs) => new(
        "test", StartMs, [], [], periodMs is { } period ? [new NamedValue(Beacon.PeriodParameter, Values.OfU64(period))] : []);
}
