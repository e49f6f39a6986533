using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Execution;
using Protean.Wasm.Modules;
using Wasmtime;
using Caller = Protean.Units.Execution.Caller;

namespace Protean.Wasm;

/// <summary>One top-level call and the calls nested in it: one state, one stack of contracts, one supply of fuel and of stack
/// slots.</summary>
internal sealed class CallTree(ContractCall call, IContractHost host, CompiledContracts contracts, Linker linker)
{
    // What the host's own frames between two contracts take of the native stack.
    private const int HostSlots = 1024;

    private readonly List<ContractFrame> _frames = [];

    public Digest? Instance => call.Instance;

    public ContractState State { get; } = new(call.ExecutionUnit, host);

    public CallResult Run()
    {
        var fuel = call.Fuel;
        try
        {
            var output = Enter(call.Contract, call.Caller, call.Input, ref fuel, Limits.MaxStackSlots);
            return new CallResult.Completed(State.ToEffects(output), call.Fuel - fuel);
        }
        catch (CallStoppedException stop)
        {
            return stop.Result(call.Fuel, fuel);
        }
    }

    /// <summary>A call from a running contract into another.</summary>
    /// <param name="from">The calling contract, which the other sees as its caller.</param>
    /// <param name="contract">The contract called.</param>
    /// <param name="input">Its input.</param>
    /// <param name="fuel">What is left, before and after.</param>
    public Bytes CallNested(ContractFrame from, Digest contract, Bytes input, ref ulong fuel) =>
        Enter(contract, new Caller.Contract(from.Contract), input, ref fuel, StackLeft(from) - HostSlots);

    private Bytes Enter(Digest contract, Caller caller, Bytes input, ref ulong fuel, int stackSlots)
    {
        RequireCallable(contract, input, fuel, stackSlots);
        if (!host.TryCode(contract, out var code))
            throw CallStoppedException.Trap(TrapReason.UnknownContract, contract, "no such contract");
        fuel -= FuelTariff.Call;
        var frame = new ContractFrame(this, contract, caller, input);
        _frames.Add(frame);
        using var store = new Store(contracts.Engine, frame) { Fuel = fuel };
        try
        {
            var instance = linker.Instantiate(store, contracts.Get(contract, code));
            instance.GetGlobal(ModuleWriter.StackExport)!.SetValue(stackSlots);
            frame.Enter(instance);
            instance.GetAction("invoke")!();
            // The engine looks at its count only at entries and loops: what ran over on the last stretch shows as nothing left.
            if (store.Fuel == 0) throw CallStoppedException.Trap(TrapReason.OutOfFuel, contract, "out of fuel");
        }
        catch (WasmtimeException error)
        {
            throw Explain(frame, error);
        }
        finally
        {
            fuel = store.Fuel;
        }
        _frames.RemoveAt(_frames.Count - 1);
        return frame.Output;
    }

    private void RequireCallable(Digest contract, Bytes input, ulong fuel, int stackSlots)
    {
        var at = _frames.Count > 0 ? _frames[^1].Contract : contract;
        if (input.Length > Limits.MaxCallInput)
            throw CallStoppedException.HostCall(at, $"input of {input.Length} bytes, at most {Limits.MaxCallInput}");
        if (_frames.Count == Limits.MaxCallDepth)
            throw CallStoppedException.Trap(TrapReason.CallDepth, at, $"more than {Limits.MaxCallDepth} contracts deep");
        if (_frames.Exists(frame => frame.Contract == contract))
            throw CallStoppedException.Trap(TrapReason.Reentrancy, at, $"{contract} is already running in this call");
        if (stackSlots <= 0) throw CallStoppedException.Trap(TrapReason.StackLimit, at, "stack limit");
        if (fuel < FuelTariff.Call) throw CallStoppedException.Trap(TrapReason.OutOfFuel, at, "out of fuel");
    }

    private static CallStoppedException Explain(ContractFrame frame, WasmtimeException error) => error switch
    {
        { InnerException: CallStoppedException stop } => stop,
        { InnerException: { } cause } => throw new EngineFaultException("the host failed during a call", cause),
        TrapException trap => Explain(frame, trap),
        _ => throw new EngineFaultException("the engine failed", error),
    };

    private static CallStoppedException Explain(ContractFrame frame, TrapException trap)
    {
        var (code, message) = trap.Type switch
        {
            Wasmtime.TrapCode.OutOfFuel => (TrapReason.OutOfFuel, "out of fuel"),
            Wasmtime.TrapCode.Unreachable => ExplainUnreachable(frame),
            Wasmtime.TrapCode.MemoryOutOfBounds => (TrapReason.MemoryBounds, "memory access out of bounds"),
            Wasmtime.TrapCode.TableOutOfBounds => (TrapReason.TableBounds, "table access out of bounds"),
            Wasmtime.TrapCode.IndirectCallToNull => (TrapReason.IndirectCall, "indirect call to nothing"),
            Wasmtime.TrapCode.BadSignature => (TrapReason.IndirectCall, "indirect call of another type"),
            Wasmtime.TrapCode.IntegerOverflow => (TrapReason.Arithmetic, "integer overflow"),
            Wasmtime.TrapCode.IntegerDivisionByZero => (TrapReason.Arithmetic, "division by zero"),
            _ => throw new EngineFaultException($"the engine stopped a contract with {trap.Type}", trap),
        };
        return CallStoppedException.Trap(code, frame.Contract, message);
    }

    private static (TrapReason Code, string Message) ExplainUnreachable(ContractFrame frame) => StackLeft(frame) switch
    {
        ModuleWriter.NoMachineMemory => throw new EngineFaultException("this machine has no memory left for a contract"),
        < 0 => (TrapReason.StackLimit, "stack limit"),
        _ => (TrapReason.Unreachable, "unreachable"),
    };

    private static int StackLeft(ContractFrame frame) => (int)frame.Instance!.GetGlobal(ModuleWriter.StackExport)!.GetValue()!;
}
