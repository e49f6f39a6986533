using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Protean.Cryptography.FieldLanes;

namespace Protean.Cryptography;

/// <summary>Eight points of edwards25519 at once, in extended coordinates with tight limbs. For public data.</summary>
[SkipLocalsInit]
internal struct EdwardsLanes
{
    public FieldLanes X, Y, Z, T;

    /// <summary>The sum, lane by lane, with eight points in the form that they are added in, limbs at most 2^51 + 2^8.</summary>
    public static void Add(out EdwardsLanes sum, in EdwardsLanes p, in FieldLanes plus, in FieldLanes minus, in FieldLanes xy2d)
    {
        FieldLanes.Add(out var d, p.Z, p.Z);
        Multiply(out var c, p.T, xy2d);
        Add(out sum, p, plus, minus, c, d);
    }

    public static void Add(out EdwardsLanes sum, in EdwardsLanes p, in EdwardsLanes q, in FieldLanes twoD)
    {
        Subtract(out var minus, q.Y, q.X);
        FieldLanes.Add(out var plus, q.Y, q.X);
        Multiply(out var d, p.Z, q.Z);
        FieldLanes.Add(out d, d, d);
        Multiply(out var c, q.T, twoD);
        Multiply(out c, p.T, c);
        Add(out sum, p, plus, minus, c, d);
    }

    public EdwardsPoint Get(int lane) => new() { X = X.Get(lane), Y = Y.Get(lane), Z = Z.Get(lane), T = T.Get(lane) };

    // As EdwardsPoint does it. d is carried, so that its sum and difference with c may be multiplied with each other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        out EdwardsLanes sum, in EdwardsLanes p, in FieldLanes plus, in FieldLanes minus, in FieldLanes c, in FieldLanes twiceZ)
    {
        Subtract(out var a, p.Y, p.X);
        FieldLanes.Add(out var b, p.Y, p.X);
        Multiply(out a, a, minus);
        Multiply(out b, b, plus);
        var d = twiceZ;
        Carry(ref d);
        Subtract(out var e, b, a);
        FieldLanes.Add(out var h, b, a);
        Subtract(out var f, d, c);
        FieldLanes.Add(out var g, d, c);
        Multiply(out sum.X, e, f);
        Multiply(out sum.Y, h, g);
        Multiply(out sum.Z, g, f);
        Multiply(out sum.T, e, h);
    }
}

/// <summary>Decodes eight encodings of ristretto255 at once (RFC 9496 section 4.3.1).</summary>
[SkipLocalsInit]
internal static class RistrettoLanes
{
    private static readonly FieldLanes One = Of(FieldElement.One);
    private static readonly FieldLanes D = Of(Ristretto.D);
    private static readonly FieldLanes RootOfMinusOne = Of(Ristretto.RootOfMinusOne);

    /// <summary>False where any of the eight is not the one encoding of an element.</summary>
    public static bool TryDecode(ReadOnlySpan<Point> encoded, Span<AffinePoint> decoded)
    {
        FieldLanes s = default;
        var isCanonical = true;
        for (var lane = 0; lane < Count; lane++)
        {
            var one = FieldElement.Read(encoded[lane].Span);
            isCanonical &= Ristretto.IsCanonical(one, encoded[lane].Span);
            s.Set(lane, one);
        }
        var areSquares = Coordinates(s, out var x, out var y);
        Multiply(out var xy, x, y);
        var isValid = isCanonical & areSquares;
        for (var lane = 0; lane < Count; lane++)
        {
            var (ofX, ofY, ofXY) = (x.Get(lane), y.Get(lane), xy.Get(lane));
            isValid &= !FieldElement.IsNegative(ofXY) && !FieldElement.IsZero(ofY);
            AffinePoint.From(out decoded[lane], ofX, ofY, ofXY);
        }
        return isValid;
    }

    private static bool Coordinates(in FieldLanes s, out FieldLanes x, out FieldLanes y)
    {
        FieldLanes.Square(out var ss, s);
        Subtract(out var u1, One, ss);
        Carry(ref u1);
        Add(out var u2, One, ss);
        Carry(ref u2);
        FieldLanes.Square(out var u2Squared, u2);
        FieldLanes.Square(out var v, u1);
        Multiply(out v, v, D);
        Subtract(out v, default, v);
        Subtract(out v, v, u2Squared);
        Carry(ref v);
        Multiply(out var ratio, v, u2Squared);
        var areSquares = InverseRoot(out var inverse, ratio);
        Multiply(out var denominatorX, inverse, u2);
        Multiply(out var denominatorY, inverse, denominatorX);
        Multiply(out denominatorY, denominatorY, v);
        Add(out x, s, s);
        Carry(ref x);
        Multiply(out x, x, denominatorX);
        Subtract(out var negative, default, x);
        Select(out x, x.Where(FieldElement.IsNegative), negative, x);
        Multiply(out y, u1, denominatorY);
        return areSquares;
    }

    /// <summary>A root of 1/w in each lane, of either sign: x takes the one that makes it non-negative, and y depends on the square alone. False
    /// where any w is no square.</summary>
    private static bool InverseRoot(out FieldLanes root, in FieldLanes w)
    {
        FieldLanes.Square(out var w3, w);
        Multiply(out w3, w3, w);
        FieldLanes.Square(out var w7, w3);
        Multiply(out w7, w7, w);
        PowerForRoot(out root, w7);
        Multiply(out root, root, w3);
        FieldLanes.Square(out var check, root);
        Multiply(out check, check, w);
        Subtract(out var less, check, One);
        Add(out var more, check, One);
        var isInverse = less.Where(FieldElement.IsZero);
        var isNegativeInverse = more.Where(FieldElement.IsZero);
        Multiply(out var rotated, root, RootOfMinusOne);
        Select(out root, isNegativeInverse, rotated, root);
        return Vector512.EqualsAll((isInverse | isNegativeInverse).AsInt64(), Vector512<long>.AllBitsSet);
    }
}
