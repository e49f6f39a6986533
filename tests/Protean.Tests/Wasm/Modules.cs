using Wasmtime;

namespace Protean.Tests.Wasm;

/// <summary>Small contracts in WebAssembly text.</summary>
internal static class Modules
{
    private static readonly string Imports = string.Join('\n', new[]
    {
        "input_length (result i32)", "input_read (param i32)", "output (param i32 i32)", "state_get (param i32 i32) (result i32)",
        "state_put (param i32 i32 i32 i32)", "state_delete (param i32 i32)", "scan (param i32 i32) (result i32)", "take (param i32)",
        "call_contract (param i32 i32 i32) (result i32)", "fail (param i32 i32 i32)",
        "sha256 (param i32 i32 i32)", "sha512 (param i32 i32 i32)",
        "blake2b256 (param i32 i32 i32)", "ed25519_verify (param i32 i32 i32 i32) (result i32)",
        "ristretto255_add (param i32 i32 i32) (result i32)", "ristretto255_subtract (param i32 i32 i32) (result i32)",
        "ristretto255_multiply (param i32 i32 i32) (result i32)", "ristretto255_multiply_base (param i32 i32) (result i32)",
        "ristretto255_from_hash (param i32 i32)", "ristretto255_reduce (param i32 i32)",
    }.Select(static text =>
    {
        var name = text[..text.IndexOf(' ', StringComparison.Ordinal)];
        return $"(import \"protean\" \"{name}\" (func ${name} {text[name.Length..]}))";
    }));

    public static byte[] Of(string text) => Module.ConvertText(text);

    /// <summary>A contract with every host function imported, its input at 4096 and this body.</summary>
    public static byte[] Contract(string body, string more = "", string memory = "2 4") => Of($"""
        (module {Imports}
          (memory (export "memory") {memory})
          {more}
          (func (export "invoke") (local $i i32) (local $j i32)
            (call $input_read (i32.const 4096))
            {body}))
        """);

    /// <summary>A contract that imports nothing.</summary>
    public static byte[] Bare(string functions, string memory = "1 2") =>
        Of($"""(module (memory (export "memory") {memory}) {functions})""");
}
