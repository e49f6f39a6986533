using Protean.Cryptography;
using Protean.Node.Keys;
using Protean.Runtime;
using RocksDbSharp;

namespace Protean.Node.Storage;

/// <summary>How a node's data folder is laid out, made and checked.</summary>
/// <remarks>The database stands in <c>database/</c> and its first record says whose it is. It is created only where nothing stands:
/// RocksDB itself would take a folder that lost its main file for a new one, and the node would forget its votes.</remarks>
internal static class RocksFolder
{
    /// <summary>Where members that have stopped leave what they held.</summary>
    public const string DumpFolder = "dumps";

    private const string DatabaseFolder = "database";

    private const byte SystemKeys = 0;
    private const byte MemberKeys = 1;
    private const byte Format = 1;

    // Small, because many nodes may live in one process: two write buffers and a cache, which also holds indices and filters.
    private const ulong WriteBufferSize = 16 << 20;
    private const int WriteBuffers = 2;
    private const ulong CacheSize = 8 << 20;
    private const int OpenFiles = 64;
    private const int BloomBitsPerKey = 10;

    private static readonly byte[] OwnerKey = [SystemKeys, .. "owner"u8];
    private static readonly byte[] StartsKey = [SystemKeys, .. "starts"u8];
    private static readonly byte[] SilentKey = [SystemKeys, .. "silent"u8];

    public static byte[] MemberPrefix(ReadOnlySpan<byte> name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, byte.MaxValue);
        return [MemberKeys, (byte)name.Length, .. name];
    }

    public static RocksDb Open(string folder, Digest chainId, Digest nodeId, DataMark? mark, out ulong? silentThrough)
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
            throw new RefusedException(Refusal(folder, failed), failed);
        }
        try
        {
            if (isNew) SignIn(database, folder, chainId, nodeId);
            Check(database, folder, chainId, nodeId);
            silentThrough = Count(database, mark);
            return database;
        }
        catch (RocksDbException failed)
        {
            database.Dispose();
            throw new RefusedException(Refusal(folder, failed), failed);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    // What the disk has no room for is not damage.
    private static Refusal Refusal(string folder, RocksDbException failed) => failed.Message.Contains("No space left", StringComparison.Ordinal)
        ? NodeRefusals.DiskFailed(folder, failed.Message)
        : NodeRefusals.DataFolderDamaged(folder, failed.Message);

    /// <summary>One start more, here first and then beside the keys; both durable before anything is signed.</summary>
    private static ulong? Count(RocksDb database, DataMark? mark)
    {
        var record = database.Get(StartsKey);
        var (instance, starts) = record is null ? (NewInstance(), 0UL) : (new Digest(record.AsSpan(0, Digest.Size)), BitConverter.ToUInt64(record, Digest.Size));
        starts++;
        byte[] counted = [.. instance.Span, .. BitConverter.GetBytes(starts)];
        database.Put(StartsKey, counted, writeOptions: new WriteOptions().SetSync(true));
        if (mark?.ForgottenBy(instance, starts) is { } through)
            database.Put(SilentKey, BitConverter.GetBytes(through), writeOptions: new WriteOptions().SetSync(true));
        mark?.Opened(instance, starts);
        return database.Get(SilentKey) is { } silent ? BitConverter.ToUInt64(silent) : null;
    }

    private static Digest NewInstance()
    {
        var bytes = new byte[Digest.Size];
        SystemRandom.Instance.Fill(bytes);
        return new Digest(bytes);
    }

    private static void RefuseStrangeFiles(string folder)
    {
        var names = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName);
        if (names.FirstOrDefault(name => name is not (FolderLock.FileName or DumpFolder)) is { } strange)
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
