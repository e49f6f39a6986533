using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Node.Keys;

/// <summary>Beside the keys: which data folder they are used with, how often it was opened, and up to which epoch. A folder that is new, or
/// an older copy, does not know what was signed with these keys, and is told by that (protocols 1.4).</summary>
/// <remarks><c>data.mark</c> holds no secret: <c>instance[32] || starts u64 || used u64 || hash[32]</c>. Where keys and data are restored
/// together, from one older image, only the other members can tell.</remarks>
public sealed class DataMark
{
    private const string Name = "data.mark";

    private readonly string _path;
    private readonly Lock _gate = new();
    private Content? _content;

    private sealed record Content(Digest Instance, ulong Starts, ulong Used);

    private DataMark(string path, Content? content) => (_path, _content) = (path, content);

    internal static DataMark In(string folder)
    {
        var path = Path.Combine(folder, Name);
        return new DataMark(path, File.Exists(path) ? Read(path) : null);
    }

    /// <summary>The epoch through which a data folder may have forgotten what was signed; null where it is the one that was opened
    /// last.</summary>
    /// <param name="instance">Drawn when the folder was laid out.</param>
    /// <param name="starts">How often it was opened, this time included. An interrupted start may be counted there and not here, never the other
    /// way.</param>
    public ulong? ForgottenBy(Digest instance, ulong starts)
    {
        lock (_gate) return _content is { } known && (known.Instance != instance || starts <= known.Starts) ? known.Used : null;
    }

    /// <summary>From now on this is the folder that goes with the keys.</summary>
    public void Opened(Digest instance, ulong starts)
    {
        lock (_gate) Write(new Content(instance, starts, _content?.Used ?? 0));
    }

    /// <summary>The key of this epoch is going to be used; durable before it is.</summary>
    public void Used(ulong epoch)
    {
        lock (_gate)
            if (_content is { } content && epoch > content.Used) Write(content with { Used = epoch });
    }

    private void Write(Content content)
    {
        var body = new Encoder().Digest(content.Instance).U64(content.Starts).U64(content.Used);
        PrivateFile.Replace(_path, body.Digest(Hash.Blake2b(body.Written)).Written);
        _content = content;
    }

    private static Content Read(string path)
    {
        var bytes = PrivateFile.Read(path, Limits.MaxKeyFile);
        if (bytes.Length != (2 * Digest.Size) + (2 * sizeof(ulong))
            || Hash.Blake2b(bytes.AsSpan(..^Digest.Size)) != new Digest(bytes.AsSpan(^Digest.Size..)))
            throw new RefusedException(NodeRefusals.KeyFileDamaged(path, "its hash does not match"));
        var from = new Decoder(bytes);
        return new Content(from.Digest(), from.U64(), from.U64());
    }
}
