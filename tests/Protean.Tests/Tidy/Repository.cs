namespace Protean.Tests.Tidy;

/// <summary>The files of this repository. Paths are relative to its root, with slashes.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    private static readonly string[] NotOurs = ["/bin/", "/obj/", "/node_modules/", "/artifacts/", "/.git/"];

    /// <summary>Every file under a folder whose name ends so, in order, without what builds leave behind.</summary>
    public static IReadOnlyList<string> Files(string folder, string ending) =>
    [
        .. Directory.EnumerateFiles(Full(folder), "*" + ending, SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(static file => !NotOurs.Any(("/" + file).Contains)).Order(StringComparer.Ordinal),
    ];

    public static IReadOnlyList<Source> Sources(string folder) => [.. Files(folder, ".cs").Select(static path => new Source(path, Read(path)))];

    public static IReadOnlyList<string> Folders(string folder) =>
    [
        .. Directory.EnumerateDirectories(Full(folder)).Select(static path => Path.GetFileName(path)!)
            .Where(static name => name is not ("bin" or "obj")).Order(StringComparer.Ordinal),
    ];

    public static bool Exists(string path) => File.Exists(Full(path)) || Directory.Exists(Full(path));

    public static string Read(string path) => File.ReadAllText(Full(path)).ReplaceLineEndings("\n");

    public static byte[] ReadBytes(string path) => File.ReadAllBytes(Full(path));

    public static void Write(string path, string text) => File.WriteAllText(Full(path), text);

    public static string Full(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Protean.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        return folder.FullName;
    }
}
