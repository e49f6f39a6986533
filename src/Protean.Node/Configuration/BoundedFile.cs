namespace Protean.Node.Configuration;

/// <summary>Reads files that a person names, up to a bound.</summary>
internal static class BoundedFile
{
    /// <exception cref="RefusedException">Missing, unreadable, or larger than <paramref name="max"/>.</exception>
    public static byte[] Read(string path, int max)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > max) throw new RefusedException(NodeRefusals.FileUnreadable(path, $"{length} bytes, at most {max} allowed"));
            return File.ReadAllBytes(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(NodeRefusals.FileUnreadable(path, failed.Message), failed);
        }
    }
}
