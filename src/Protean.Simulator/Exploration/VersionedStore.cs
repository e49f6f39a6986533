using System.Collections.Immutable;
using Protean.Codec;
using Protean.Consensus;
using Protean.Runtime;

namespace Protean.Simulator.Exploration;

/// <summary>A disk that can be copied at no cost, and that remembers what it held after each batch of the running input.</summary>
internal sealed class VersionedStore : IStore
{
    private ImmutableSortedDictionary<Bytes, byte[]> _pairs = ImmutableSortedDictionary<Bytes, byte[]>.Empty;
    private ImmutableList<ImmutableSortedDictionary<Bytes, byte[]>> _versions = [];

    public VersionedStore() { }
    private VersionedStore(ImmutableSortedDictionary<Bytes, byte[]> pairs) => _pairs = pairs;

    /// <summary>Keys of all that stands here beside evidence, in order.</summary>
    public IEnumerable<Bytes> Keys => _pairs.Keys.Where(static key => Kind(key) != (byte)'e');

    /// <summary>Those of views that are not final, and those that made a block final.</summary>
    public IEnumerable<Certificate> Certificates =>
        _pairs.Where(static pair => Kind(pair.Key) is (byte)'c' or (byte)'q').Select(static pair => Canonical.Decode<Certificate>(pair.Value));

    /// <summary>What a crash during the input may leave: the disk after each of the input's batches.</summary>
    public IEnumerable<VersionedStore> AfterEachBatch => _versions.Select(static pairs => new VersionedStore(pairs));

    private static byte Kind(Bytes key) => key.Span["consensus/".Length + sizeof(ulong)];

    /// <summary>A new input begins.</summary>
    public void Begin() => _versions = [];

    /// <summary>The disk as a restart finds it.</summary>
    public VersionedStore Durable() => new(_pairs);

    public byte[]? Get(ReadOnlySpan<byte> key) => _pairs.GetValueOrDefault(new Bytes(key));

    public IEnumerable<(Bytes Key, Bytes Value)> Scan(Bytes prefix, Bytes from = default)
    {
        var start = from > prefix ? from : prefix;
        return [.. _pairs.Where(pair => pair.Key >= start && pair.Key.Span.StartsWith(prefix.Span)).Select(pair => (pair.Key, Bytes.Wrap(pair.Value)))];
    }

    public void Write(StoreBatch batch)
    {
        var pairs = _pairs.ToBuilder();
        foreach (var (key, value) in batch.Changes)
        {
            if (value is null) pairs.Remove(key);
            else pairs[key] = value;
        }
        _pairs = pairs.ToImmutable();
        _versions = _versions.Add(_pairs);
    }
}
