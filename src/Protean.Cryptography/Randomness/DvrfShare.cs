using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>The message of one draw and the point it is hashed to, computed once for all shares.</summary>
public sealed class DvrfInput
{
    internal DvrfInput(ReadOnlyMemory<byte> message, Point point) => (Message, Point) = (message, point);

    public ReadOnlyMemory<byte> Message { get; }

    /// <summary><c>M = H2G("DVRF", vrfKeyId || m)</c>.</summary>
    public Point Point { get; }
}

/// <summary>One member's share <c>D = x_i M</c> of a draw, with its proof: 98 bytes, <c>i, D, c, z</c>.</summary>
public sealed record DvrfShare(ushort Index, Point Value, SigmaProof Proof)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = sizeof(ushort) + Point.Size + SigmaProof.Size;

    public byte[] Encode() => [(byte)Index, (byte)(Index >> 8), .. Value.Span, .. Proof.Encode()];

    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out DvrfShare? share)
    {
        share = null;
        if (encoded.Length != Size) return false;
        var reader = new WireReader(encoded);
        var decoded = new DvrfShare(reader.U16(), reader.Point(), reader.Proof());
        if (reader.Valid) share = decoded;
        return reader.Valid;
    }
}

/// <summary>One member's shares of several draws, in the order of their inputs, under a single proof: <c>i, D_1..D_k, c, z</c>.</summary>
public sealed record DvrfBatchShare(ushort Index, ReadOnlyMemory<Point> Values, SigmaProof Proof)
{
    public byte[] Encode()
    {
        var encoded = new byte[EncodedSize(Values.Length)];
        var proof = Proof.Encode();
        var writer = new WireWriter(encoded);
        writer.U16(Index);
        foreach (ref readonly var value in Values.Span) writer.Raw(value.Span);
        writer.Raw(proof);
        return encoded;
    }

    /// <param name="encoded">As written by <see cref="Encode"/>.</param>
    /// <param name="count">The number of draws.</param>
    /// <param name="share">Set when the bytes are canonical.</param>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int count, [NotNullWhen(true)] out DvrfBatchShare? share)
    {
        share = null;
        if (encoded.Length != EncodedSize(count)) return false;
        var reader = new WireReader(encoded);
        var index = reader.U16();
        var values = new Point[count];
        for (var j = 0; j < count; j++) values[j] = reader.Point();
        var decoded = new DvrfBatchShare(index, values, reader.Proof());
        if (reader.Valid) share = decoded;
        return reader.Valid;
    }

    private static int EncodedSize(int count) => sizeof(ushort) + count * Point.Size + SigmaProof.Size;
}
