using Protean.Cryptography;
using RocksDbSharp;

namespace Protean.Node.Storage;

/// <summary>The one database of a node. Each unit member has a prefix of its own in it; all share one log, and so one flush.</summary>
public sealed class RocksDatabase : IDisposable
{
    private readonly FolderLock _lock;
    private readonly RocksDb _database;
    private readonly LogFlusher _flusher;
    private bool _closed;

    private RocksDatabase(FolderLock folderLock, RocksDb database)
    {
        _lock = folderLock;
        _database = database;
        _flusher = new LogFlusher(() => Native.Instance.rocksdb_flush_wal(_database.Handle, 1));
    }

    /// <summary>Opens a node's data folder, or lays it out where it does not exist or is empty. Every block is read and checked.</summary>
    /// <exception cref="RefusedException">Damaged, in use, of another network or node, or not usable.</exception>
    public static RocksDatabase Open(string folder, Digest chainId, Digest nodeId)
    {
        var folderLock = FolderLock.Take(folder);
        try
        {
            var database = new RocksDatabase(folderLock, RocksFolder.Open(folder, chainId, nodeId));
            return database;
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <param name="name">Names the member; at most 255 bytes.</param>
    public RocksStore StoreFor(ReadOnlySpan<byte> name) => new(this, RocksFolder.MemberPrefix(name));

    /// <summary>Flushes and closes. Members must have stopped.</summary>
    public void Dispose()
    {
        if (_closed) return;
        _flusher.Dispose();
        _closed = true;
        _database.Dispose();
        _lock.Dispose();
    }

    internal byte[]? Get(ReadOnlySpan<byte> key)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        return _database.Get(key);
    }

    internal IEnumerable<(byte[] Key, byte[] Value)> Scan(byte[] start, byte[] prefix)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        using var iterator = _database.NewIterator();
        for (iterator.Seek(start); iterator.Valid() && iterator.GetKeySpan().StartsWith(prefix); iterator.Next())
            yield return (iterator.Key(), iterator.Value());
    }

    /// <returns>The write's number, to wait for it with <see cref="FlushAsync"/>.</returns>
    internal long Write(WriteBatch changes)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        _database.Write(changes);
        return _flusher.Written();
    }

    internal ValueTask FlushAsync(long write) => _flusher.WaitAsync(write);
}
