using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Protean.Cryptography;

/// <summary>Writes fields one after another into bytes of exactly the right length (protocols 0.2).</summary>
internal ref struct WireWriter(Span<byte> destination)
{
    private Span<byte> _rest = destination;

    public void U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_rest, value);
        _rest = _rest[sizeof(ushort)..];
    }

    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_rest, value);
        _rest = _rest[sizeof(uint)..];
    }

    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_rest, value);
        _rest = _rest[sizeof(ulong)..];
    }

    public void Raw(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(_rest);
        _rest = _rest[value.Length..];
    }

    /// <summary>One after another, without count.</summary>
    public void Points(PointList points) => Raw(MemoryMarshal.AsBytes(points.Span));

    /// <summary>One after another, without count.</summary>
    public void Scalars(ReadOnlySpan<Scalar> scalars) => Raw(MemoryMarshal.AsBytes(scalars));

    /// <summary><c>u32 length || data</c>.</summary>
    public void Bytes(scoped ReadOnlySpan<byte> value)
    {
        U32((uint)value.Length);
        Raw(value);
    }
}

/// <summary>Reads the fields of a structure whose total length was checked before; remembers whether every one was canonical.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    /// <summary>Whether every point and scalar so far was canonical.</summary>
    public bool Valid { get; private set; } = true;

    public ReadOnlySpan<byte> Raw(int length)
    {
        var value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    public Digest Digest() => new(Raw(Cryptography.Digest.Size));
    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Raw(sizeof(ushort)));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Raw(sizeof(uint)));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Raw(sizeof(ulong)));

    public Point Point()
    {
        Valid &= Cryptography.Point.TryDecode(Raw(Cryptography.Point.Size), out var point);
        return point;
    }

    public Scalar Scalar()
    {
        Valid &= Cryptography.Scalar.TryDecode(Raw(Cryptography.Scalar.Size), out var scalar);
        return scalar;
    }

    public PointList Points(int count, ICores cores)
    {
        Valid &= PointList.TryDecode(Raw(count * Cryptography.Point.Size), cores, out var points);
        return points ?? new PointList();
    }

    public Scalar[] Scalars(int count)
    {
        var scalars = new Scalar[count];
        foreach (ref var scalar in scalars.AsSpan()) scalar = Scalar();
        return scalars;
    }

    public SigmaProof Proof() => new(Scalar(), Scalar());
}
