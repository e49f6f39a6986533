using System.Security.Cryptography;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Node.Keys;

/// <summary>One encrypted key file: <c>"PROTEAN-KEY-v1" || 0x00 || sealed || BLAKE2b-256 of all before</c>, where sealed holds
/// <c>text(purpose) || bytes(secret)</c> and, in clear, what Argon2id costs (<see cref="KeyFileSeal"/>).</summary>
/// <remarks>The hash tells a damaged file from a wrong passphrase; the purpose inside tells one key from another under a changed
/// name.</remarks>
public static class KeyFile
{
    private static ReadOnlySpan<byte> Magic => "PROTEAN-KEY-v1\0"u8;

    /// <param name="secret">The caller wipes it.</param>
    /// <exception cref="RefusedException">The file exists, or its folder is open to others.</exception>
    public static void Create(string path, string purpose, ReadOnlySpan<byte> secret, Passphrase passphrase, KeyCost cost, IRandom random)
    {
        var plaintext = new byte[sizeof(uint) + purpose.Length + sizeof(uint) + secret.Length];
        new Encoder(plaintext.Length).Text(purpose).U32((uint)secret.Length).Written.CopyTo(plaintext);
        secret.CopyTo(plaintext.AsSpan(plaintext.Length - secret.Length));
        var content = KeyFileSeal.Seal(passphrase.Span, plaintext, cost.Operations, cost.Memory, random);
        CryptographicOperations.ZeroMemory(plaintext);

        byte[] file = [.. Magic, .. content];
        PrivateFile.Create(path, [.. file, .. Hash.Blake2b(file).Span]);
    }

    /// <returns>The secret; the caller wipes it.</returns>
    /// <exception cref="RefusedException">Missing, open to others, damaged, wrong passphrase, or another key.</exception>
    public static byte[] Open(string path, string purpose, Passphrase passphrase)
    {
        var content = Content(path, PrivateFile.Read(path, Limits.MaxKeyFile));
        if (!KeyFileSeal.TryOpen(passphrase.Span, content, out var plaintext))
            throw new RefusedException(NodeRefusals.KeyFilePassphrase(path));
        try
        {
            var decoder = new Decoder(plaintext);
            var found = decoder.Text(Limits.MaxName);
            if (found != purpose) throw new RefusedException(NodeRefusals.KeyFilePurpose(path, purpose, found));
            var secret = decoder.Bytes(Limits.MaxKeyFile).ToArray();
            decoder.End();
            return secret;
        }
        catch (MalformedException malformed)
        {
            throw new RefusedException(NodeRefusals.KeyFileDamaged(path, malformed.Message), malformed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>What it costs to open the file.</summary>
    /// <exception cref="RefusedException">Missing, open to others, or damaged.</exception>
    public static KeyCost CostOf(string path) =>
        KeyFileSeal.TryReadCost(Content(path, PrivateFile.Read(path, Limits.MaxKeyFile)), out var operations, out var memory)
            ? new KeyCost(operations, memory)
            : throw new RefusedException(NodeRefusals.KeyFileDamaged(path, "it asks for an effort that is not allowed"));

    private static ReadOnlySpan<byte> Content(string path, ReadOnlySpan<byte> file)
    {
        if (file.Length < Magic.Length + Digest.Size || !file.StartsWith(Magic))
            throw new RefusedException(NodeRefusals.KeyFileDamaged(path, "no key file of this version"));
        var end = file.Length - Digest.Size;
        if (Hash.Blake2b(file[..end]) != new Digest(file[end..]))
            throw new RefusedException(NodeRefusals.KeyFileDamaged(path, "its hash does not match"));
        return file[Magic.Length..end];
    }
}
