using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Protean.Cryptography;

/// <summary>An integer modulo p = 2^255 - 19 as five limbs in radix 2^51, for public data.</summary>
/// <remarks>
/// Limbs are kept below two bounds. <b>Tight</b>: at most 2^51 + 2^8, what products, squares and differences are. <b>Loose</b>: below 2^53,
/// such as the sum of three tight elements. Products take loose factors. Why nothing overflows: one factor is shifted left by 11 bits, so
/// that the upper half of a 64 x 64 bit product counts 2^53 and the lower half, shifted back, is what remains of it. With x, y &lt; 2^53 an
/// upper half is at most 19 x y / 2^53 &lt; 2^57.3; five of them, counted in units of 2^51 (times 4), stay below 2^61.6; without the
/// factor 19 they stay below 2^55.4, and times 4 * 19 below 2^61.7. Five lower halves stay below 2^55.4. No sum reaches 2^64.
/// The carry out of the last limb is below 2^(61.8 - 51) = 2^10.8, times 19 below 2^15.1, and is carried on once.
/// </remarks>
[SkipLocalsInit]
internal struct FieldElement
{
    private const ulong Mask = (1UL << 51) - 1;

    // 4p, limb by limb: what keeps differences positive.
    private const ulong FourP0 = 4 * (Mask - 18);
    private const ulong FourP = 4 * Mask;

    internal ulong L0, L1, L2, L3, L4;

    public static FieldElement One => new() { L0 = 1 };

    /// <summary>Little-endian; the highest bit is ignored, and the integer need not be reduced.</summary>
    public static FieldElement Read(ReadOnlySpan<byte> bytes)
    {
        var w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        var w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        var w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new FieldElement
        {
            L0 = w0 & Mask,
            L1 = ((w0 >> 51) | (w1 << 13)) & Mask,
            L2 = ((w1 >> 38) | (w2 << 26)) & Mask,
            L3 = ((w2 >> 25) | (w3 << 39)) & Mask,
            L4 = (w3 >> 12) & Mask,
        };
    }

    /// <summary>The reduced integer, little-endian, 32 bytes.</summary>
    public static void Write(in FieldElement x, Span<byte> bytes)
    {
        var r = Reduced(x);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, r.L0 | (r.L1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (r.L1 >> 13) | (r.L2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (r.L2 >> 26) | (r.L3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (r.L3 >> 39) | (r.L4 << 12));
    }

    /// <summary>Whether the reduced integer is odd: RFC 9496 calls such an element negative.</summary>
    public static bool IsNegative(in FieldElement x) => (Reduced(x).L0 & 1) != 0;

    public static bool IsZero(in FieldElement x)
    {
        var r = Reduced(x);
        return (r.L0 | r.L1 | r.L2 | r.L3 | r.L4) == 0;
    }

    public static bool AreEqual(in FieldElement x, in FieldElement y)
    {
        Subtract(out var difference, x, y);
        return IsZero(difference);
    }

    /// <summary>Limbs add up: two tight elements give a loose one, and so does a loose one that is at most twice tight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(out FieldElement sum, in FieldElement x, in FieldElement y)
    {
        sum.L0 = x.L0 + y.L0;
        sum.L1 = x.L1 + y.L1;
        sum.L2 = x.L2 + y.L2;
        sum.L3 = x.L3 + y.L3;
        sum.L4 = x.L4 + y.L4;
    }

    /// <summary><c>x - y + 4p</c>, carried once: of loose elements (y below 4p limb by limb), tight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(out FieldElement difference, in FieldElement x, in FieldElement y)
    {
        var (d0, d1, d2) = (x.L0 + FourP0 - y.L0, x.L1 + FourP - y.L1, x.L2 + FourP - y.L2);
        var (d3, d4) = (x.L3 + FourP - y.L3, x.L4 + FourP - y.L4);
        // Each limb is below 2^54, so each carry is below 8.
        difference.L0 = (d0 & Mask) + 19 * (d4 >> 51);
        difference.L1 = (d1 & Mask) + (d0 >> 51);
        difference.L2 = (d2 & Mask) + (d1 >> 51);
        difference.L3 = (d3 & Mask) + (d2 >> 51);
        difference.L4 = (d4 & Mask) + (d3 >> 51);
    }

    public static void Negate(out FieldElement negative, in FieldElement x) => Subtract(out negative, default, x);

    public static void Multiply(out FieldElement product, in FieldElement x, in FieldElement y)
    {
        var (x0, x1, x2, x3, x4) = (x.L0, x.L1, x.L2, x.L3, x.L4);
        var (y0, y1, y2, y3, y4) = (y.L0 << 11, y.L1 << 11, y.L2 << 11, y.L3 << 11, y.L4 << 11);
        var (n1, n2, n3, n4) = (19 * x1, 19 * x2, 19 * x3, 19 * x4);

        var h0 = Math.BigMul(x0, y0, out var low);
        var l0 = low >> 11;
        h0 += Math.BigMul(n4, y1, out low); l0 += low >> 11;
        h0 += Math.BigMul(n3, y2, out low); l0 += low >> 11;
        h0 += Math.BigMul(n2, y3, out low); l0 += low >> 11;
        h0 += Math.BigMul(n1, y4, out low); l0 += low >> 11;

        var h1 = Math.BigMul(x1, y0, out low);
        var l1 = low >> 11;
        h1 += Math.BigMul(x0, y1, out low); l1 += low >> 11;
        h1 += Math.BigMul(n4, y2, out low); l1 += low >> 11;
        h1 += Math.BigMul(n3, y3, out low); l1 += low >> 11;
        h1 += Math.BigMul(n2, y4, out low); l1 += low >> 11;

        var h2 = Math.BigMul(x2, y0, out low);
        var l2 = low >> 11;
        h2 += Math.BigMul(x1, y1, out low); l2 += low >> 11;
        h2 += Math.BigMul(x0, y2, out low); l2 += low >> 11;
        h2 += Math.BigMul(n4, y3, out low); l2 += low >> 11;
        h2 += Math.BigMul(n3, y4, out low); l2 += low >> 11;

        var h3 = Math.BigMul(x3, y0, out low);
        var l3 = low >> 11;
        h3 += Math.BigMul(x2, y1, out low); l3 += low >> 11;
        h3 += Math.BigMul(x1, y2, out low); l3 += low >> 11;
        h3 += Math.BigMul(x0, y3, out low); l3 += low >> 11;
        h3 += Math.BigMul(n4, y4, out low); l3 += low >> 11;

        var h4 = Math.BigMul(x4, y0, out low);
        var l4 = low >> 11;
        h4 += Math.BigMul(x3, y1, out low); l4 += low >> 11;
        h4 += Math.BigMul(x2, y2, out low); l4 += low >> 11;
        h4 += Math.BigMul(x1, y3, out low); l4 += low >> 11;
        h4 += Math.BigMul(x0, y4, out low); l4 += low >> 11;

        Carry(out product, l0 + 76 * h4, l1 + 4 * h0, l2 + 4 * h1, l3 + 4 * h2, l4 + 4 * h3);
    }

    public static void Square(out FieldElement square, in FieldElement x)
    {
        var (x0, x1, x2, x3, x4) = (x.L0, x.L1, x.L2, x.L3, x.L4);
        var (y0, y1, y2, y3, y4) = (x0 << 11, x1 << 11, x2 << 11, x3 << 11, x4 << 11);
        var (d0, d1, n3, n4) = (2 * x0, 2 * x1, 19 * x3, 19 * x4);
        var (d3, d4) = (2 * n3, 2 * n4);

        var h0 = Math.BigMul(x0, y0, out var low);
        var l0 = low >> 11;
        h0 += Math.BigMul(d4, y1, out low); l0 += low >> 11;
        h0 += Math.BigMul(d3, y2, out low); l0 += low >> 11;

        var h1 = Math.BigMul(d0, y1, out low);
        var l1 = low >> 11;
        h1 += Math.BigMul(d4, y2, out low); l1 += low >> 11;
        h1 += Math.BigMul(n3, y3, out low); l1 += low >> 11;

        var h2 = Math.BigMul(d0, y2, out low);
        var l2 = low >> 11;
        h2 += Math.BigMul(x1, y1, out low); l2 += low >> 11;
        h2 += Math.BigMul(d4, y3, out low); l2 += low >> 11;

        var h3 = Math.BigMul(d0, y3, out low);
        var l3 = low >> 11;
        h3 += Math.BigMul(d1, y2, out low); l3 += low >> 11;
        h3 += Math.BigMul(n4, y4, out low); l3 += low >> 11;

        var h4 = Math.BigMul(d0, y4, out low);
        var l4 = low >> 11;
        h4 += Math.BigMul(d1, y3, out low); l4 += low >> 11;
        h4 += Math.BigMul(x2, y2, out low); l4 += low >> 11;

        Carry(out square, l0 + 76 * h4, l1 + 4 * h0, l2 + 4 * h1, l3 + 4 * h2, l4 + 4 * h3);
    }

    /// <summary><c>x^(2^count)</c>.</summary>
    public static void Square(out FieldElement power, in FieldElement x, int count)
    {
        Square(out power, x);
        for (var i = 1; i < count; i++) Square(out power, power);
    }

    /// <summary><c>x^((p - 5) / 8) = x^(2^252 - 3)</c>.</summary>
    public static void PowerForRoot(out FieldElement power, in FieldElement x)
    {
        Square(out var t0, x);
        Square(out var t1, t0, 2);
        Multiply(out t1, x, t1);
        Multiply(out t0, t0, t1);
        Square(out t0, t0);
        Multiply(out t0, t1, t0);       // 2^5 - 1
        Square(out t1, t0, 5);
        Multiply(out t0, t1, t0);       // 2^10 - 1
        Square(out t1, t0, 10);
        Multiply(out t1, t1, t0);       // 2^20 - 1
        Square(out var t2, t1, 20);
        Multiply(out t1, t2, t1);       // 2^40 - 1
        Square(out t1, t1, 10);
        Multiply(out t0, t1, t0);       // 2^50 - 1
        Square(out t1, t0, 50);
        Multiply(out t1, t1, t0);       // 2^100 - 1
        Square(out t2, t1, 100);
        Multiply(out t1, t2, t1);       // 2^200 - 1
        Square(out t1, t1, 50);
        Multiply(out t0, t1, t0);       // 2^250 - 1
        Square(out t0, t0, 2);
        Multiply(out power, t0, x);
    }

    /// <summary>Makes any element of limbs below 2^63 tight.</summary>
    public static void Carry(out FieldElement carried, in FieldElement x) => Carry(out carried, x.L0, x.L1, x.L2, x.L3, x.L4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(out FieldElement carried, ulong t0, ulong t1, ulong t2, ulong t3, ulong t4)
    {
        t1 += t0 >> 51;
        t2 += t1 >> 51;
        t3 += t2 >> 51;
        t4 += t3 >> 51;
        t0 = (t0 & Mask) + 19 * (t4 >> 51);
        carried.L0 = t0 & Mask;
        carried.L1 = (t1 & Mask) + (t0 >> 51);
        carried.L2 = t2 & Mask;
        carried.L3 = t3 & Mask;
        carried.L4 = t4 & Mask;
    }

    /// <summary>The representative below p, of any loose element.</summary>
    private static FieldElement Reduced(in FieldElement x)
    {
        Carry(out var r, x.L0, x.L1, x.L2, x.L3, x.L4);
        Carry(out r, r.L0, r.L1, r.L2, r.L3, r.L4);
        // r < 2^255 + small; it is at least p exactly where r + 19 reaches 2^255.
        var q = (r.L0 + 19) >> 51;
        q = (r.L1 + q) >> 51;
        q = (r.L2 + q) >> 51;
        q = (r.L3 + q) >> 51;
        q = (r.L4 + q) >> 51;
        r.L0 += 19 * q;
        r.L1 += r.L0 >> 51;
        r.L2 += r.L1 >> 51;
        r.L3 += r.L2 >> 51;
        r.L4 += r.L3 >> 51;
        return new FieldElement { L0 = r.L0 & Mask, L1 = r.L1 & Mask, L2 = r.L2 & Mask, L3 = r.L3 & Mask, L4 = r.L4 & Mask };
    }
}
