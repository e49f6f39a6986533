using Protean.Codec;
using Protean.Runtime;
using RocksDbSharp;

namespace Protean.Node.Storage;

/// <summary>One unit member's key space in the node's database: keys behind a prefix of its own.</summary>
/// <remarks>One writer: the member's loop. Reads may come from other threads.</remarks>
public sealed class RocksStore : IDurableStore
{
    private const int MostOnStack = 512;

    private readonly RocksDatabase _database;
    private readonly byte[] _prefix;
    private byte[] _key;
    private long _lastWrite;

    internal RocksStore(RocksDatabase database, byte[] prefix)
    {
        _database = database;
        _prefix = prefix;
        _key = [.. prefix];
    }

    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        var length = _prefix.Length + key.Length;
        var whole = length <= MostOnStack ? stackalloc byte[length] : new byte[length];
        _prefix.CopyTo(whole);
        key.CopyTo(whole[_prefix.Length..]);
        return _database.Get(whole);
    }

    public IEnumerable<(Bytes Key, Bytes Value)> Scan(Bytes prefix, Bytes from = default)
    {
        var lower = Whole(prefix.Span);
        var start = from > prefix ? Whole(from.Span) : lower;
        foreach (var (key, value) in _database.Scan(start, lower))
            yield return (new Bytes(key.AsSpan(_prefix.Length)), Bytes.Wrap(value));
    }

    public void Write(StoreBatch batch)
    {
        if (batch.IsEmpty) return;
        using var changes = new WriteBatch();
        foreach (var (key, value) in batch.Changes)
        {
            if (value is null) changes.Delete(KeyOf(key.Span));
            else changes.Put(KeyOf(key.Span), value);
        }
        Volatile.Write(ref _lastWrite, _database.Write(changes));
    }

    public ValueTask FlushAsync() => _database.FlushAsync(Volatile.Read(ref _lastWrite));

    // The writer's, who is one: the batch copies what it is given.
    private ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> key)
    {
        var length = _prefix.Length + key.Length;
        if (_key.Length < length)
        {
            Array.Resize(ref _key, 2 * length);
            _prefix.CopyTo(_key, 0);
        }
        key.CopyTo(_key.AsSpan(_prefix.Length));
        return _key.AsSpan(0, length);
    }

    private byte[] Whole(ReadOnlySpan<byte> key)
    {
        var whole = new byte[_prefix.Length + key.Length];
        _prefix.CopyTo(whole, 0);
        key.CopyTo(whole.AsSpan(_prefix.Length));
        return whole;
    }
}
