using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Tidy;
using Protean.Units.Contracts;
using Protean.Units.State;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.Units;

public sealed class CommitTests
{
    private static readonly Digest Token = Hash.H("test/token", []);
    private static readonly Digest Lottery = Hash.H("test/lottery", []);
    private readonly TestNetwork _network = new();
    private readonly TestUnit _unit;
    private readonly Application _application;

    public CommitTests()
    {
        _unit = new TestUnit(_network, new StateUnit());
        _application = new Application(_network);
    }

    [Fact]
    public void What_a_call_wrote_stands_in_state_owned_by_the_contract_that_wrote_it()
    {
        Assert.IsType<Outcome.Ok>(Commit(_application.Effects(Writing(Key(Token, "a"), "1"))));
        var entry = _unit.State.Get(Key(Token, "a"))!;
        Assert.Equal(Bytes.Of("1"), entry.Value);
        Assert.Equal(new Owner.Contract(_network.IdOf("execution"), Token), Canonical.Decode<Owner>(entry.Owner.Span));
    }

    [Fact]
    public void One_execution_receipt_is_committed_once()
    {
        var effects = _application.Effects(Writing(Key(Token, "a"), "1"));
        Assert.IsType<Outcome.Ok>(Commit(effects));
        Assert.Equal("PRT-STA-0114", Commit(effects).Code());
        Assert.Equal("PRT-STA-0114", Commit(_application.Effects(new Effects([], [], [], Bytes.Empty), attempt: 1),
            _application.Effects(new Effects([], [], [], Bytes.Empty), attempt: 1)).Code());
    }

    [Fact]
    public void State_given_as_a_constant_and_a_swapped_output_are_no_effects()
    {
        var effects = Writing(Key(Token, "a"), "1000000");
        Assert.Equal("PRT-STA-0112", Commit(_application.Effects(effects) with { Origin = null }).Code());
        Assert.Equal("PRT-STA-0112", Commit(_application.Effects(effects, static origin => origin with { Output = "output" })).Code());
        Assert.Equal("PRT-STA-0112", Commit(_application.Effects(effects, static origin =>
            origin with { Leaf = origin.Leaf with { Function = "draw" } })).Code());
        Assert.Equal("PRT-STA-0112", Commit(_application.Effects(effects, static origin =>
            origin with { Leaf = origin.Leaf with { Status = ResultStatus.Failed } })).Code());
        Assert.Equal("PRT-STA-0119", Commit(new AdmittedInput("effects", Bytes.Of("?"), null)).Code());
    }

    [Fact]
    public void A_contract_writes_no_other_contracts_state_and_no_other_execution_units()
    {
        Assert.Equal("PRT-STA-0115", Commit(
            _application.Effects(new Effects([], [], [new WriteEffect(Lottery, Key(Token, "a"), Bytes.Of("1"))], Bytes.Empty))).Code());
        Assert.Equal("PRT-STA-0115", Commit(
            _application.Effects(new Effects([], [], [new WriteEffect(Token, Bytes.Of("u/x"), Bytes.Of("1"))], Bytes.Empty))).Code());
        Assert.Equal("PRT-STA-0115", Commit(_application.Effects(Writing(Key(Token, "a"), "1"), origin =>
            origin with { UnitId = _network.IdOf("compiler") })).Code());
    }

    [Fact]
    public void A_call_on_what_has_changed_since_is_stale_and_changes_nothing()
    {
        var key = Key(Token, "a");
        Commit(_application.Effects(Writing(key, "1")));
        var read = _unit.State.Get(key)!.Version;
        var first = new Effects([new ReadEffect(key, read)], [], [new WriteEffect(Token, key, Bytes.Of("2"))], Bytes.Empty);
        Assert.IsType<Outcome.Ok>(Commit(_application.Effects(first)));
        var root = _unit.State.Root;
        var second = Commit(_application.Effects(
            new Effects([new ReadEffect(key, read)], [], [new WriteEffect(Token, key, Bytes.Of("3"))], Bytes.Empty)));
        Assert.IsType<Outcome.Stale>(second);
        Assert.Equal("PRT-STA-0117", second.Code());
        Assert.Equal("PRT-STA-0117", Commit(
            _application.Effects(new Effects([new ReadEffect(Key(Token, "b"), 1)], [], [], Bytes.Empty))).Code());
        Assert.Equal(root, _unit.State.Root);
    }

    [Fact]
    public void A_prefix_read_whole_notices_an_entry_that_came_since()
    {
        var prefix = Key(Lottery, "tickets/");
        var seen = _unit.State.SubtreeHash(prefix);
        Commit(_application.Effects(Writing(Key(Lottery, "tickets/1"), "1")));
        var draw = new Effects([], [new PrefixEffect(prefix, seen)], [], Bytes.Empty);
        Assert.Equal("PRT-STA-0118", Assert.IsType<Outcome.Stale>(Commit(_application.Effects(draw))).Code);
        Assert.IsType<Outcome.Ok>(Commit(
            _application.Effects(new Effects([], [new PrefixEffect(prefix, _unit.State.SubtreeHash(prefix))], [], Bytes.Empty))));
    }

    [Fact]
    public void Calls_of_one_commit_are_made_all_or_none_and_do_not_touch_each_others_keys()
    {
        var (a, b) = (Key(Token, "a"), Key(Token, "b"));
        Assert.Equal("PRT-STA-0116", Commit(_application.Effects(Writing(a, "1")), _application.Effects(Writing(a, "2"))).Code());
        Assert.Equal("PRT-STA-0116", Commit(_application.Effects(Writing(a, "1")), _application.Effects(Reading(a))).Code());
        Assert.Equal("PRT-STA-0116", Commit(_application.Effects(Writing(a, "1")),
            _application.Effects(new Effects([], [new PrefixEffect(Key(Token, ""), Digest.Zero)], [], Bytes.Empty))).Code());
        Assert.Null(_unit.State.Get(a));
        Assert.IsType<Outcome.Ok>(Commit(_application.Effects(Writing(a, "1")), _application.Effects(Writing(b, "2")),
            _application.Effects(Reading(Key(Token, "c")))));
        Assert.Equal(_unit.State.Get(a)!.Version, _unit.State.Get(b)!.Version);
    }

    [Fact]
    public void Effects_are_made_where_the_call_read_its_state()
    {
        var elsewhere = _application.Plan with { Instance = _application.Instance with { StateUnit = Hash.H("test/elsewhere", []) } };
        Assert.Equal("PRT-STA-0113", _unit.Step(elsewhere, 1, [_application.Effects(Writing(Key(Token, "a"), "1"))]).Code());
    }

    [Fact]
    public void A_thousand_joins_on_one_sealed_height_do_not_fight_over_a_key()
    {
        for (var i = 0; i < 1000; i++)
        {
            var ticket = Key(Lottery, $"tickets/{i}");
            Assert.IsType<Outcome.Ok>(Commit(
                _application.Effects(new Effects([new ReadEffect(ticket, null)], [], [new WriteEffect(Lottery, ticket, Bytes.Of("1"))],
                    Bytes.Empty))));
        }
        Assert.Equal(1000, _unit.State.Scan(Key(Lottery, "tickets/")).Count());
    }

    [Fact]
    public void What_was_applied_is_remembered_as_long_as_its_receipt_can_be_shown_and_no_longer()
    {
        for (var i = 0; i < 5; i++) Commit(_application.Effects(Writing(Key(Token, $"{i}"), "1")));
        Assert.Equal(5, Applied);
        _network.CurrentEpoch = _application.Plan.ExpiryEpoch + 1;
        var late = new TestUnit(_network, new StateUnit());
        foreach (var entry in _unit.State.Scan(Bytes.Empty)) late.State.Put(entry);
        late.Step(_application.Plan, 1, [_application.Effects(Writing(Key(Token, "x"), "1"))]);
        Assert.Equal(6, late.State.Scan(Bytes.Of("applied/")).Count());
        _network.CurrentEpoch++;
        var later = new TestUnit(_network, new StateUnit());
        foreach (var entry in late.State.Scan(Bytes.Empty)) later.State.Put(entry);
        var longer = _application.Plan with { ExpiryEpoch = 9 };
        later.Step(longer, 1, [_application.Effects(Writing(Key(Token, "y"), "1"))]);
        Assert.Single(later.State.Scan(Bytes.Of("applied/")));
    }

    public static TheoryData<string> Codes => [.. CommitRules.Checks.Select(static check => check.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    [LeavesOut(typeof(CommitRules), nameof(CommitRules.Checks))]
    public void Each_check_of_a_commit_is_needed(string code)
    {
        var key = Key(Token, "a");
        var (state, other) = (_network.IdOf("state"), Hash.H("test/elsewhere", []));
        CommittedCall Call(Effects effects, ushort attempt = 0) =>
            CommittedCall.Of(_application.Effects(effects, attempt: attempt), _application.Plan);
        CommitCase Of(params CommittedCall[] calls) => new(calls, state, state, _unit.State);
        if (code == "PRT-STA-0114") Commit(_application.Effects(Writing(key, "1")));
        var wrong = code switch
        {
            "PRT-STA-0112" => Of(Call(Writing(key, "1")) with
            {
                Origin = _application.Effects(Writing(key, "1"), static origin => origin with { Output = "output" }).Origin,
            }),
            "PRT-STA-0113" => Of(Call(Writing(key, "1"))) with { ProvenUnit = other },
            "PRT-STA-0114" => Of(Call(Writing(key, "1"))),
            "PRT-STA-0115" => Of(Call(new Effects([], [], [new WriteEffect(Lottery, key, null)], Bytes.Empty))),
            "PRT-STA-0116" => Of(Call(Writing(key, "1")), Call(Writing(key, "2"))),
            "PRT-STA-0117" => Of(Call(new Effects([new ReadEffect(key, 1)], [], [], Bytes.Empty))),
            _ => Of(Call(new Effects([], [new PrefixEffect(key, other)], [], Bytes.Empty))),
        };
        Assert.Equal(code, CommitRules.Checks.FirstRefusal(wrong)?.Code);
        Assert.Null(CommitRules.Checks.FirstRefusal(wrong, without: code));
    }

    private int Applied => _unit.State.Scan(Bytes.Of("applied/")).Count();

    private Outcome Commit(params IReadOnlyList<AdmittedInput> effects) => _unit.Step(_application.Plan, 1, effects);

    private Bytes Key(Digest contract, string key) => ContractKeys.Full(_network.IdOf("execution"), contract, Bytes.Of(key).Span);

    private static Effects Writing(Bytes key, string value)
    {
        ContractKeys.TryOwner(key.Span, out _, out var contract);
        return new Effects([], [], [new WriteEffect(contract!.Value, key, Bytes.Of(value))], Bytes.Empty);
    }

    private static Effects Reading(Bytes key) => new([new ReadEffect(key, null)], [], [], Bytes.Empty);
}
