using Protean.Codec;
using Protean.Cryptography;
using Wasmtime;

namespace Protean.Tests.Contracts;

/// <summary>A contract in WebAssembly text: on <c>relay</c> it hands the rest of its input to the token, as the token's caller; on anything
/// else
/// (<c>onPayment</c>) it notes the payment and returns.</summary>
internal static class Keeper
{
    public static byte[] Code(Digest token) => Module.ConvertText($$"""
        (module
          (import "protean" "input_length" (func $input_length (result i32)))
          (import "protean" "input_read" (func $input_read (param i32)))
          (import "protean" "state_put" (func $state_put (param i32 i32 i32 i32)))
          (import "protean" "call_contract" (func $call_contract (param i32 i32 i32) (result i32)))
          (memory (export "memory") 8 8)
          (data (i32.const 0) "{{string.Concat(token.ToArray().Select(b => $"\\{b:x2}"))}}")
          (data (i32.const 32) "\05\00\00\00relay")
          (func (export "invoke")
            (call $input_read (i32.const 64))
            (if (i64.eq (i64.load (i32.const 32)) (i64.load (i32.const 64)))
              (then (drop (call $call_contract (i32.const 0) (i32.const 73) (i32.sub (call $input_length) (i32.const 9)))))
              (else (call $state_put (i32.const 64) (i32.const 13) (i32.const 64) (i32.const 13))))))
        """);
}
