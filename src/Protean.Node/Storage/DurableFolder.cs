using System.Runtime.InteropServices;

namespace Protean.Node.Storage;

/// <summary>Folders that only their owner can enter, and whose entries survive a loss of power.</summary>
internal static partial class DurableFolder
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates the folder with mode 0700 where it is missing.</summary>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnly);
    }

    /// <summary>A new or renamed file is on disk once its folder is; .NET itself opens no folders.</summary>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var handle = OpenFolder(folder, 0);
        if (handle < 0) throw new IOException($"cannot open folder '{folder}': {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Flush(handle) != 0) throw new IOException($"cannot flush folder '{folder}': {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
