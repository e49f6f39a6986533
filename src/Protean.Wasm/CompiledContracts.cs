using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Execution;
using Protean.Wasm.Modules;
using Wasmtime;

namespace Protean.Wasm;

/// <summary>Machine code of the contracts used last; each is compiled once while it stays here.</summary>
internal sealed class CompiledContracts(Engine engine, int capacity) : IDisposable
{
    private readonly Dictionary<Digest, LinkedListNode<(Digest Contract, Module Module)>> _byContract = [];
    private readonly LinkedList<(Digest Contract, Module Module)> _latestFirst = [];

    public Engine Engine => engine;

    /// <param name="contract">Which contract.</param>
    /// <param name="code">Its published code, which was checked at deploy.</param>
    public Module Get(Digest contract, Bytes code)
    {
        if (_byContract.TryGetValue(contract, out var node))
        {
            _latestFirst.Remove(node);
            _latestFirst.AddFirst(node);
            return node.Value.Module;
        }
        var (layout, refusal) = ModuleReader.Read(code.ToArray());
        if (layout is null) throw new EngineFaultException($"published code does not pass its check: {refusal}");
        var module = Module.FromBytes(engine, contract.ToString(), ModuleWriter.Write(layout));
        _byContract.Add(contract, _latestFirst.AddFirst((contract, module)));
        if (_byContract.Count > capacity) DropOldest();
        return module;
    }

    public void Dispose()
    {
        foreach (var (_, module) in _latestFirst) module.Dispose();
        _latestFirst.Clear();
        _byContract.Clear();
    }

    private void DropOldest()
    {
        var (contract, module) = _latestFirst.Last!.Value;
        _latestFirst.RemoveLast();
        _byContract.Remove(contract);
        module.Dispose();
    }
}
