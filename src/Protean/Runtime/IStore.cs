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
    private readonly List<(Bytes Key, byte[]? Value)> _changes = [];

    public IReadOnlyList<(Bytes Key, byte[]? Value)> Changes => _changes;
    public void Put(Bytes key, byte[] value) => _changes.Add((key, value));
    public void Delete(Bytes key) => _changes.Add((key, null));
}
