using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Execution;
using Wasmtime;
using Caller = Protean.Units.Execution.Caller;

namespace Protean.Wasm;

/// <summary>One running contract: who it is, who called it, and what passes between it and the host.</summary>
internal sealed class ContractFrame(CallTree tree, Digest contract, Caller caller, Bytes input)
{
    private Memory? _memory;

    public CallTree Tree => tree;
    public Digest Contract => contract;
    public Caller Caller => caller;
    public Bytes Input => input;
    public Bytes Output { get; set; }

    /// <summary>What the last host function left for <c>take</c>.</summary>
    public Bytes Pending { get; set; }

    public Instance? Instance { get; private set; }

    public void Enter(Instance instance)
    {
        Instance = instance;
        _memory = instance.GetMemory("memory");
    }

    /// <summary>The contract's memory from <paramref name="pointer"/> on; valid until the contract runs on.</summary>
    public Span<byte> Memory(int pointer, int length)
    {
        var memory = _memory ?? throw new EngineFaultException("a contract runs without its memory");
        if ((uint)pointer + (ulong)(uint)length > (ulong)memory.GetLength())
            throw Misuse($"memory {(uint)pointer}+{(uint)length} out of range");
        return memory.GetSpan((uint)pointer, length);
    }

    public ReadOnlySpan<byte> Read(int pointer, int length, int most, string what) =>
        (uint)length <= (uint)most ? Memory(pointer, length) : throw Misuse($"{what} of {(uint)length} bytes, at most {most}");

    public void Write(int pointer, ReadOnlySpan<byte> bytes) => bytes.CopyTo(Memory(pointer, bytes.Length));

    public CallStoppedException Misuse(string message) => CallStoppedException.HostCall(contract, message);
}
