using System.Security.Cryptography;
using System.Text;

namespace Protean.Node.Keys;

/// <summary>The passphrase of a node's key files, wiped when disposed.</summary>
public sealed class Passphrase : IDisposable
{
    public const string Variable = "PROTEAN_PASSPHRASE";
    public const string FileVariable = "PROTEAN_PASSPHRASE_FILE";

    private readonly byte[] _bytes;

    /// <param name="bytes">UTF-8; the caller wipes its own copy.</param>
    public Passphrase(ReadOnlySpan<byte> bytes)
    {
        // Pinned, so that the collector leaves no copies behind.
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>UTF-8; for those who open key files.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>From the file that <see cref="FileVariable"/> names (its first line), from <see cref="Variable"/>, or by asking.</summary>
    /// <param name="environment">Gives a variable's value, or null.</param>
    /// <param name="ask">Asks a person; null where there is none.</param>
    /// <exception cref="RefusedException">None of the three, or the file is not private or not readable.</exception>
    public static Passphrase Find(Func<string, string?> environment, Func<string?>? ask)
    {
        if (environment(FileVariable) is { Length: > 0 } path) return FromFile(path);
        if (environment(Variable) is { Length: > 0 } value) return FromText(value);
        if (ask?.Invoke() is { Length: > 0 } typed) return FromText(typed);
        throw new RefusedException(NodeRefusals.PassphraseMissing(Variable, FileVariable));
    }

    public static Passphrase FromText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var passphrase = new Passphrase(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return passphrase;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private static Passphrase FromFile(string path)
    {
        var bytes = PrivateFile.Read(path, Limits.MaxKeyFile);
        var end = bytes.AsSpan().IndexOfAny((byte)'\r', (byte)'\n');
        var passphrase = new Passphrase(end < 0 ? bytes : bytes.AsSpan(0, end));
        CryptographicOperations.ZeroMemory(bytes);
        return passphrase;
    }
}
