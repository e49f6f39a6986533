using CsCheck;
using Protean.Tests.Contracts;
using Xunit;

namespace Protean.Tests.Wasm;

public sealed class ModuleReaderTests : ContractFixture
{
    private const string Invoke = """(func (export "invoke"))""";
    private const string Memory = """(memory (export "memory") 1 2)""";

    public static TheoryData<string, string> Breaches => new()
    {
        { "PRT-WSM-0004", $"(module {Memory} {Invoke} (func (param f64)))" },
        { "PRT-WSM-0004", $"(module {Memory} {Invoke} (func (local f32)))" },
        { "PRT-WSM-0004", $"(module {Memory} {Invoke} (func (drop (f64.const 1))))" },
        { "PRT-WSM-0004", $"(module {Memory} {Invoke} (func (drop (i32.trunc_f32_s (f32.load (i32.const 0))))))" },
        { "PRT-WSM-0004", $"(module {Memory} {Invoke} (global f64 (f64.const 1)))" },
        { "PRT-WSM-0005", $"(module {Memory} {Invoke} (func (drop (v128.const i64x2 0 0))))" },
        { "PRT-WSM-0006", $"(module {Memory} {Invoke} (func (drop (i32.atomic.load (i32.const 0)))))" },
        { "PRT-WSM-0006", $"(module (memory (export \"memory\") 1 2 shared) {Invoke})" },
        { "PRT-WSM-0007", $"(module {Memory} {Invoke} (func (drop (ref.null func))))" },
        { "PRT-WSM-0007", $"(module {Memory} {Invoke} (func (param externref)))" },
        { "PRT-WSM-0007", $"(module {Memory} {Invoke} (func $f (return_call $f)))" },
        { "PRT-WSM-0007", $"(module {Memory} {Invoke} (tag))" },
        { "PRT-WSM-0007", $"(module {Memory} {Invoke} (data \"passive\"))" },
        { "PRT-WSM-0008", $"(module {Memory} {Invoke} (func $s) (start $s))" },
        { "PRT-WSM-0009", $"(module (import \"protean\" \"clock\" (func)) {Memory} {Invoke})" },
        { "PRT-WSM-0009", $"(module (import \"env\" \"take\" (func (param i32))) {Memory} {Invoke})" },
        { "PRT-WSM-0009", $"(module (import \"protean\" \"take\" (global i32)) {Memory} {Invoke})" },
        { "PRT-WSM-0009", $"(module (import \"protean\" \"memory\" (memory 1 2)) {Invoke})" },
        { "PRT-WSM-0010", $"(module (import \"protean\" \"take\" (func (param i64))) {Memory} {Invoke})" },
        { "PRT-WSM-0010", $"(module (import \"protean\" \"take\" (func (param i32) (result i32))) {Memory} {Invoke})" },
        { "PRT-WSM-0011", $"(module {Invoke})" },
        { "PRT-WSM-0011", $"(module (memory 1 2) {Invoke})" },
        { "PRT-WSM-0011", $"(module {Memory} (memory 1 2) {Invoke})" },
        { "PRT-WSM-0012", $"(module (memory (export \"memory\") 1) {Invoke})" },
        { "PRT-WSM-0012", $"(module (memory (export \"memory\") 1 257) {Invoke})" },
        { "PRT-WSM-0012", $"(module (memory (export \"memory\") i64 1 2) {Invoke})" },
        { "PRT-WSM-0013", $"(module {Memory} {Invoke} (table 4097 funcref))" },
        { "PRT-WSM-0013", $"(module {Memory} {Invoke} (table 1 externref))" },
        { "PRT-WSM-0014", $"(module {Memory})" },
        { "PRT-WSM-0014", $"(module {Memory} (func (export \"invoke\") (param i32)))" },
        { "PRT-WSM-0015", $"(module {Memory} {Invoke} {Repeat("(type (func))", 257)})" },
        { "PRT-WSM-0017", $"(module {Memory} {Invoke} {Repeat("(func)", 4096)})" },
        { "PRT-WSM-0018", $"(module {Memory} {Invoke} {Repeat("(global i32 (i32.const 0))", 257)})" },
        { "PRT-WSM-0022", $"(module {Memory} {Invoke} (func {Repeat("(local i32)", 513)}))" },
        { "PRT-WSM-0023", $"(module {Memory} {Invoke} (func {Repeat("nop ", 65536)}))" },
        { "PRT-WSM-0024", $"(module {Memory} {Invoke} (func {Repeat("block ", 257)} {Repeat("end ", 257)}))" },
        { "PRT-WSM-0025", $"(module {Memory} {Invoke} (func {Repeat("i32.const 0 ", 1025)} unreachable))" },
        { "PRT-WSM-0027", $"(module {Memory} {Invoke} (func (result i32 i32) unreachable))" },
        { "PRT-WSM-0029", $"(module {Memory} {Invoke} (func (export \"protean:stack\")))" },
        { "PRT-WSM-0030", $"(module {Memory} {Invoke} (data (i32.const 65536) \"x\"))" },
        { "PRT-WSM-0030", $"(module {Memory} {Invoke} (table 1 funcref) (elem (i32.const 1) 0))" },
        { "PRT-WSM-0031", $"(module {Memory} {Invoke} (func i32.add drop))" },
        { "PRT-WSM-0032", $"(module {Memory} {Invoke} (func (drop (i32.add (i32.const 0) (i64.const 0)))))" },
    };

    [Theory]
    [MemberData(nameof(Breaches))]
    public void Each_rule_refuses_by_its_own_code(string code, string text) => Assert.Equal(code, Engine.Check(Modules.Of(text))?.Code);

    [Fact]
    public void A_refusal_names_function_and_byte()
    {
        var refusal = Engine.Check(Modules.Of($"(module {Memory} {Invoke} (func (drop (f64.const 1))))"));
        Assert.Matches("^function 1, byte [0-9]+$", refusal!.Where);
    }

    [Fact]
    public void Code_beyond_the_limit_and_code_that_is_none_are_refused()
    {
        Assert.Equal("PRT-WSM-0001", Engine.Check(new byte[Limits.MaxContractCode + 1])?.Code);
        Assert.Equal("PRT-WSM-0002", Engine.Check([])?.Code);
        Assert.Equal("PRT-WSM-0002", Engine.Check("\0asm\u0002\0\0\0"u8)?.Code);
        Assert.Equal("PRT-WSM-0003", Engine.Check([.. "\0asm\u0001\0\0\0"u8, 1, 200, 1])?.Code);
    }

    [Fact]
    public void Damaged_code_is_refused_or_runs_to_a_result()
    {
        // Values and trees of calls are covered elsewhere; here no byte may bring the reader, the rewriting or the engine down.
        byte[][] seeds =
        [
            Token.Code,
            Example.Code("lottery", "contract", "lottery.wasm"),
            Modules.Contract("(drop (memory.grow (i32.const 1)))"),
        ];
        var change = Gen.Select(Gen.Int[0, 8191], Gen.Byte, Gen.Int[0, 9]);
        Gen.Select(Gen.Int[0, seeds.Length - 1], change.Array[1, 3]).Sample(sample =>
        {
            var code = Damage(seeds[sample.Item1], sample.Item2);
            if (Engine.Check(code) is { } refusal)
                Assert.Matches("^PRT-WSM-00[0-9]{2}$", refusal.Code);
            else
                World.Call(World.Publish(code), Protean.Units.Execution.Caller.None, [1, 2, 3], fuel: 1_000_000);
        }, iter: 2000, threads: 1);
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static byte[] Damage(byte[] seed, (int At, byte Value, int Deed)[] changes)
    {
        List<byte> code = [.. seed];
        foreach (var (place, value, deed) in changes)
        {
            var at = place % code.Count;
            if (deed == 0) code.RemoveAt(at);
            else if (deed == 1) code.Insert(at, value);
            else if (deed == 2) code.RemoveRange(at, code.Count - at);
            else code[at] = value;
            if (code.Count == 0) break;
        }
        return [.. code];
    }
}
