using Protean.Codec;

namespace Protean.Runtime;

/// <summary>A member's durable key-value space: in memory with faults in the simulator, RocksDB in the node.</summary>
/// <remarks>A batch is atomic and visible to reads at once; it is durable before anything that the same input sends leaves the process,
/// and batches become durable in the order they were written. Keys are ordered bytewise.</remarks>
public interface IStore
{
    /// <returns>The value, or null where the key is absent.</returns>
    byte[]? Get(ReadOnlySpan<byte> key);

    /// <summary>All pairs whose key starts with <paramref name="prefix"/> and is not below <paramref name="from"/>, in key order.</summary>
    IEnumerable<(Bytes Key, Bytes Value)> Scan(Bytes prefix, Bytes from = default);

    void Write(StoreBatch batch);
}

/// <summary>Changes that become visible and durable together; a null value deletes. The last change of a key wins.</summary>
public sealed class StoreBatch
{
    // Well under the size from which on arrays are collected only with everything else: a large block has thousands of changes.
    private const int PieceLength = 1024;

    private readonly List<List<(Bytes Key, byte[]? Value)>> _pieces = [];

    public bool IsEmpty => _pieces.Count == 0;
    public IEnumerable<(Bytes Key, byte[]? Value)> Changes => _pieces.SelectMany(static piece => piece);
    public void Put(Bytes key, byte[] value) => Add(key, value);
    public void Delete(Bytes key) => Add(key, null);

    private void Add(Bytes key, byte[]? value)
    {
        if (_pieces.Count == 0 || _pieces[^1].Count == PieceLength) _pieces.Add(_pieces.Count == 0 ? [] : new(PieceLength));
        _pieces[^1].Add((key, value));
    }
}
