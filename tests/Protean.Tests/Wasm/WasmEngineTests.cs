using Protean.Codec;
using Protean.Cryptography;
using Protean.Tests.Contracts;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.Wasm;

public sealed class WasmEngineTests : ContractFixture
{
    [Fact]
    public void The_same_call_gives_the_same_result_on_every_engine()
    {
        var token = World.Publish(Token.Code);
        Completed(World.Commit(token, As(User(0)), Token.Create(7)));
        var input = Token.Transfer(Token.UserAccount(User(0)), Token.UserAccount(User(1)), 3);
        var first = World.Call(token, As(User(0)), input);
        Assert.Equal(first, World.Call(token, As(User(0)), input));

        using var other = new WasmEngine();
        var call = new ContractCall(World.Unit, token, new Bytes(input), As(User(0)), World.Fuel);
        Assert.Equal(first, other.Call(call, World));
        Assert.Equal(Canonical.Encode(Completed(first)), Canonical.Encode(Canonical.Decode<Effects>(Canonical.Encode(Completed(first)))));
    }

    [Fact]
    public void A_call_without_end_runs_out_of_fuel()
    {
        var result = Run(Modules.Contract("(loop (br 0))"), fuel: 1_000_000);
        Trapped(TrapReason.OutOfFuel, result);
        Assert.Equal(1_000_000ul, result.FuelUsed);
    }

    [Fact]
    public void A_call_completes_exactly_if_it_is_given_more_than_it_uses()
    {
        var contract = World.Publish(Modules.Contract("(call $output (i32.const 0) (i32.const 4))"));
        var used = Assert.IsType<CallResult.Completed>(World.Call(contract, Caller.None, [])).FuelUsed;
        Assert.Equal(used, Assert.IsType<CallResult.Completed>(World.Call(contract, Caller.None, [], fuel: used + 1)).FuelUsed);
        Trapped(TrapReason.OutOfFuel, World.Call(contract, Caller.None, [], fuel: used));
    }

    [Theory]
    [InlineData("(call $deep)", "(func $deep (call $deep))")]
    [InlineData("(drop (call $deep (i32.const 0)))",
        "(func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))")]
    [InlineData("(call $deep)", "(table 1 funcref) (elem (i32.const 0) $deep) (func $deep (call_indirect (i32.const 0)) (return))")]
    public void Recursion_without_end_meets_the_stack_count(string body, string function) =>
        Trapped(TrapReason.StackLimit, Run(Modules.Contract(body, function)));

    [Fact]
    public void Recursion_ends_at_the_same_depth_whatever_the_caller_s_own_stack()
    {
        // The greatest depth that completes, found by halving.
        const string deep = "(func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))";
        static byte[] Code(int depth) => Modules.Contract($"(call $deep (i32.const {depth}))", deep);
        int low = 1, high = Limits.MaxStackSlots;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Run(Code(middle)) is CallResult.Completed) low = middle;
            else high = middle;
        }
        // A frame of deep takes 16 slots, 1 parameter, 2 operands.
        Assert.InRange(low, Limits.MaxStackSlots / 19 - 4, Limits.MaxStackSlots / 19);

        var onSmallStack = new CallResult[1];
        var thread = new Thread(() => onSmallStack[0] = Run(Code(low)), 128 << 10);
        thread.Start();
        thread.Join();
        Assert.IsType<CallResult.Completed>(onSmallStack[0]);
    }

    [Fact]
    public void The_largest_frames_meet_the_stack_count_before_the_native_stack()
    {
        // Every local is alive across the call and across loops: the most a frame must keep.
        static string Each(int count, Func<int, string> text) => string.Concat(Enumerable.Range(0, count).Select(text));
        const int most = Limits.MaxFunctionLocals - 1;
        var locals = Each(most, i => $"(local $l{i} i64)");
        var fill = Each(most, i => $"(local.set $l{i} (i64.add (i64.extend_i32_u (local.get $n)) (i64.const {i})))");
        var use = Each(most, i => $"(i64.store (i32.const {8 * i}) (local.get $l{i}))");
        var loop = $"(loop {fill} (call $f (i32.add (local.get $n) (i32.const 1))) {use} (br_if 0 (local.get $n)))";
        var function = $"(func $f (param $n i32) {locals} {fill} {loop} {use})";
        Trapped(TrapReason.StackLimit, Run(Modules.Contract("(call $f (i32.const 1))", function)));

        var hoard = Each(900, _ => "(i64.load (i32.const 0))");
        var drop = Each(900, _ => "i64.xor ") + "drop";
        Trapped(TrapReason.StackLimit, Run(Modules.Contract("(call $f)", $"(func $f (i64.const 0) {hoard} (call $f) {drop})")));
    }

    [Fact]
    public void Memory_grows_to_its_declared_maximum_and_no_further()
    {
        var code = Modules.Contract("""
            (i32.store (i32.const 0) (memory.grow (i32.const 2)))
            (i32.store (i32.const 4) (memory.grow (i32.const 1)))
            (i32.store (i32.const 8) (memory.grow (i32.const -1)))
            (call $output (i32.const 0) (i32.const 12))
            """);
        var expected = new Encoder().U32(2).U32(uint.MaxValue).U32(uint.MaxValue).ToArray();
        Assert.Equal(expected, Completed(Run(code)).Output.ToArray());
    }

    [Theory]
    [InlineData(TrapReason.Unreachable, "unreachable")]
    [InlineData(TrapReason.MemoryBounds, "(drop (i32.load (i32.const -4)))")]
    [InlineData(TrapReason.MemoryBounds, "(memory.fill (i32.const 0) (i32.const 1) (i32.const -1))")]
    [InlineData(TrapReason.Arithmetic, "(drop (i32.div_u (i32.const 1) (local.get $i)))")]
    [InlineData(TrapReason.Arithmetic, "(drop (i64.div_s (i64.const -9223372036854775808) (i64.const -1)))")]
    [InlineData(TrapReason.HostCall, "(call $take (i32.const 131073))")]
    [InlineData(TrapReason.HostCall, "(call $output (i32.const 1) (i32.const 131072))")]
    [InlineData(TrapReason.HostCall, "(drop (call $state_get (i32.const 0) (i32.const 257)))")]
    [InlineData(TrapReason.HostCall, "(call $state_put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 65537))")]
    [InlineData(TrapReason.HostCall, "(i32.store8 (i32.const 0) (i32.const 255)) (call $fail (i32.const 1) (i32.const 0) (i32.const 1))")]
    [InlineData(TrapReason.UnknownContract, "(drop (call $call_contract (i32.const 0) (i32.const 0) (i32.const 0)))")]
    public void What_a_contract_must_not_do_stops_the_call(TrapReason reason, string body) => Trapped(reason, Run(Modules.Contract(body)));

    [Fact]
    public void A_contract_that_is_running_is_not_called_again()
    {
        // Calls whatever contract its input names, with that contract's name once more.
        var relay = World.Publish(Modules.Contract("(drop (call $call_contract (i32.const 4096) (i32.const 4096) (i32.const 32)))"));
        Trapped(TrapReason.Reentrancy, World.Call(relay, Caller.None, relay.ToArray()));
    }

    [Fact]
    public void Contracts_nest_to_the_limit_and_a_failure_within_fails_the_whole_call()
    {
        // Each calls the contract named first in its input, with the rest of the input; the distinct nop count makes distinct contracts.
        Digest[] chain = [.. Enumerable.Range(0, Limits.MaxCallDepth + 1).Select(i => World.Publish(Modules.Contract($"""
            {string.Concat(Enumerable.Range(0, i).Select(_ => "nop "))}
            (call $state_put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1))
            (if (call $input_length) (then
              (drop (call $call_contract (i32.const 4096) (i32.const 4128) (i32.sub (call $input_length) (i32.const 32))))))
            """)))];
        byte[] Input(int depth) => [.. chain[1..depth].SelectMany(id => id.ToArray())];

        var effects = Completed(World.Call(chain[0], Caller.None, Input(Limits.MaxCallDepth)));
        Assert.Equal(chain[..Limits.MaxCallDepth].Order(), effects.Writes.Select(write => write.Contract).Order());
        Trapped(TrapReason.CallDepth, World.Call(chain[0], Caller.None, Input(Limits.MaxCallDepth + 1)));

        var failing = World.Publish(Modules.Contract("""
            (i32.store8 (i32.const 0) (i32.const 33))
            (call $fail (i32.const 77) (i32.const 0) (i32.const 1))
            """));
        var failed = Assert.IsType<CallResult.Failed>(World.Call(chain[0], Caller.None, failing.ToArray()));
        Assert.Equal(new CallFailure(FailureKind.Contract, 77, failing, "!"), failed.Failure);
        Assert.Equal(failed.Failure, Canonical.Decode<CallFailure>(Canonical.Encode(failed.Failure)));
    }

    [Fact]
    public void A_read_outside_the_witness_names_the_key()
    {
        World.Uncovered = static key => key.Span.EndsWith("z"u8);
        var code = Modules.Contract("(i32.store8 (i32.const 0) (i32.const 122)) (drop (call $state_get (i32.const 0) (i32.const 1)))");
        var contract = World.Publish(code);
        var outside = Assert.IsType<CallResult.OutsideWitness>(World.Call(contract, Caller.None, []));
        Assert.Equal((ContractKeys.Full(World.Unit, contract, "z"u8), false), (outside.Key, outside.IsPrefix));
    }

    [Fact]
    public void A_key_written_before_it_is_read_needs_no_witness_and_a_scan_sees_it()
    {
        // put "a" = "b"; get "a"; delete "c" (there before); scan "".
        var contract = World.Publish(Modules.Contract("""
            (i32.store (i32.const 0) (i32.const 0x00636261))
            (if (call $input_length) (then (call $state_put (i32.const 2) (i32.const 1) (i32.const 0) (i32.const 1)) (return)))
            (call $state_put (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 1))
            (call $state_delete (i32.const 2) (i32.const 1))
            (if (i32.ne (call $state_get (i32.const 0) (i32.const 1)) (i32.const 1)) (then unreachable))
            (local.set $i (call $scan (i32.const 0) (i32.const 0)))
            (call $take (i32.const 16))
            (call $output (i32.const 16) (local.get $i))
            """));
        Completed(World.Commit(contract, Caller.None, [1]));
        var effects = Completed(World.Call(contract, Caller.None, []));
        Assert.Empty(effects.Reads);
        Assert.Equal(ContractKeys.Prefix(World.Unit, contract), Assert.Single(effects.Prefixes).Prefix);
        Assert.Equal(new Encoder().U32(1).Bytes("a"u8).Bytes("b"u8).ToArray(), effects.Output.ToArray());
        Assert.Equal([Bytes.Of("b"), null], effects.Writes.Select(write => write.Value));
    }

    private CallResult Run(byte[] code, ulong fuel = World.Fuel) => World.Call(World.Publish(code), Caller.None, [], fuel: fuel);
}
