using Protean.Cryptography;
using Protean.Node.Keys;
using RocksDbSharp;

namespace Protean.Node.Storage;

/// <summary>The one database of a node. Each unit member has a prefix of its own in it; all share one log, and so one flush.</summary>
public sealed class RocksDatabase : IDisposable
{
    private readonly FolderLock _lock;
    private readonly RocksDb _database;
    private readonly LogFlusher _flusher;
    private bool _closed;

    private readonly string _folder;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RocksDatabase(string folder, FolderLock folderLock, RocksDb database, ulong? silentThrough)
    {
        (_folder, SilentThrough) = (folder, silentThrough);
        _lock = folderLock;
        _database = database;
        _flusher = new LogFlusher(() => Guard(() => Native.Instance.rocksdb_flush_wal(_database.Handle, 1)));
    }

    /// <summary>The epoch through which this folder may have forgotten what the node signed; null where it has not.</summary>
    public ulong? SilentThrough { get; }

    /// <summary>Fails when the disk first refuses a write; nothing that was not on disk before was acknowledged.</summary>
    public Task Failed => _failed.Task;

    /// <summary>Opens a node's data folder, or lays it out where it does not exist or is empty. Every block is read and checked.</summary>
    /// <param name="mark">Of the keys that the folder is used with; null where it is used with none.</param>
    /// <exception cref="RefusedException">Damaged, in use, of another network or node, or not usable.</exception>
    public static RocksDatabase Open(string folder, Digest chainId, Digest nodeId, DataMark? mark = null)
    {
        var folderLock = FolderLock.Take(folder);
        try
        {
            var database = RocksFolder.Open(folder, chainId, nodeId, mark, out var silentThrough);
            return new RocksDatabase(folder, folderLock, database, silentThrough);
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
        Guard(() => _database.Write(changes));
        return _flusher.Written();
    }

    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (RocksDbException failed)
        {
            var refused = new RefusedException(NodeRefusals.DiskFailed(_folder, failed.Message), failed);
            _failed.TrySetException(refused);
            throw refused;
        }
    }

    internal ValueTask FlushAsync(long write) => _flusher.WaitAsync(write);
}
