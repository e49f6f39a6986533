namespace Protean.Codec;

/// <summary>A value with exactly one byte form: <c>decode(encode(x)) == x</c> and <c>encode(decode(b)) == b</c>.</summary>
public interface ICanonical<out TSelf> where TSelf : ICanonical<TSelf>
{
    void Encode(Encoder to);

    /// <exception cref="MalformedException">The bytes are not the canonical form of a value.</exception>
    static abstract TSelf Decode(ref Decoder from);
}

/// <summary>The bytes are not the canonical form of a value. The one exception that input from outside can raise; caught where input arrives.</summary>
public sealed class MalformedException(string message) : Exception(message);

public static class Canonical
{
    public static byte[] Encode<T>(T value) where T : ICanonical<T>
    {
        var encoder = new Encoder();
        value.Encode(encoder);
        return encoder.ToArray();
    }

    /// <exception cref="MalformedException">Not canonical, or bytes are left over.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> bytes) where T : ICanonical<T>
    {
        var decoder = new Decoder(bytes);
        var value = T.Decode(ref decoder);
        decoder.End();
        return value;
    }
}
