using Protean.Runtime;
using Protean.Units.Execution;
using Protean.Wasm.Modules;
using Wasmtime;

namespace Protean.Wasm;

/// <summary>Runs WebAssembly contracts: our own reader decides what is deterministic and bounded, the pinned Wasmtime compiles and meters.
/// The ABI is docs/contracts.md. Safe to call from several threads; calls run one after another.</summary>
public sealed class WasmEngine : IContractEngine, IDisposable
{
    // The most the pinned Wasmtime accepts; counted slots end a recursion long before (Limits.MaxStackSlots).
    private const int NativeStackBytes = 2 << 20;

    // Every nested contract may take a native stack of its own, and as much again for the host's frames.
    private const int ThreadStackBytes = 2 * Limits.MaxCallDepth * NativeStackBytes;

    private const int CompiledCapacity = 64;

    private readonly Engine _engine;
    private readonly Linker _linker;
    private readonly CompiledContracts _contracts;
    private readonly DeepThread _thread;

    public WasmEngine()
    {
        // No optimisation: fewer passes over hostile code, and machine frames no larger than what the stack count charges. Explicit checks
        // instead of signals: a trapping contract never touches the process's fault handlers.
        _engine = new Engine(new Config()
            .WithFuelConsumption(true)
            .WithOptimizationLevel(OptimizationLevel.None)
            .WithSignalsBasedTraps(false)
            .WithMaximumStackSize(NativeStackBytes)
            // Bounds are checked in code, so what lies behind a memory needs no reserving: that cost more than most calls.
            .WithStaticMemoryMaximumSize(Limits.MaxContractPages * (64UL << 10)).WithMemoryGuardSize(0)
            .WithSIMD(false).WithRelaxedSIMD(false, true).WithWasmThreads(false).WithMultiMemory(false).WithMemory64(false)
            .WithTailCalls(false).WithGc(false).WithFunctionReferences(false).WithExceptions(false).WithWideArithmetic(false));
        _linker = new Linker(_engine);
        HostFunctions.Define(_linker);
        _contracts = new CompiledContracts(_engine, CompiledCapacity);
        _thread = new DeepThread("contracts", ThreadStackBytes);
    }

    public Refusal? Check(ReadOnlySpan<byte> code)
    {
        var (layout, refusal) = ModuleReader.Read(code.ToArray());
        if (layout is null) return refusal;
        try
        {
            using var module = Module.FromBytes(_engine, "check", ModuleWriter.Write(layout));
            return null;
        }
        catch (WasmtimeException error)
        {
            return new Refusal(Rules.Types.Code, Rules.Types.What, Expected: "a valid module", Got: error.Message);
        }
    }

    public CallResult Call(ContractCall call, IContractHost host) => _thread.Run(() => new CallTree(call, host, _contracts, _linker).Run());

    public void Dispose()
    {
        _thread.Dispose();
        _contracts.Dispose();
        _linker.Dispose();
        _engine.Dispose();
    }
}
