using System.Buffers.Binary;
using System.Text;
using Protean.Codec;

namespace Protean.State;

/// <summary>Where one map's records stand in the store: the map's scope, <c>map/NAME/</c>, a letter for the kind, big-endian numbers so that scans go by
/// height.</summary>
internal sealed class MapKeys
{
    private const byte NodeKind = (byte)'n';
    private const byte VersionKind = (byte)'v';
    private const byte PinKind = (byte)'p';
    private const byte StaleKind = (byte)'s';

    private readonly byte[] _prefix;

    public MapKeys(string name, Bytes scope = default)
    {
        if (name.Length is 0 or > Limits.MaxName || name.Any(c => !char.IsAsciiLetterLower(c)))
            throw new ArgumentException($"'{name}' is no name of a map: 1 to {Limits.MaxName} letters a-z expected", nameof(name));
        Name = name;
        _prefix = [.. scope.Span, .. Encoding.ASCII.GetBytes($"map/{name}/")];
    }

    public string Name { get; }
    public Bytes Versions => Key(VersionKind);
    public Bytes Pins => Key(PinKind);
    public Bytes Version(ulong height) => Key(VersionKind, height);
    public Bytes Pin(ulong height) => Key(PinKind, height);

    public Bytes Node(NodeId id)
    {
        Span<byte> tail = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(tail, id.Number);
        return Key(NodeKind, id.Height, tail);
    }

    /// <summary>Lists of the nodes that no height above <paramref name="lastHeight"/> needs.</summary>
    public Bytes StaleAfter(ulong lastHeight) => Key(StaleKind, lastHeight);

    /// <param name="filedAt">The commit that writes the list.</param>
    public Bytes Stale(ulong lastHeight, ulong filedAt)
    {
        Span<byte> tail = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(tail, filedAt);
        return Key(StaleKind, lastHeight, tail);
    }

    public static ulong HeightOf(Bytes key) => BinaryPrimitives.ReadUInt64BigEndian(key.Span[^sizeof(ulong)..]);

    private Bytes Key(byte kind, ReadOnlySpan<byte> tail = default)
    {
        var key = new byte[_prefix.Length + 1 + tail.Length];
        _prefix.CopyTo(key, 0);
        key[_prefix.Length] = kind;
        tail.CopyTo(key.AsSpan(_prefix.Length + 1));
        return Bytes.Wrap(key);
    }

    private Bytes Key(byte kind, ulong height, ReadOnlySpan<byte> tail = default)
    {
        Span<byte> numbers = stackalloc byte[sizeof(ulong) + tail.Length];
        BinaryPrimitives.WriteUInt64BigEndian(numbers, height);
        tail.CopyTo(numbers[sizeof(ulong)..]);
        return Key(kind, numbers);
    }
}
