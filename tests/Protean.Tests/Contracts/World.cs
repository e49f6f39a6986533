using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.Contracts;

/// <summary>Contracts and their state in memory: what the execution unit and the state unit are to an engine. Covers all state unless
/// <see cref="Uncovered"/> says otherwise.</summary>
internal sealed class World(WasmEngine engine) : IContractHost
{
    public const ulong Fuel = 500_000_000;

    private readonly Dictionary<Digest, Bytes> _code = [];
    private readonly SortedDictionary<Bytes, StateEntry> _state = [];
    private ulong _version;

    public static Digest Unit { get; } = Hash.H("test/unit", []);

    /// <summary>Keys the witness leaves out.</summary>
    public Func<Bytes, bool> Uncovered { get; set; } = static _ => false;

    public IEnumerable<StateEntry> State => _state.Values;

    public Digest Publish(byte[] code)
    {
        Assert.Null(engine.Check(code));
        var id = Hash.H("protean/contract/v1", Unit.Span, code);
        _code[id] = new Bytes(code);
        return id;
    }

    public CallResult Call(Digest contract, Caller caller, byte[] input, Digest? instance = null, ulong fuel = Fuel) =>
        engine.Call(new ContractCall(Unit, contract, new Bytes(input), caller, fuel) { Instance = instance }, this);

    /// <summary>Calls, and commits the effects of a completed call.</summary>
    public CallResult Commit(Digest contract, Caller caller, byte[] input, Digest? instance = null)
    {
        var result = Call(contract, caller, input, instance);
        if (result is CallResult.Completed completed) Apply(completed.Effects);
        return result;
    }

    public void Apply(Effects effects)
    {
        _version++;
        foreach (var read in effects.Reads) Assert.Equal(read.Version, _state.TryGetValue(read.Key, out var entry) ? entry.Version : null);
        foreach (var write in effects.Writes)
        {
            Assert.True(ContractKeys.TryOwner(write.Key.Span, out var unit, out var contract));
            Assert.Equal((Unit, write.Contract), (unit.Value, contract.Value));
            if (write.Value is { } value)
                _state[write.Key] = new StateEntry(write.Key, _version, value);
            else
                _state.Remove(write.Key);
        }
    }

    public bool TryCode(Digest contract, out Bytes code) => _code.TryGetValue(contract, out code);

    public bool TryRead(Bytes key, out StateEntry? entry)
    {
        _state.TryGetValue(key, out entry);
        return !Uncovered(key);
    }

    public bool TryScan(Bytes prefix, out Digest subtreeHash, out IReadOnlyList<StateEntry> entries)
    {
        entries = [.. _state.Values.Where(entry => entry.Key.Span.StartsWith(prefix.Span))];
        var list = new Encoder().List(entries, static (to, entry) => to.Bytes(entry.Key.Span).U64(entry.Version).Bytes(entry.Value.Span));
        subtreeHash = Hash.H("test/subtree", list.Written);
        return !Uncovered(prefix);
    }
}
