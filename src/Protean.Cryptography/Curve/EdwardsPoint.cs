using System.Runtime.CompilerServices;
using static Protean.Cryptography.FieldElement;

namespace Protean.Cryptography;

/// <summary>A point of edwards25519 in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z (Hisil, Wong, Carter, Dawson 2008). It stands for
/// an element of ristretto255. For public data: time and memory accesses depend on it.</summary>
[SkipLocalsInit]
internal struct EdwardsPoint
{
    public FieldElement X, Y, Z, T;

    public static EdwardsPoint Identity => new() { Y = One, Z = One };

    public static void Add(out EdwardsPoint sum, in EdwardsPoint p, in EdwardsPoint q)
    {
        ProjectivePoint.From(out var other, q);
        Add(out sum, p, other, negative: false);
    }

    /// <summary><c>p + q</c>, or <c>p - q</c>: eight products.</summary>
    public static void Add(out EdwardsPoint sum, in EdwardsPoint p, in ProjectivePoint q, bool negative)
    {
        FieldElement.Multiply(out var d, p.Z, q.Z);
        FieldElement.Add(out d, d, d);
        if (negative) Add(out sum, p, q.YMinusX, q.YPlusX, q.XY2D, d, true);
        else Add(out sum, p, q.YPlusX, q.YMinusX, q.XY2D, d, false);
    }

    /// <summary><c>p + q</c>, or <c>p - q</c>: seven products.</summary>
    public static void Add(out EdwardsPoint sum, in EdwardsPoint p, in AffinePoint q, bool negative)
    {
        FieldElement.Add(out var d, p.Z, p.Z);
        if (negative) Add(out sum, p, q.YMinusX, q.YPlusX, q.XY2D, d, true);
        else Add(out sum, p, q.YPlusX, q.YMinusX, q.XY2D, d, false);
    }

    /// <summary>A small multiple, bit by bit.</summary>
    public static void Multiply(out EdwardsPoint product, in EdwardsPoint p, ushort scalar)
    {
        ProjectivePoint.From(out var other, p);
        product = Identity;
        for (var bit = 31 - int.LeadingZeroCount(scalar); bit >= 0; bit--)
        {
            Double(out product, product);
            if ((scalar >> bit & 1) != 0) Add(out product, product, other, negative: false);
        }
    }

    /// <summary>Four products and four squares.</summary>
    public static void Double(out EdwardsPoint twice, in EdwardsPoint p)
    {
        Square(out var a, p.X);
        Square(out var b, p.Y);
        Square(out var c, p.Z);
        FieldElement.Add(out c, c, c);
        FieldElement.Add(out var h, a, b);
        FieldElement.Add(out var e, p.X, p.Y);
        Square(out e, e);
        Subtract(out e, h, e);
        Subtract(out var g, a, b);
        FieldElement.Add(out var f, c, g);
        FieldElement.Multiply(out twice.X, e, f);
        FieldElement.Multiply(out twice.Y, g, h);
        FieldElement.Multiply(out twice.Z, f, g);
        FieldElement.Multiply(out twice.T, e, h);
    }

    // The unified addition of a = -1 (complete here, because -1 is a square and d is not); d is twice the product of both Z, loose.
    private static void Add(
        out EdwardsPoint sum, in EdwardsPoint p, in FieldElement plus, in FieldElement minus, in FieldElement xy2d, in FieldElement d, bool negative)
    {
        Subtract(out var a, p.Y, p.X);
        FieldElement.Add(out var b, p.Y, p.X);
        FieldElement.Multiply(out a, a, minus);
        FieldElement.Multiply(out b, b, plus);
        FieldElement.Multiply(out var c, p.T, xy2d);
        Subtract(out var e, b, a);
        FieldElement.Add(out var h, b, a);
        FieldElement f, g;
        if (negative)
        {
            FieldElement.Add(out f, d, c);
            Subtract(out g, d, c);
        }
        else
        {
            Subtract(out f, d, c);
            FieldElement.Add(out g, d, c);
        }
        FieldElement.Multiply(out sum.X, e, f);
        FieldElement.Multiply(out sum.Y, h, g);
        FieldElement.Multiply(out sum.Z, g, f);
        FieldElement.Multiply(out sum.T, e, h);
    }
}

/// <summary>A point with Z = 1 in the form that it is added in: y + x, y - x, 2dxy.</summary>
internal struct AffinePoint
{
    // All tight.
    public FieldElement YPlusX, YMinusX, XY2D;

    /// <summary>From tight x, y and xy.</summary>
    public static void From(out AffinePoint point, in FieldElement x, in FieldElement y, in FieldElement xy)
    {
        FieldElement.Add(out point.YPlusX, y, x);
        Carry(out point.YPlusX, point.YPlusX);
        Subtract(out point.YMinusX, y, x);
        Multiply(out point.XY2D, xy, Ristretto.TwoD);
    }
}

/// <summary>Any point in the form that it is added in: Y + X, Y - X, Z, 2dT.</summary>
internal struct ProjectivePoint
{
    public FieldElement YPlusX, YMinusX, Z, XY2D;

    public static void From(out ProjectivePoint point, in EdwardsPoint p)
    {
        FieldElement.Add(out point.YPlusX, p.Y, p.X);
        Subtract(out point.YMinusX, p.Y, p.X);
        point.Z = p.Z;
        Multiply(out point.XY2D, p.T, Ristretto.TwoD);
    }
}
