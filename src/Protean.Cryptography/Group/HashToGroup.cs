using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Protean.Cryptography;

/// <summary>Hashing to points and to scalars (protocols 0.2, RFC 9380, RFC 9496).</summary>
public static class HashToGroup
{
    private const int HashSize = SHA512.HashSizeInBytes;
    private const int BlockSize = 128;
    private const int MaxTagLength = byte.MaxValue;
    private const int OnStack = 512;
    private const int MaxOutputLength = byte.MaxValue * HashSize;

    /// <summary>A point of unknown discrete logarithm: ristretto255's one-way map of <c>expand_message_xmd(SHA-512, message,
    /// "PROTEAN-V1-" || use || "_XMD:SHA-512_R255MAP_RO_", 64)</c>.</summary>
    public static Point H2G(string use, ReadOnlySpan<byte> message)
    {
        Span<byte> uniform = stackalloc byte[Scalar.WideSize];
        ExpandMessage(message, Encoding.ASCII.GetBytes($"PROTEAN-V1-{use}_XMD:SHA-512_R255MAP_RO_"), uniform);
        return Point.FromUniform(uniform);
    }

    /// <summary>The same expansion under <c>"PROTEAN-V1-" || use || "_S"</c>, modulo the group order.</summary>
    public static Scalar H2S(string use, ReadOnlySpan<byte> message)
    {
        Span<byte> wide = stackalloc byte[Scalar.WideSize];
        ExpandScalar(use, message, wide);
        return Scalar.Reduce(wide);
    }

    internal static void ExpandScalar(string use, ReadOnlySpan<byte> message, Span<byte> wide) =>
        ExpandMessage(message, Encoding.ASCII.GetBytes($"PROTEAN-V1-{use}_S"), wide);

    /// <summary>RFC 9380 section 5.3.1, expand_message_xmd with SHA-512; the tag is at most 255 bytes, the output at most 255
    /// hashes.</summary>
    internal static void ExpandMessage(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tag.Length, MaxTagLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output.Length, MaxOutputLength);
        Span<byte> suffix = stackalloc byte[tag.Length + 1];
        tag.CopyTo(suffix);
        suffix[^1] = (byte)tag.Length;
        Span<byte> b0 = stackalloc byte[HashSize];
        HashPadded(message, output.Length, suffix, b0);

        // b_i = H((b_0 xor b_{i-1}) || I2OSP(i, 1) || DST_prime), b_{-1} read as zeros.
        Span<byte> bi = stackalloc byte[HashSize];
        Span<byte> input = stackalloc byte[HashSize + 1 + suffix.Length];
        bi.Clear();
        suffix.CopyTo(input[(HashSize + 1)..]);
        for (byte i = 1; !output.IsEmpty; i++)
        {
            for (var k = 0; k < HashSize; k++) input[k] = (byte)(b0[k] ^ bi[k]);
            input[HashSize] = i;
            Sha512(input, bi);
            var count = Math.Min(HashSize, output.Length);
            bi[..count].CopyTo(output);
            output = output[count..];
        }
        CryptographicOperations.ZeroMemory(b0);
        CryptographicOperations.ZeroMemory(bi);
        CryptographicOperations.ZeroMemory(input);
    }

    /// <summary><c>b_0 = H(Z_pad || msg || I2OSP(length, 2) || I2OSP(0, 1) || DST_prime)</c>. The message can hold a secret: what is
    /// short stays on the stack, where nothing copies it, and all is wiped.</summary>
    private static void HashPadded(ReadOnlySpan<byte> message, int outputLength, ReadOnlySpan<byte> suffix, Span<byte> b0)
    {
        var length = BlockSize + message.Length + 3 + suffix.Length;
        var padded = length <= OnStack ? stackalloc byte[length] : new byte[length];
        padded.Clear();
        message.CopyTo(padded[BlockSize..]);
        BinaryPrimitives.WriteUInt16BigEndian(padded[(BlockSize + message.Length)..], (ushort)outputLength);
        suffix.CopyTo(padded[^suffix.Length..]);
        Sha512(padded, b0);
        CryptographicOperations.ZeroMemory(padded);
    }

    // libsodium's, because nonces pass through here.
    private static void Sha512(ReadOnlySpan<byte> data, Span<byte> hash) => _ = Sodium.crypto_hash_sha512(hash, data, (ulong)data.Length);
}
