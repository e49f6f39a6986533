using System.Runtime.InteropServices;

namespace Protean.Cryptography;

/// <summary>Sums of many multiples by buckets (Pippenger 1976), window after window, for public data.</summary>
internal static class Pippenger
{
    public static EdwardsPoint Sum(SumPiece piece)
    {
        var windows = new Windows(WindowBits(piece.Count));
        var scalars = windows.Shift(piece);
        var buckets = new EdwardsPoint[windows.Buckets + 1];
        var sum = EdwardsPoint.Identity;
        for (var window = windows.Count - 1; window >= 0; window--)
        {
            for (var i = 0; i < windows.Bits; i++) EdwardsPoint.Double(out sum, sum);
            if (!Fill(buckets, piece, scalars, windows, window)) continue;
            EdwardsPoint.Add(out sum, sum, Collect(buckets));
        }
        return sum;
    }

    /// <summary>The width that costs least: n additions and twice as many as there are buckets, for each window.</summary>
    private static int WindowBits(int count)
    {
        const double BucketCost = 2.3;
        return Enumerable.Range(3, 12).MinBy(bits => (double)Windows.CountOf(bits) * (count + BucketCost * (1 << (bits - 1))));
    }

    // Bucket d gets the points whose digit is d or, with the other sign, -d.
    private static bool Fill(EdwardsPoint[] buckets, SumPiece piece, ReadOnlySpan<ulong> scalars, Windows windows, int window)
    {
        Array.Fill(buckets, EdwardsPoint.Identity);
        var isAnyUsed = false;
        foreach (var run in piece.Runs)
        {
            foreach (ref readonly var point in run.Points.Span)
            {
                var digit = windows.Digit(scalars, window);
                scalars = scalars[Windows.Words..];
                if (digit == 0) continue;
                isAnyUsed = true;
                ref var bucket = ref buckets[Math.Abs(digit)];
                EdwardsPoint.Add(out bucket, bucket, point, negative: digit < 0);
            }
        }
        return isAnyUsed;
    }

    // sum_d d * bucket_d, as the sum of all sums from the highest bucket down.
    private static EdwardsPoint Collect(EdwardsPoint[] buckets)
    {
        var running = buckets[^1];
        var sum = running;
        for (var d = buckets.Length - 2; d >= 1; d--)
        {
            EdwardsPoint.Add(out running, running, buckets[d]);
            EdwardsPoint.Add(out sum, sum, running);
        }
        return sum;
    }
}

/// <summary>Scalars as signed digits of some bits: each but the highest in -2^(b-1) .. 2^(b-1) - 1.</summary>
/// <remarks>With <c>2^(b-1)</c> added at every window but the highest, the digits are what stands in the windows less 2^(b-1): no carry has to
/// be remembered, and short scalars have zeros above them. Scalars are below 2^253, so the highest window holds fewer than b bits and its
/// carry: at most 2^(b-1).</remarks>
internal sealed class Windows
{
    /// <summary>64-bit words of a scalar.</summary>
    public const int Words = Scalar.Size / sizeof(ulong);

    private const int ScalarBits = 253;

    private readonly ulong[] _offset = new ulong[Words];

    public Windows(int bits)
    {
        (Bits, Count, Buckets) = (bits, CountOf(bits), 1 << (bits - 1));
        for (var window = 0; window < Count - 1; window++)
        {
            var bit = window * bits + bits - 1;
            _offset[bit / 64] |= 1UL << (bit % 64);
        }
    }

    public int Bits { get; }
    public int Count { get; }

    /// <summary>The greatest absolute value of a digit.</summary>
    public int Buckets { get; }

    public static int CountOf(int bits) => ScalarBits / bits + 1;

    /// <summary>The scalars of the piece with the offset added, one after another.</summary>
    public ulong[] Shift(SumPiece piece)
    {
        var shifted = new ulong[piece.Count * Words];
        var at = 0;
        foreach (var run in piece.Runs)
        {
            foreach (var word in MemoryMarshal.Cast<Scalar, ulong>(run.Scalars.Span)) shifted[at++] = LittleEndian(word);
        }
        for (var i = 0; i < shifted.Length; i += Words)
        {
            UInt128 carry = 0;
            for (var k = 0; k < Words; k++)
            {
                carry += (UInt128)shifted[i + k] + _offset[k];
                shifted[i + k] = (ulong)carry;
                carry >>= 64;
            }
        }
        return shifted;
    }

    /// <summary>The digit of the first scalar.</summary>
    public int Digit(ReadOnlySpan<ulong> shifted, int window)
    {
        var bit = window * Bits;
        var (word, shift) = (bit >> 6, bit & 63);
        var value = shifted[word] >> shift;
        if (shift + Bits > 64 && word + 1 < Words) value |= shifted[word + 1] << (64 - shift);
        var digit = (int)(value & ((1UL << Bits) - 1));
        return window == Count - 1 ? digit : digit - Buckets;
    }

    private static ulong LittleEndian(ulong word) =>
        BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
}
