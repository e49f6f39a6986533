using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>One member's share <c>D = x_i P</c> of a multiple, with its proof: 98 bytes, <c>i, D, c, z</c>.</summary>
public sealed record ProvenShare(ushort Index, Point Value, SigmaProof Proof)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = sizeof(ushort) + Point.Size + SigmaProof.Size;

    public byte[] Encode() => [(byte)Index, (byte)(Index >> 8), .. Value.Span, .. Proof.Encode()];

    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out ProvenShare? share)
    {
        share = null;
        if (encoded.Length != Size) return false;
        var reader = new WireReader(encoded);
        var decoded = new ProvenShare(reader.U16(), reader.Point(), reader.Proof());
        if (reader.Valid) share = decoded;
        return reader.Valid;
    }
}

/// <summary>One member's shares of several multiples, in the order of their points, under a single proof: <c>i, D_1..D_k, c, z</c>.</summary>
public sealed record ProvenShares(ushort Index, PointList Values, SigmaProof Proof)
{
    public byte[] Encode()
    {
        var encoded = new byte[EncodedSize(Values.Count)];
        var proof = Proof.Encode();
        var writer = new WireWriter(encoded);
        writer.U16(Index);
        writer.Points(Values);
        writer.Raw(proof);
        return encoded;
    }

    /// <param name="encoded">As written by <see cref="Encode"/>.</param>
    /// <param name="count">The number of multiples.</param>
    /// <param name="shares">Set when the bytes are canonical.</param>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int count, [NotNullWhen(true)] out ProvenShares? shares) =>
        TryDecode(encoded, count, OneCore.Instance, out shares);

    /// <summary>The same, for many multiples.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int count, ICores cores, [NotNullWhen(true)] out ProvenShares? shares)
    {
        shares = null;
        if (encoded.Length != EncodedSize(count)) return false;
        var reader = new WireReader(encoded);
        var decoded = new ProvenShares(reader.U16(), reader.Points(count, cores), reader.Proof());
        if (reader.Valid) shares = decoded;
        return reader.Valid;
    }

    /// <summary>Length in bytes of one member's shares of so many multiples.</summary>
    public static int EncodedSize(int count) => sizeof(ushort) + (count * Point.Size) + SigmaProof.Size;
}
