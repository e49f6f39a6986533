using Protean.Cryptography;
using RocksDbSharp;

namespace Protean.Node.Storage;

/// <summary>How a node's data folder is laid out, made and checked.</summary>
/// <remarks>The database stands in <c>database/</c> and its first record says whose it is. It is created only where nothing stands:
/// RocksDB itself would take a folder that lost its main file for a new one, and the node would forget its votes.</remarks>
internal static class RocksFolder
{
    private const string DatabaseFolder = "database";

    private const byte SystemKeys = 0;
    private const byte MemberKeys = 1;
    private const byte Format = 1;

    // Small, because many nodes may live in one process: two write buffers and a cache, which also holds indices and filters.
    private const ulong WriteBufferSize = 8 << 20;
    private const int WriteBuffers = 2;
    private const ulong CacheSize = 8 << 20;
    private const int OpenFiles = 64;
    private const int BloomBitsPerKey = 10;

    private static readonly byte[] OwnerKey = [SystemKeys, .. "owner"u8];

    public static byte[] MemberPrefix(ReadOnlySpan<byte> name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, byte.MaxValue);
        return [MemberKeys, (byte)name.Length, .. name];
    }

    public static RocksDb Open(string folder, Digest chainId, Digest nodeId)
    {
        var path = Path.Combine(folder, DatabaseFolder);
        var isNew = !Directory.Exists(path);
        if (isNew) RefuseStrangeFiles(folder);
        else RefuseMissingLog(folder, path);
        RocksDb database;
        try
        {
            database = RocksDb.Open(Options().SetCreateIfMissing(isNew), path);
        }
        catch (RocksDbException failed)
        {
            throw new RefusedException(NodeRefusals.DataFolderDamaged(folder, failed.Message), failed);
        }
        try
        {
            if (isNew) SignIn(database, folder, chainId, nodeId);
            Check(database, folder, chainId, nodeId);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static void RefuseStrangeFiles(string folder)
    {
        var names = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName);
        if (names.FirstOrDefault(name => name != FolderLock.FileName) is { } strange)
            throw new RefusedException(NodeRefusals.DataFolderDamaged(folder, $"'{strange}' but no '{DatabaseFolder}'"));
    }

    // RocksDB itself does not miss the log that it was writing last.
    private static void RefuseMissingLog(string folder, string path)
    {
        if (!Directory.EnumerateFiles(path, "*.log").Any())
            throw new RefusedException(NodeRefusals.DataFolderDamaged(folder, "the database has no log file"));
    }

    private static void SignIn(RocksDb database, string folder, Digest chainId, Digest nodeId)
    {
        byte[] owner = [Format, .. chainId.Span, .. nodeId.Span];
        database.Put(OwnerKey, owner, writeOptions: new WriteOptions().SetSync(true));
        DurableFolder.Sync(folder);
    }

    private static void Check(RocksDb database, string folder, Digest chainId, Digest nodeId)
    {
        byte[]? owner;
        try
        {
            Native.Instance.rocksdb_verify_checksum(database.Handle);
            owner = database.Get(OwnerKey);
        }
        catch (RocksDbException failed)
        {
            throw new RefusedException(NodeRefusals.DataFolderDamaged(folder, failed.Message), failed);
        }
        if (owner is not { Length: 1 + (2 * Digest.Size) } || owner[0] != Format)
            throw new RefusedException(NodeRefusals.DataFolderDamaged(folder, "no owner of a known format in the database"));
        var chain = new Digest(owner.AsSpan(1, Digest.Size));
        var node = new Digest(owner.AsSpan(1 + Digest.Size));
        if (chain != chainId) throw new RefusedException(NodeRefusals.DataFolderOfAnother(folder, "network", chainId, chain));
        if (node != nodeId) throw new RefusedException(NodeRefusals.DataFolderOfAnother(folder, "node", nodeId, node));
    }

    private static DbOptions Options()
    {
        var tables = new BlockBasedTableOptions()
            .SetBlockCache(Cache.CreateLru(CacheSize))
            .SetCacheIndexAndFilterBlocks(true)
            .SetFilterPolicy(BloomFilterPolicy.Create(BloomBitsPerKey, false));
        var options = new DbOptions()
            .SetBlockBasedTableFactory(tables)
            .SetWriteBufferSize(WriteBufferSize)
            .SetMaxWriteBufferNumber(WriteBuffers)
            .SetMaxOpenFiles(OpenFiles)
            .SetCompression(Compression.Lz4)
            .SetKeepLogFileNum(1)
            .SetStatsDumpPeriodSec(0)
            // Acknowledged writes are never given up: only an unfinished record at the very end of the log, which nobody waited for,
            // may be dropped. Damage anywhere else, a missing log file included, refuses the folder.
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords);
        Native.Instance.rocksdb_options_set_track_and_verify_wals_in_manifest(options.Handle, 1);
        return options;
    }
}
