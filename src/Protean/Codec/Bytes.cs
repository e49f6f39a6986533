using System.Text;

namespace Protean.Codec;

/// <summary>Immutable bytes compared by content, so that records holding them compare by content.</summary>
public readonly struct Bytes : IEquatable<Bytes>, IComparable<Bytes>
{
    private readonly byte[]? _data;

    public Bytes(ReadOnlySpan<byte> data) => _data = data.ToArray();
    private Bytes(byte[] data) => _data = data;

    /// <summary>Takes the array over without a copy; the caller must not change it afterwards.</summary>
    public static Bytes Wrap(byte[] data) => new(data);
    public static Bytes Of(string text) => new(Encoding.UTF8.GetBytes(text));
    public static Bytes Empty => default;

    public int Length => _data?.Length ?? 0;
    public ReadOnlySpan<byte> Span => _data;
    public ReadOnlyMemory<byte> Memory => _data;
    public byte[] ToArray() => Span.ToArray();

    public bool Equals(Bytes other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Bytes other && Equals(other);
    public int CompareTo(Bytes other) => Span.SequenceCompareTo(other.Span);

    // FNV-1a: the same in every process.
    /// <summary>Differs from process to process: whoever chooses the bytes cannot choose what meets in a table.</summary>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);
    public string ToText() => Encoding.UTF8.GetString(Span);

    public static bool operator ==(Bytes left, Bytes right) => left.Equals(right);
    public static bool operator !=(Bytes left, Bytes right) => !left.Equals(right);
    public static bool operator <(Bytes left, Bytes right) => left.CompareTo(right) < 0;
    public static bool operator >(Bytes left, Bytes right) => left.CompareTo(right) > 0;
    public static bool operator <=(Bytes left, Bytes right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Bytes left, Bytes right) => left.CompareTo(right) >= 0;
}
