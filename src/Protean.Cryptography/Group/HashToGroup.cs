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

    /// <summary>RFC 9380 section 5.3.1, expand_message_xmd with SHA-512; the tag is at most 255 bytes, the output at most 255 hashes.</summary>
    internal static void ExpandMessage(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tag.Length, MaxTagLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output.Length, MaxOutputLength);
        Span<byte> suffix = [.. tag, (byte)tag.Length];

        // msg_prime = Z_pad || msg || I2OSP(length, 2) || I2OSP(0, 1) || DST_prime. The message can hold a secret: wiped below.
        Span<byte> first = new byte[BlockSize + message.Length + 3 + suffix.Length];
        message.CopyTo(first[BlockSize..]);
        BinaryPrimitives.WriteUInt16BigEndian(first[(BlockSize + message.Length)..], (ushort)output.Length);
        suffix.CopyTo(first[^suffix.Length..]);
        Span<byte> b0 = stackalloc byte[HashSize];
        Sha512(first, b0);
        CryptographicOperations.ZeroMemory(first);

        // b_i = H((b_0 xor b_{i-1}) || I2OSP(i, 1) || DST_prime), b_{-1} read as zeros.
        Span<byte> bi = stackalloc byte[HashSize];
        bi.Clear();
        Span<byte> next = [.. b0, 0, .. suffix];
        for (byte i = 1; !output.IsEmpty; i++)
        {
            for (var k = 0; k < HashSize; k++) next[k] = (byte)(b0[k] ^ bi[k]);
            next[HashSize] = i;
            Sha512(next, bi);
            var count = Math.Min(HashSize, output.Length);
            bi[..count].CopyTo(output);
            output = output[count..];
        }
        CryptographicOperations.ZeroMemory(b0);
        CryptographicOperations.ZeroMemory(bi);
        CryptographicOperations.ZeroMemory(next);
    }

    // libsodium's, because nonces pass through here.
    private static void Sha512(ReadOnlySpan<byte> data, Span<byte> hash) => _ = Sodium.crypto_hash_sha512(hash, data, (ulong)data.Length);
}
