using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Contracts;
using Protean.Units.Execution;

namespace Protean.Wasm;

/// <summary>The state one tree of calls sees: the witness below, its own writes above. Remembers what was read and written (protocols
/// 8.6).</summary>
internal sealed class ContractState(Digest executionUnit, IContractHost host)
{
    private readonly SortedDictionary<Bytes, StateEntry?> _reads = [];
    private readonly SortedDictionary<Bytes, (Digest SubtreeHash, IReadOnlyList<StateEntry> Entries)> _prefixes = [];
    private readonly SortedDictionary<Bytes, WriteEffect> _writes = [];

    /// <exception cref="CallStoppedException">The witness does not cover the key, or too many keys were read.</exception>
    public Bytes? Get(Digest contract, ReadOnlySpan<byte> key)
    {
        var full = ContractKeys.Full(executionUnit, contract, key);
        if (_writes.TryGetValue(full, out var written)) return written.Value;
        if (_reads.TryGetValue(full, out var entry)) return entry?.Value;
        if (_reads.Count == Limits.MaxCallReads)
            throw CallStoppedException.HostCall(contract, $"more than {Limits.MaxCallReads} keys read");
        if (!host.TryRead(full, out entry)) throw CallStoppedException.OutsideWitness(full, isPrefix: false);
        _reads.Add(full, entry);
        return entry?.Value;
    }

    public void Set(Digest contract, ReadOnlySpan<byte> key, Bytes? value)
    {
        var full = ContractKeys.Full(executionUnit, contract, key);
        _writes[full] = new WriteEffect(contract, full, value);
        if (_writes.Count > Limits.MaxCallWrites)
            throw CallStoppedException.HostCall(contract, $"more than {Limits.MaxCallWrites} keys written");
    }

    /// <summary>Keys (as the contract names them) and values under a prefix, in key order, with the tree's own writes laid over.</summary>
    public IReadOnlyList<(Bytes Key, Bytes Value)> Scan(Digest contract, ReadOnlySpan<byte> prefix)
    {
        var full = ContractKeys.Full(executionUnit, contract, prefix);
        if (!_prefixes.TryGetValue(full, out var scan))
        {
            if (_prefixes.Count == Limits.MaxCallScans)
                throw CallStoppedException.HostCall(contract, $"more than {Limits.MaxCallScans} prefixes read");
            if (!host.TryScan(full, out var hash, out var entries)) throw CallStoppedException.OutsideWitness(full, isPrefix: true);
            _prefixes.Add(full, scan = (hash, entries));
        }
        return Overlay(full, scan.Entries);
    }

    public Effects ToEffects(Bytes output) => new(
        [.. _reads.Select(static read => new ReadEffect(read.Key, read.Value?.Version))],
        [.. _prefixes.Select(static prefix => new PrefixEffect(prefix.Key, prefix.Value.SubtreeHash))],
        [.. _writes.Values], output);

    private List<(Bytes Key, Bytes Value)> Overlay(Bytes prefix, IReadOnlyList<StateEntry> entries)
    {
        var written = new Queue<WriteEffect>(_writes.Values.Where(write => write.Key.Span.StartsWith(prefix.Span)));
        var result = new List<(Bytes, Bytes)>(entries.Count + written.Count);
        void Add(Bytes full, Bytes value) => result.Add((new Bytes(ContractKeys.Relative(full.Span)), value));
        void AddWritten()
        {
            var write = written.Dequeue();
            if (write.Value is { } value) Add(write.Key, value);
        }
        foreach (var entry in entries)
        {
            while (written.Count > 0 && written.Peek().Key < entry.Key) AddWritten();
            if (written.Count > 0 && written.Peek().Key == entry.Key)
                AddWritten();
            else
                Add(entry.Key, entry.Value);
        }
        while (written.Count > 0) AddWritten();
        return result;
    }
}
