namespace Protean.Node.Storage;

/// <summary>Keeps a data folder to one process, and to one node inside it.</summary>
internal sealed class FolderLock : IDisposable
{
    public const string FileName = "lock";

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Creates the folder where it is missing.</summary>
    /// <exception cref="RefusedException">In use, or not a usable folder.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            DurableFolder.Create(folder);
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new RefusedException(NodeRefusals.DataFolderUnusable(folder, denied.Message), denied);
        }
        catch (IOException failed)
        {
            // The folder exists and the file opens for somebody: then it is the lock that is held.
            throw new RefusedException(
                File.Exists(path) ? NodeRefusals.DataFolderInUse(folder) : NodeRefusals.DataFolderUnusable(folder, failed.Message), failed);
        }
    }

    public void Dispose() => _file.Dispose();
}
