using static Protean.Cryptography.FieldElement;

namespace Protean.Cryptography;

/// <summary>Encoding and decoding of ristretto255 (RFC 9496 section 4.3), for public data.</summary>
internal static class Ristretto
{
    /// <summary>d, the constant of the curve.</summary>
    public static readonly FieldElement D = Constant("a3785913ca4deb75abd841414d0a700098e879777940c78c73fe6f2bee6c0352");

    /// <summary>2d.</summary>
    public static readonly FieldElement TwoD = Constant("59f1b226949bd6eb56b183829a14e00030d1f3eef2808e19e7fcdf56dcd90624");

    /// <summary>The square root of -1.</summary>
    public static readonly FieldElement RootOfMinusOne = Constant("b0a00e4a271beec478e42fad0618432fa7d7fb3d99004d2b0bdfc14f8024832b");

    private static readonly FieldElement InverseRootOfMinusOneMinusD =
        Constant("ea405d80aafdc899be72415a17162f9d40d801fe917bc216a2fcafcf05896c78");

    /// <summary>Section 4.3.1, with Z = 1. False for what is not the one encoding of an element.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out AffinePoint point)
    {
        var s = Read(encoded);
        if (!IsCanonical(s, encoded))
        {
            point = default;
            return false;
        }
        Square(out var ss, s);
        Subtract(out var u1, One, ss);
        Add(out var u2, One, ss);
        Square(out var u2Squared, u2);
        Square(out var v, u1);
        Multiply(out v, v, D);
        Negate(out v, v);
        Subtract(out v, v, u2Squared);
        Multiply(out var ratio, v, u2Squared);
        var isSquare = InverseRoot(out var inverse, ratio);
        Multiply(out var denominatorX, inverse, u2);
        Multiply(out var denominatorY, inverse, denominatorX);
        Multiply(out denominatorY, denominatorY, v);
        Add(out var x, s, s);
        Multiply(out x, x, denominatorX);
        if (IsNegative(x)) Negate(out x, x);
        Multiply(out var y, u1, denominatorY);
        Multiply(out var xy, x, y);
        AffinePoint.From(out point, x, y, xy);
        return isSquare && !IsNegative(xy) && !IsZero(y);
    }

    /// <summary>Whether the 32 bytes are a reduced integer that is not negative: what an encoding has to be before anything is computed from
    /// it.</summary>
    public static bool IsCanonical(in FieldElement s, ReadOnlySpan<byte> encoded)
    {
        Span<byte> again = stackalloc byte[Point.Size];
        Write(s, again);
        return (encoded[0] & 1) == 0 && encoded.SequenceEqual(again);
    }

    /// <summary>Section 4.3.2.</summary>
    public static Point Encode(in EdwardsPoint p)
    {
        Add(out var u1, p.Z, p.Y);
        Subtract(out var difference, p.Z, p.Y);
        Multiply(out u1, u1, difference);
        Multiply(out var u2, p.X, p.Y);
        Square(out var ratio, u2);
        Multiply(out ratio, u1, ratio);
        InverseRoot(out var inverse, ratio);
        Multiply(out var denominator1, inverse, u1);
        Multiply(out var denominator2, inverse, u2);
        Multiply(out var inverseZ, denominator1, denominator2);
        Multiply(out inverseZ, inverseZ, p.T);
        var (x, y, denominator) = (p.X, p.Y, denominator2);
        Multiply(out var rotate, p.T, inverseZ);
        if (IsNegative(rotate))
        {
            Multiply(out x, p.Y, RootOfMinusOne);
            Multiply(out y, p.X, RootOfMinusOne);
            Multiply(out denominator, denominator1, InverseRootOfMinusOneMinusD);
        }
        Multiply(out var sign, x, inverseZ);
        if (IsNegative(sign)) Negate(out y, y);
        Subtract(out var s, p.Z, y);
        Multiply(out s, denominator, s);
        if (IsNegative(s)) Negate(out s, s);
        Span<byte> encoded = stackalloc byte[Point.Size];
        Write(s, encoded);
        return Point.OfValid(encoded);
    }

    /// <summary>SQRT_RATIO_M1(1, w) of section 4.2: the non-negative root of 1/w and true; or that of i/w and false; 0 for 0.</summary>
    private static bool InverseRoot(out FieldElement root, in FieldElement w)
    {
        Square(out var w3, w);
        Multiply(out w3, w3, w);
        Square(out var w7, w3);
        Multiply(out w7, w7, w);
        PowerForRoot(out root, w7);
        Multiply(out root, root, w3);
        Square(out var check, root);
        Multiply(out check, check, w);
        Negate(out var minusOne, One);
        Negate(out var minusRoot, RootOfMinusOne);
        var isInverse = AreEqual(check, One);
        var isNegativeInverse = AreEqual(check, minusOne);
        if (isNegativeInverse || AreEqual(check, minusRoot)) Multiply(out root, root, RootOfMinusOne);
        if (IsNegative(root)) Negate(out root, root);
        return isInverse || isNegativeInverse;
    }

    private static FieldElement Constant(string hex) => Read(Convert.FromHexString(hex));
}
