using System.Text;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Execution;
using Protean.Wasm.Modules;
using Wasmtime;
using Caller = Protean.Units.Execution.Caller;
using Encoder = Protean.Codec.Encoder;
using WasmCaller = Wasmtime.Caller;

namespace Protean.Wasm;

/// <summary>What a contract may ask of the host: its input and caller, its state, other contracts (docs/contracts.md). Each function first
/// takes its fuel, then looks at memory.</summary>
internal static class HostFunctions
{
    private const int Absent = -1;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Define(Linker linker)
    {
        const string module = HostSignatures.Module;
        linker.DefineFunction(module, "input_length", static (WasmCaller caller) => Enter(caller).Input.Length);
        linker.DefineFunction(module, "input_read", static (WasmCaller caller, int to) => InputRead(caller, to));
        linker.DefineFunction(module, "output", static (WasmCaller caller, int from, int length) => Output(caller, from, length));
        linker.DefineFunction(module, "caller_kind", static (WasmCaller caller) => CallerKind(caller));
        linker.DefineFunction(module, "caller_read", static (WasmCaller caller, int to) => CallerRead(caller, to));
        linker.DefineFunction(module, "self_read", static (WasmCaller caller, int to) => SelfRead(caller, to));
        linker.DefineFunction(module, "instance_read", static (WasmCaller caller, int to) => InstanceRead(caller, to));
        linker.DefineFunction(module, "take", static (WasmCaller caller, int to) => Take(caller, to));
        linker.DefineFunction(module, "state_get", static (WasmCaller caller, int key, int length) => StateGet(caller, key, length));
        linker.DefineFunction(module, "state_put",
            static (WasmCaller caller, int key, int keyLength, int value, int length) => StatePut(caller, key, keyLength, value, length));
        linker.DefineFunction(module, "state_delete", static (WasmCaller caller, int key, int length) => StateDelete(caller, key, length));
        linker.DefineFunction(module, "scan", static (WasmCaller caller, int prefix, int length) => Scan(caller, prefix, length));
        linker.DefineFunction(module, "call_contract",
            static (WasmCaller caller, int contract, int input, int length) => CallContract(caller, contract, input, length));
        linker.DefineFunction(module, "fail",
            static (WasmCaller caller, int code, int message, int length) => Fail(caller, code, message, length));
        CryptographyFunctions.Define(linker);
        Ristretto255Functions.Define(linker);
    }

    /// <summary>The running contract, after the fuel of crossing into the host and of what the function does was taken.</summary>
    public static ContractFrame Enter(WasmCaller caller, ulong cost = 0)
    {
        var frame = (ContractFrame)caller.GetData()!;
        Charge(caller, frame, FuelTariff.Host + cost);
        return frame;
    }

    public static ulong ForBytes(int length, ulong perByte) => (uint)length * perByte;

    private static void Charge(WasmCaller caller, ContractFrame frame, ulong cost)
    {
        var left = caller.Fuel;
        if (left < cost) throw CallStoppedException.Trap(TrapReason.OutOfFuel, frame.Contract, "out of fuel");
        caller.Fuel = left - cost;
    }

    private static void InputRead(WasmCaller caller, int to)
    {
        var frame = Enter(caller);
        Charge(caller, frame, ForBytes(frame.Input.Length, FuelTariff.Byte));
        frame.Write(to, frame.Input.Span);
    }

    private static void Output(WasmCaller caller, int from, int length)
    {
        var frame = Enter(caller, ForBytes(length, FuelTariff.Byte));
        frame.Output = new Bytes(frame.Read(from, length, Limits.MaxCallOutput, "output"));
    }

    private static int CallerKind(WasmCaller caller) => Enter(caller).Caller switch
    {
        Caller.User => 1,
        Caller.Contract => 2,
        _ => 0,
    };

    private static void CallerRead(WasmCaller caller, int to)
    {
        var frame = Enter(caller);
        switch (frame.Caller)
        {
            case Caller.User user: frame.Write(to, user.Key.Span); break;
            case Caller.Contract contract: frame.Write(to, contract.Id.Span); break;
            default: throw frame.Misuse("caller_read without a caller");
        }
    }

    private static void SelfRead(WasmCaller caller, int to)
    {
        var frame = Enter(caller);
        frame.Write(to, frame.Contract.Span);
    }

    private static int InstanceRead(WasmCaller caller, int to)
    {
        var frame = Enter(caller);
        if (frame.Tree.Instance is not { } instance) return 0;
        frame.Write(to, instance.Span);
        return 1;
    }

    private static void Take(WasmCaller caller, int to)
    {
        var frame = Enter(caller);
        Charge(caller, frame, ForBytes(frame.Pending.Length, FuelTariff.Byte));
        frame.Write(to, frame.Pending.Span);
    }

    private static int StateGet(WasmCaller caller, int key, int length)
    {
        var frame = Enter(caller, FuelTariff.StateRead + ForBytes(length, FuelTariff.Byte));
        var value = frame.Tree.State.Get(frame.Contract, Key(frame, key, length));
        frame.Pending = value ?? Bytes.Empty;
        return value?.Length ?? Absent;
    }

    private static void StatePut(WasmCaller caller, int key, int keyLength, int value, int valueLength)
    {
        var perByte = ForBytes(keyLength, FuelTariff.StateWriteByte) + ForBytes(valueLength, FuelTariff.StateWriteByte);
        var frame = Enter(caller, FuelTariff.StateWrite + perByte);
        var bytes = new Bytes(frame.Read(value, valueLength, Limits.MaxContractValue, "value"));
        frame.Tree.State.Set(frame.Contract, Key(frame, key, keyLength), bytes);
    }

    private static void StateDelete(WasmCaller caller, int key, int length)
    {
        var frame = Enter(caller, FuelTariff.StateWrite + ForBytes(length, FuelTariff.StateWriteByte));
        frame.Tree.State.Set(frame.Contract, Key(frame, key, length), null);
    }

    /// <summary>Leaves <c>list&lt;(key:bytes, value:bytes)&gt;</c> to be taken.</summary>
    private static int Scan(WasmCaller caller, int prefix, int length)
    {
        var frame = Enter(caller, FuelTariff.Scan + ForBytes(length, FuelTariff.Byte));
        var entries = frame.Tree.State.Scan(frame.Contract, Key(frame, prefix, length));
        var bytes = entries.Sum(static entry => (long)entry.Key.Length + entry.Value.Length);
        Charge(caller, frame, (ulong)entries.Count * FuelTariff.ScanEntry + (ulong)bytes * FuelTariff.Byte);
        if (bytes > Limits.MaxCallScan) throw frame.Misuse($"scan of {bytes} bytes, at most {Limits.MaxCallScan}");
        var list = new Encoder().List(entries, static (to, entry) => to.Bytes(entry.Key.Span).Bytes(entry.Value.Span));
        frame.Pending = Bytes.Wrap(list.ToArray());
        return frame.Pending.Length;
    }

    private static int CallContract(WasmCaller caller, int contract, int input, int length)
    {
        var frame = Enter(caller, ForBytes(length, FuelTariff.Byte));
        var id = new Digest(frame.Memory(contract, Digest.Size));
        var bytes = new Bytes(frame.Read(input, length, Limits.MaxCallInput, "input"));
        var fuel = caller.Fuel;
        try
        {
            frame.Pending = frame.Tree.CallNested(frame, id, bytes, ref fuel);
        }
        finally
        {
            caller.Fuel = fuel;
        }
        return frame.Pending.Length;
    }

    private static void Fail(WasmCaller caller, int code, int message, int length)
    {
        var frame = Enter(caller, ForBytes(length, FuelTariff.Byte));
        var bytes = frame.Read(message, length, Limits.MaxFailureMessage, "message");
        string text;
        try
        {
            text = StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw frame.Misuse("a failure's message that is not UTF-8");
        }
        throw CallStoppedException.Failure(frame.Contract, (uint)code, text);
    }

    private static ReadOnlySpan<byte> Key(ContractFrame frame, int key, int length) =>
        frame.Read(key, length, Limits.MaxContractKey, "key");
}
