using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>N rows of w ElGamal ciphertexts <c>(X, Y) = (r G, M + r PK)</c>: what is shuffled and then decrypted. Cells stand row after
/// row.</summary>
public sealed class Ciphertexts
{
    private const int HeaderSize = 2 * sizeof(uint);
    private const int CellSize = 2 * Point.Size;

    /// <param name="width">Ciphertexts in a row, at least 1.</param>
    /// <param name="x">N * w points.</param>
    /// <param name="y">As many.</param>
    public Ciphertexts(int width, PointList x, PointList y)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Count % width, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Count, x.Count);
        (Width, X, Y) = (width, x, y);
    }

    public int Width { get; }
    public int Rows => X.Count / Width;
    public PointList X { get; }
    public PointList Y { get; }

    /// <summary>Merkle root of the rows, each <c>X_1 .. X_w || Y_1 .. Y_w</c>.</summary>
    public Digest Root()
    {
        var rows = new byte[Rows][];
        for (var i = 0; i < rows.Length; i++) rows[i] = RowBytes(i);
        return MerkleTree.Root(rows);
    }

    /// <summary><c>u32 N || u32 w || X || Y</c>.</summary>
    public byte[] Encode()
    {
        var encoded = new byte[HeaderSize + X.Count * CellSize];
        var writer = new WireWriter(encoded);
        writer.U32((uint)Rows);
        writer.U32((uint)Width);
        writer.Points(X);
        writer.Points(Y);
        return encoded;
    }

    /// <summary>Refuses any other length than rows and width give, no cells at all, and any point that is not canonical.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, ICores cores, [NotNullWhen(true)] out Ciphertexts? ciphertexts)
    {
        ciphertexts = null;
        if (encoded.Length < HeaderSize) return false;
        var reader = new WireReader(encoded);
        var (rows, width) = (reader.U32(), reader.U32());
        var cells = (ulong)rows * width;
        var room = encoded.Length - HeaderSize;
        if (cells == 0 || room % CellSize != 0 || (ulong)(room / CellSize) != cells) return false;
        var (x, y) = (reader.Points((int)cells, cores), reader.Points((int)cells, cores));
        if (reader.Valid) ciphertexts = new Ciphertexts((int)width, x, y);
        return reader.Valid;
    }

    private byte[] RowBytes(int row)
    {
        var bytes = new byte[Width * CellSize];
        for (var j = 0; j < Width; j++)
        {
            X[row * Width + j].Span.CopyTo(bytes.AsSpan(j * Point.Size));
            Y[row * Width + j].Span.CopyTo(bytes.AsSpan((Width + j) * Point.Size));
        }
        return bytes;
    }
}
