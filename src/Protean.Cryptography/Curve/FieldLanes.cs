using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Protean.Cryptography;

/// <summary>Eight integers modulo 2^255 - 19 at once, each as five limbs in radix 2^51 held by doubles, for public data. All arithmetic is
/// exact: every double here is an integer that it represents.</summary>
/// <remarks>
/// A product of two limbs has up to 103 bits. <c>h = fma(x, y, C)</c> with C = 1.5 * 2^104 is C plus the product rounded to a multiple of 2^52,
/// as long as |x y| &lt; 2^103, which keeps h between 2^104 and 2^105 where doubles are 2^52 apart; so the bits of h are those of C plus
/// k = round(x y / 2^52), and <c>l = fma(x, y, C - h) = x y - k 2^52</c> is exact, at most 2^51 in absolute value. In radix 2^51, k counts
/// twice at the next limb. Four l add up exactly (2^53); a fifth gets a sum of its own.
/// <b>Tight</b>: limbs at most 2^50 + 2^12 in absolute value, what products, squares and carried elements are. Sums and differences of two
/// tight elements stay at most 2^51 + 2^13, and two of those may be multiplied: 2^102 + 2^65. What came out of an unsigned tight
/// <see cref="FieldElement"/> is at most 2^51 + 2^8 and may be multiplied with those too. A sum of three may not: carry first.
/// Each k is at most 2^51, so a column is at most 5 * 2 * 2^51 + 2^53.4, and with 19 times the one five above it below 2^59; carries are below
/// 2^8, times 19 below 2^12.3; but as no product reaches 2^102.1, k stays below 2^50.1 and 19 carries below 2^12.
/// </remarks>
[SkipLocalsInit]
internal struct FieldLanes
{
    public const int Count = 8;

    private const double Split = 1.5 * (1UL << 52) * (1UL << 52);
    private const long SplitBits = 0x4678_0000_0000_0000;
    private const int Radix = 51;

    // 8p, limb by limb: what makes limbs positive.
    private const long EightP0 = 8 * ((1L << Radix) - 19);
    private const long EightP = 8 * ((1L << Radix) - 1);

    public Vector512<double> L0, L1, L2, L3, L4;

    /// <summary>The same element in every lane.</summary>
    public static FieldLanes Of(in FieldElement x) => new()
    {
        L0 = Vector512.Create((double)x.L0),
        L1 = Vector512.Create((double)x.L1),
        L2 = Vector512.Create((double)x.L2),
        L3 = Vector512.Create((double)x.L3),
        L4 = Vector512.Create((double)x.L4),
    };

    /// <summary>An unsigned tight element into one lane.</summary>
    public void Set(int lane, in FieldElement x)
    {
        Limb(0, lane) = x.L0;
        Limb(1, lane) = x.L1;
        Limb(2, lane) = x.L2;
        Limb(3, lane) = x.L3;
        Limb(4, lane) = x.L4;
    }

    /// <summary>One lane, unsigned and tight; of limbs at most 2^53 in absolute value.</summary>
    public FieldElement Get(int lane)
    {
        var positive = new FieldElement
        {
            L0 = (ulong)((long)Limb(0, lane) + EightP0),
            L1 = (ulong)((long)Limb(1, lane) + EightP),
            L2 = (ulong)((long)Limb(2, lane) + EightP),
            L3 = (ulong)((long)Limb(3, lane) + EightP),
            L4 = (ulong)((long)Limb(4, lane) + EightP),
        };
        FieldElement.Carry(out var carried, positive);
        return carried;
    }

    /// <summary>The lanes for which it holds, as all ones.</summary>
    public Vector512<double> Where(Predicate predicate)
    {
        var mask = Vector512<long>.Zero;
        for (var lane = 0; lane < Count; lane++)
            if (predicate(Get(lane))) mask = mask.WithElement(lane, -1L);
        return mask.AsDouble();
    }

    public delegate bool Predicate(in FieldElement x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(out FieldLanes sum, in FieldLanes x, in FieldLanes y)
    {
        sum.L0 = x.L0 + y.L0;
        sum.L1 = x.L1 + y.L1;
        sum.L2 = x.L2 + y.L2;
        sum.L3 = x.L3 + y.L3;
        sum.L4 = x.L4 + y.L4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(out FieldLanes difference, in FieldLanes x, in FieldLanes y)
    {
        difference.L0 = x.L0 - y.L0;
        difference.L1 = x.L1 - y.L1;
        difference.L2 = x.L2 - y.L2;
        difference.L3 = x.L3 - y.L3;
        difference.L4 = x.L4 - y.L4;
    }

    /// <summary>x where the mask has ones, else y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Select(out FieldLanes chosen, Vector512<double> mask, in FieldLanes x, in FieldLanes y)
    {
        chosen.L0 = Vector512.ConditionalSelect(mask, x.L0, y.L0);
        chosen.L1 = Vector512.ConditionalSelect(mask, x.L1, y.L1);
        chosen.L2 = Vector512.ConditionalSelect(mask, x.L2, y.L2);
        chosen.L3 = Vector512.ConditionalSelect(mask, x.L3, y.L3);
        chosen.L4 = Vector512.ConditionalSelect(mask, x.L4, y.L4);
    }

    /// <summary>Makes an element of limbs at most 2^55 tight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Carry(ref FieldLanes x) => Carry(
        out x, Vector512.ConvertToInt64Native(x.L0), Vector512.ConvertToInt64Native(x.L1), Vector512.ConvertToInt64Native(x.L2),
        Vector512.ConvertToInt64Native(x.L3), Vector512.ConvertToInt64Native(x.L4));

    public static void Multiply(out FieldLanes product, in FieldLanes x, in FieldLanes y)
    {
        var (x0, x1, x2, x3, x4) = (x.L0, x.L1, x.L2, x.L3, x.L4);
        var (y0, y1, y2, y3, y4) = (y.L0, y.L1, y.L2, y.L3, y.L4);
        First(x0, y0, out var l0, out var h0);
        First(x0, y1, out var l1, out var h1);
        Next(x1, y0, ref l1, ref h1);
        First(x0, y2, out var l2, out var h2);
        Next(x1, y1, ref l2, ref h2);
        Next(x2, y0, ref l2, ref h2);
        First(x0, y3, out var l3, out var h3);
        Next(x1, y2, ref l3, ref h3);
        Next(x2, y1, ref l3, ref h3);
        Next(x3, y0, ref l3, ref h3);
        First(x0, y4, out var l4, out var h4);
        Next(x1, y3, ref l4, ref h4);
        Next(x2, y2, ref l4, ref h4);
        First(x3, y1, out var m4, out var n4);
        Next(x4, y0, ref m4, ref n4);
        First(x1, y4, out var l5, out var h5);
        Next(x2, y3, ref l5, ref h5);
        Next(x3, y2, ref l5, ref h5);
        Next(x4, y1, ref l5, ref h5);
        First(x2, y4, out var l6, out var h6);
        Next(x3, y3, ref l6, ref h6);
        Next(x4, y2, ref l6, ref h6);
        First(x3, y4, out var l7, out var h7);
        Next(x4, y3, ref l7, ref h7);
        First(x4, y4, out var l8, out var h8);

        var t5 = Column(l5, h4 + n4, 5);
        var t6 = Column(l6, h5, 4);
        var t7 = Column(l7, h6, 3);
        var t8 = Column(l8, h7, 2);
        var t9 = (h8 - Vector512.Create(SplitBits)) << 1;
        Carry(out product,
            Vector512.ConvertToInt64Native(l0) + Times19(t5),
            Column(l1, h0, 1) + Times19(t6),
            Column(l2, h1, 2) + Times19(t7),
            Column(l3, h2, 3) + Times19(t8),
            Column(l4, h3, 4) + Vector512.ConvertToInt64Native(m4) + Times19(t9));
    }

    public static void Square(out FieldLanes square, in FieldLanes x)
    {
        var (x0, x1, x2, x3, x4) = (x.L0, x.L1, x.L2, x.L3, x.L4);
        // Products of two different limbs are doubled once they are added up: l by at most four times 2^51, as before.
        First(x0, x0, out var l0, out var h0);
        First(x0, x1, out var d1, out var e1);
        First(x0, x2, out var d2, out var e2);
        First(x1, x1, out var l2, out var h2);
        First(x0, x3, out var d3, out var e3);
        Next(x1, x2, ref d3, ref e3);
        First(x0, x4, out var d4, out var e4);
        Next(x1, x3, ref d4, ref e4);
        First(x2, x2, out var l4, out var h4);
        First(x1, x4, out var d5, out var e5);
        Next(x2, x3, ref d5, ref e5);
        First(x2, x4, out var d6, out var e6);
        First(x3, x3, out var l6, out var h6);
        First(x3, x4, out var d7, out var e7);
        First(x4, x4, out var l8, out var h8);

        var t5 = Column(d5 + d5, (e4 << 1) + h4, 5);
        var t6 = Column(l6 + (d6 + d6), e5 << 1, 4);
        var t7 = Column(d7 + d7, (e6 << 1) + h6, 3);
        var t8 = Column(l8, e7 << 1, 2);
        var t9 = (h8 - Vector512.Create(SplitBits)) << 1;
        Carry(out square,
            Vector512.ConvertToInt64Native(l0) + Times19(t5),
            Column(d1 + d1, h0, 1) + Times19(t6),
            Column(l2 + (d2 + d2), e1 << 1, 2) + Times19(t7),
            Column(d3 + d3, (e2 << 1) + h2, 3) + Times19(t8),
            Column(d4 + d4, e3 << 1, 4) + Vector512.ConvertToInt64Native(l4) + Times19(t9));
    }

    /// <summary><c>x^(2^count)</c>.</summary>
    public static void Square(out FieldLanes power, in FieldLanes x, int count)
    {
        Square(out power, x);
        for (var i = 1; i < count; i++) Square(out power, power);
    }

    /// <summary><c>x^(2^252 - 3)</c>, by the chain of <see cref="FieldElement.PowerForRoot"/>.</summary>
    public static void PowerForRoot(out FieldLanes power, in FieldLanes x)
    {
        Square(out var t0, x);
        Square(out var t1, t0, 2);
        Multiply(out t1, x, t1);
        Multiply(out t0, t0, t1);
        Square(out t0, t0);
        Multiply(out t0, t1, t0);
        Square(out t1, t0, 5);
        Multiply(out t0, t1, t0);
        Square(out t1, t0, 10);
        Multiply(out t1, t1, t0);
        Square(out var t2, t1, 20);
        Multiply(out t1, t2, t1);
        Square(out t1, t1, 10);
        Multiply(out t0, t1, t0);
        Square(out t1, t0, 50);
        Multiply(out t1, t1, t0);
        Square(out t2, t1, 100);
        Multiply(out t1, t2, t1);
        Square(out t1, t1, 50);
        Multiply(out t0, t1, t0);
        Square(out t0, t0, 2);
        Multiply(out power, t0, x);
    }

    [UnscopedRef]
    private ref double Limb(int limb, int lane) => ref Unsafe.Add(ref Unsafe.As<FieldLanes, double>(ref this), limb * Count + lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void First(Vector512<double> x, Vector512<double> y, out Vector512<double> low, out Vector512<long> high)
    {
        var split = Vector512.Create(Split);
        var h = Vector512.FusedMultiplyAdd(x, y, split);
        low = Vector512.FusedMultiplyAdd(x, y, split - h);
        high = h.AsInt64();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Next(Vector512<double> x, Vector512<double> y, ref Vector512<double> low, ref Vector512<long> high)
    {
        First(x, y, out var l, out var h);
        low += l;
        high += h;
    }

    /// <summary>The lower parts of a column and the upper parts, so many, of the one below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Column(Vector512<double> low, Vector512<long> highBelow, int products) =>
        ((highBelow - Vector512.Create(unchecked(products * SplitBits))) << 1) + Vector512.ConvertToInt64Native(low);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Times19(Vector512<long> x) => (x << 4) + (x << 1) + x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(
        out FieldLanes carried, Vector512<long> t0, Vector512<long> t1, Vector512<long> t2, Vector512<long> t3, Vector512<long> t4)
    {
        var half = Vector512.Create(1L << (Radix - 1));
        var c0 = Vector512.ShiftRightArithmetic(t0 + half, Radix);
        var c1 = Vector512.ShiftRightArithmetic(t1 + half, Radix);
        var c2 = Vector512.ShiftRightArithmetic(t2 + half, Radix);
        var c3 = Vector512.ShiftRightArithmetic(t3 + half, Radix);
        var c4 = Vector512.ShiftRightArithmetic(t4 + half, Radix);
        carried.L0 = Vector512.ConvertToDouble(t0 - (c0 << Radix) + Times19(c4));
        carried.L1 = Vector512.ConvertToDouble(t1 - (c1 << Radix) + c0);
        carried.L2 = Vector512.ConvertToDouble(t2 - (c2 << Radix) + c1);
        carried.L3 = Vector512.ConvertToDouble(t3 - (c3 << Radix) + c2);
        carried.L4 = Vector512.ConvertToDouble(t4 - (c4 << Radix) + c3);
    }
}
