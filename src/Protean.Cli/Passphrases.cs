using Protean.Node.Keys;

namespace Protean.Cli;

/// <summary>Where the passphrase of key files comes from.</summary>
internal static class Passphrases
{
    /// <param name="file">Named on the command line; comes first.</param>
    /// <exception cref="Node.RefusedException">There is none.</exception>
    public static Passphrase Find(FileInfo? file) => file is null
        ? Passphrase.Find(Environment.GetEnvironmentVariable, Console.IsInputRedirected ? null : Ask)
        : OfFile(file.FullName);

    public static Passphrase OfFile(string path) => Passphrase.Find(name => name == Passphrase.FileVariable ? path : null, null);

    // Typed without an echo.
    private static string? Ask()
    {
        Console.Error.Write("Passphrase: ");
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace) typed.Append(key.KeyChar);
            else if (typed.Length > 0) typed.Length--;
        }
        Console.Error.WriteLine();
        return typed.ToString();
    }
}
