using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Protean.Cryptography;

/// <summary>Eight lanes of doubles, where the processor has AVX-512: eight encodings are decoded at once, and a point is added to the buckets of
/// eight windows at once.</summary>
internal sealed class VectorPath : CurvePath
{
    // Below this the eight windows' buckets cost more than they save.
    private const int FewPoints = 24;

    public static VectorPath Instance { get; } = new();

    public static bool IsSupported => Avx512F.IsSupported && Avx512DQ.IsSupported;

    public override bool TryDecode(ReadOnlySpan<Point> encoded, Span<AffinePoint> decoded)
    {
        var (isValid, at) = (true, 0);
        for (; at + FieldLanes.Count <= encoded.Length; at += FieldLanes.Count)
            isValid &= RistrettoLanes.TryDecode(encoded.Slice(at, FieldLanes.Count), decoded.Slice(at, FieldLanes.Count));
        return PortablePath.Instance.TryDecode(encoded[at..], decoded[at..]) && isValid;
    }

    public override EdwardsPoint Sum(SumPiece piece) => piece.Count < FewPoints ? Straus.Sum(piece) : VectorPippenger.Sum(piece);
}

/// <summary>Sums by buckets, the windows of a group of eight side by side in lanes.</summary>
internal static unsafe class VectorPippenger
{
    private const int Lanes = FieldLanes.Count;

    public static EdwardsPoint Sum(SumPiece piece)
    {
        var windows = new Windows(WindowBits(piece.Count));
        var scalars = windows.Shift(piece);
        var sums = new EdwardsPoint[Groups(windows.Count) * Lanes];
        using (var buckets = new LaneBuckets(windows.Buckets))
            for (var group = 0; group < Groups(windows.Count); group++)
            {
                buckets.Clear();
                Fill(buckets, piece, scalars, windows, group * Lanes);
                buckets.Collect(sums.AsSpan(group * Lanes, Lanes));
            }

        var sum = sums[windows.Count - 1];
        for (var window = windows.Count - 2; window >= 0; window--)
        {
            for (var i = 0; i < windows.Bits; i++) EdwardsPoint.Double(out sum, sum);
            EdwardsPoint.Add(out sum, sum, sums[window]);
        }
        return sum;
    }

    /// <summary>The width that costs least: for each group of eight windows n additions and twice as many as there are buckets.</summary>
    private static int WindowBits(int count)
    {
        const double BucketCost = 2.6;
        return Enumerable.Range(4, 9).MinBy(bits => Groups(Windows.CountOf(bits)) * (count + BucketCost * (1 << (bits - 1))));
    }

    private static int Groups(int windows) => (windows + Lanes - 1) / Lanes;

    private static void Fill(LaneBuckets buckets, SumPiece piece, ReadOnlySpan<ulong> scalars, Windows windows, int first)
    {
        var count = Math.Min(Lanes, windows.Count - first);
        var digits = stackalloc long[Lanes];
        new Span<long>(digits, Lanes).Clear();
        foreach (var run in piece.Runs)
            foreach (ref readonly var point in run.Points.Span)
            {
                var any = 0L;
                for (var lane = 0; lane < count; lane++) any |= digits[lane] = windows.Digit(scalars, first + lane);
                scalars = scalars[Windows.Words..];
                if (any != 0) buckets.Add(digits, point);
            }
    }
}

/// <summary>Buckets 0 .. n of eight lanes, each the coordinates of one point, 20 limbs in a block of 24; the first of each lane takes what has the
/// digit 0 and is never read.</summary>
[SkipLocalsInit]
internal sealed unsafe class LaneBuckets : IDisposable
{
    private const int Lanes = FieldLanes.Count, Block = 24, Alignment = 64;
    private const int OneOfY = 5, OneOfZ = 10;

    private static readonly FieldLanes TwoD = FieldLanes.Of(Ristretto.TwoD);

    private readonly int _count;
    private readonly nuint _size;
    private double* _buckets;

    public LaneBuckets(int count)
    {
        _count = count + 1;
        _size = (nuint)_count * Lanes * Block * sizeof(double);
        _buckets = (double*)NativeMemory.AlignedAlloc(_size, Alignment);
    }

    /// <summary>Every bucket holds the identity.</summary>
    public void Clear()
    {
        NativeMemory.Clear(_buckets, _size);
        for (var i = 0; i < _count * Lanes; i++) _buckets[(long)i * Block + OneOfY] = _buckets[(long)i * Block + OneOfZ] = 1;
    }

    /// <summary>Adds the point, with the digit's sign, to the bucket of each lane's digit.</summary>
    public void Add(long* digits, in AffinePoint point)
    {
        var places = stackalloc double*[Lanes];
        for (var lane = 0; lane < Lanes; lane++) places[lane] = Place(lane, (int)Math.Abs(digits[lane]));
        var limbs = stackalloc double[16];
        fixed (FieldElement* first = &point.YPlusX)
        {
            // 15 limbs, the eighth twice.
            Vector512.ConvertToDouble(Vector512.Load((long*)first)).Store(limbs);
            Vector512.ConvertToDouble(Vector512.Load((long*)first + 7)).Store(limbs + 7);
        }
        var isNegative = Vector512.LessThan(Vector512.Load(digits), Vector512<long>.Zero).AsDouble();
        Broadcast(limbs, out var plus);
        Broadcast(limbs + 5, out var minus);
        Broadcast(limbs + 10, out var xy2d);
        FieldLanes.Select(out var signedPlus, isNegative, minus, plus);
        FieldLanes.Select(out var signedMinus, isNegative, plus, minus);
        FieldLanes.Subtract(out var negated, default, xy2d);
        FieldLanes.Select(out var signed, isNegative, negated, xy2d);
        EdwardsLanes bucket;
        Load(&bucket, places);
        EdwardsLanes.Add(out bucket, bucket, signedPlus, signedMinus, signed);
        Store(places, &bucket);
    }

    /// <summary>In each lane <c>sum_d d * bucket_d</c>.</summary>
    public void Collect(Span<EdwardsPoint> sums)
    {
        var places = stackalloc double*[Lanes];
        EdwardsLanes running, bucket;
        for (var lane = 0; lane < Lanes; lane++) places[lane] = Place(lane, _count - 1);
        Load(&running, places);
        var sum = running;
        for (var d = _count - 2; d >= 1; d--)
        {
            for (var lane = 0; lane < Lanes; lane++) places[lane] = Place(lane, d);
            Load(&bucket, places);
            EdwardsLanes.Add(out running, running, bucket, TwoD);
            EdwardsLanes.Add(out sum, sum, running, TwoD);
        }
        for (var lane = 0; lane < Lanes; lane++) sums[lane] = sum.Get(lane);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_buckets);
        _buckets = null;
    }

    private double* Place(int lane, int bucket) => _buckets + ((long)lane * _count + bucket) * Block;

    private static void Broadcast(double* limbs, out FieldLanes lanes)
    {
        lanes.L0 = Vector512.Create(limbs[0]);
        lanes.L1 = Vector512.Create(limbs[1]);
        lanes.L2 = Vector512.Create(limbs[2]);
        lanes.L3 = Vector512.Create(limbs[3]);
        lanes.L4 = Vector512.Create(limbs[4]);
    }

    // From eight blocks of 20 limbs to 20 vectors of eight lanes, and back.
    private static void Load(EdwardsLanes* lanes, double** places)
    {
        var vectors = (Vector512<double>*)lanes;
        var rows = stackalloc Vector512<double>[Lanes];
        for (var at = 0; at < 20; at += Lanes)
        {
            for (var i = 0; i < Lanes; i++) rows[i] = Vector512.Load(places[i] + at);
            Transpose(rows);
            for (var i = 0; i < Math.Min(Lanes, 20 - at); i++) vectors[at + i] = rows[i];
        }
    }

    private static void Store(double** places, EdwardsLanes* lanes)
    {
        var vectors = (Vector512<double>*)lanes;
        var rows = stackalloc Vector512<double>[Lanes];
        for (var at = 0; at < 20; at += Lanes)
        {
            for (var i = 0; i < Math.Min(Lanes, 20 - at); i++) rows[i] = vectors[at + i];
            Transpose(rows);
            for (var i = 0; i < Lanes; i++) rows[i].Store(places[i] + at);
        }
    }

    /// <summary>Rows to columns: pairs, then quarters, then halves change places.</summary>
    private static void Transpose(Vector512<double>* rows)
    {
        const byte Even = 0x88, Odd = 0xdd;
        var (a0, a1) = (Avx512F.UnpackLow(rows[0], rows[1]), Avx512F.UnpackHigh(rows[0], rows[1]));
        var (a2, a3) = (Avx512F.UnpackLow(rows[2], rows[3]), Avx512F.UnpackHigh(rows[2], rows[3]));
        var (a4, a5) = (Avx512F.UnpackLow(rows[4], rows[5]), Avx512F.UnpackHigh(rows[4], rows[5]));
        var (a6, a7) = (Avx512F.UnpackLow(rows[6], rows[7]), Avx512F.UnpackHigh(rows[6], rows[7]));
        var (b0, b2) = (Avx512F.Shuffle4x128(a0, a2, Even), Avx512F.Shuffle4x128(a0, a2, Odd));
        var (b1, b3) = (Avx512F.Shuffle4x128(a1, a3, Even), Avx512F.Shuffle4x128(a1, a3, Odd));
        var (b4, b6) = (Avx512F.Shuffle4x128(a4, a6, Even), Avx512F.Shuffle4x128(a4, a6, Odd));
        var (b5, b7) = (Avx512F.Shuffle4x128(a5, a7, Even), Avx512F.Shuffle4x128(a5, a7, Odd));
        (rows[0], rows[4]) = (Avx512F.Shuffle4x128(b0, b4, Even), Avx512F.Shuffle4x128(b0, b4, Odd));
        (rows[1], rows[5]) = (Avx512F.Shuffle4x128(b1, b5, Even), Avx512F.Shuffle4x128(b1, b5, Odd));
        (rows[2], rows[6]) = (Avx512F.Shuffle4x128(b2, b6, Even), Avx512F.Shuffle4x128(b2, b6, Odd));
        (rows[3], rows[7]) = (Avx512F.Shuffle4x128(b3, b7, Even), Avx512F.Shuffle4x128(b3, b7, Odd));
    }
}
