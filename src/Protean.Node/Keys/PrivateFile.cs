using Protean.Node.Storage;

namespace Protean.Node.Keys;

/// <summary>Files that nobody but their owner may read, in folders that nobody else may enter.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Writes a new file whole or not at all; never over another.</summary>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        DurableFolder.Create(folder);
        CheckFolder(folder);
        if (File.Exists(path)) throw new RefusedException(NodeRefusals.KeyFileExists(path));
        Write(path, folder, content);
    }

    /// <summary>Puts a file in the place of an older one, whole or not at all.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content) => Write(path, Path.GetDirectoryName(Path.GetFullPath(path))!, content);

    private static void Write(string path, string folder, ReadOnlySpan<byte> content)
    {
        var unfinished = path + ".new";
        File.Delete(unfinished);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(unfinished, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
        DurableFolder.Sync(folder);
    }

    /// <exception cref="RefusedException">Missing, unreadable, too large, or open to others.</exception>
    public static byte[] Read(string path, int max)
    {
        if (!File.Exists(path)) throw new RefusedException(NodeRefusals.KeyFileMissing(path));
        CheckMode(path, OwnerOnly);
        try
        {
            var length = new FileInfo(path).Length;
            if (length > max) throw new RefusedException(NodeRefusals.KeyFileDamaged(path, $"{length} bytes, at most {max} expected"));
            return File.ReadAllBytes(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(NodeRefusals.FileUnreadable(path, failed.Message), failed);
        }
    }

    public static void CheckFolder(string folder) => CheckMode(folder, DurableFolder.OwnerOnly);

    private static void CheckMode(string path, UnixFileMode expected)
    {
        if (OperatingSystem.IsWindows()) return;
        var mode = File.GetUnixFileMode(path);
        if ((mode & Others) != 0) throw new RefusedException(NodeRefusals.KeyFileLoose(path, expected, mode));
    }
}
