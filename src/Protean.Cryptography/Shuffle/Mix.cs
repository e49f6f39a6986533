using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>A shuffle that was done, with the secrets that a proof of it needs: permutation and betas. Disposing it forgets them.</summary>
/// <remarks>The permutation decides which memory is read when; an adversary on the mixer's own processor is outside the model.</remarks>
public sealed class Mix : IDisposable
{
    private const int LeastPiece = 4;

    private readonly SecretMemory _permutation;

    private Mix(Ciphertexts inputs, SecretMemory permutation, SecretScalars betas) =>
        (Outputs, _permutation, Betas) = (inputs, permutation, betas);

    /// <summary>The re-encrypted rows in their new order.</summary>
    public Ciphertexts Outputs { get; private set; }

    /// <summary>For each input cell, what its randomness grew by.</summary>
    internal SecretScalars Betas { get; }

    /// <summary>pi: the input row that became output row <paramref name="output"/>.</summary>
    internal int this[int output] => BinaryPrimitives.ReadInt32LittleEndian(_permutation.Span[(output * sizeof(int))..]);

    /// <summary>Shuffles by a uniform permutation and fresh betas.</summary>
    public static Mix Of(Ciphertexts inputs, Point key, IRandom random, ICores cores)
    {
        using var stretched = new StretchedRandom(random);
        var permutation = new SecretMemory(Math.Max(1, inputs.Rows) * sizeof(int));
        Permute(permutation.Span, inputs.Rows, stretched);
        return Of(inputs, key, permutation, SecretScalars.Random(inputs.X.Count, stretched), cores);
    }

    /// <summary>By a given permutation and given betas.</summary>
    internal static Mix Of(Ciphertexts inputs, Point key, ReadOnlySpan<int> permutation, SecretScalars betas)
    {
        var copy = new SecretMemory(permutation.Length * sizeof(int));
        for (var i = 0; i < permutation.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(copy.Span[(i * sizeof(int))..], permutation[i]);
        return Of(inputs, key, copy, betas, OneCore.Instance);
    }

    /// <summary><c>beta_i = sum_j e_j beta_ij</c>, for each input row.</summary>
    internal SecretScalars FoldBetas(ReadOnlySpan<Scalar> folding)
    {
        var folded = new SecretScalars(Outputs.Rows);
        for (var cell = 0; cell < Betas.Count; cell++)
        {
            var row = folded[cell / folding.Length];
            SecretScalars.MultiplyAdd(row, folding[cell % folding.Length].Span, Betas[cell], row);
        }
        return folded;
    }

    public void Dispose()
    {
        _permutation.Dispose();
        Betas.Dispose();
    }

    private static Mix Of(Ciphertexts inputs, Point key, SecretMemory permutation, SecretScalars betas, ICores cores)
    {
        var mix = new Mix(inputs, permutation, betas);
        var (x, y) = (new Point[inputs.X.Count], new Point[inputs.X.Count]);
        cores.Each(x.Length, LeastPiece, cell =>
        {
            var from = mix[cell / inputs.Width] * inputs.Width + cell % inputs.Width;
            Span<byte> shift = stackalloc byte[Point.Size];
            Point.MultiplyBase(betas[from], shift);
            x[cell] = Point.Add(inputs.X[from], shift);
            Point.Multiply(betas[from], key, shift);
            y[cell] = Point.Add(inputs.Y[from], shift);
            CryptographicOperations.ZeroMemory(shift);
        });
        mix.Outputs = new Ciphertexts(inputs.Width, new PointList(x), new PointList(y));
        return mix;
    }

    // Fisher and Yates, each choice uniform by rejecting what would favour some.
    private static void Permute(Span<byte> permutation, int rows, IRandom random)
    {
        for (var i = 0; i < rows; i++)
        {
            var chosen = Below((uint)i + 1, random);
            var moved = permutation.Slice(chosen * sizeof(int), sizeof(int));
            moved.CopyTo(permutation[(i * sizeof(int))..]);
            BinaryPrimitives.WriteInt32LittleEndian(moved, i);
        }
    }

    private static int Below(uint bound, IRandom random)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        var least = (uint)((1UL << 32) % bound);
        uint drawn;
        do
        {
            random.Fill(bytes);
            drawn = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        }
        while (drawn < least);
        CryptographicOperations.ZeroMemory(bytes);
        return (int)(drawn % bound);
    }
}
