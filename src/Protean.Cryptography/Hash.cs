using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Protean.Cryptography;

/// <summary>The hash functions of protocols 0.2.</summary>
public static class Hash
{
    private const int MaxTagLength = byte.MaxValue;

    /// <summary><c>H(tag, x) = BLAKE2b-256(u8 len(tag) || tag || x)</c>, x being the parts one after another; the tag is the domain,
    /// ASCII, at most 255 characters.</summary>
    public static Digest H(string tag, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        Span<byte> prefix = stackalloc byte[1 + MaxTagLength];
        var length = Encoding.ASCII.GetBytes(tag, prefix[1..]);
        prefix[0] = (byte)length;

        Blake2bState state = default;
        state.Start();
        state.Update(prefix[..(1 + length)]);
        state.Update(first);
        state.Update(second);
        state.Update(third);
        return state.Finish();
    }

    /// <summary><c>KDF(a1..ak) = BLAKE2b-256(bytes(a1) || .. || bytes(ak))</c>; each part is preceded by its length, so no two lists
    /// collide.</summary>
    public static Digest Kdf(params ReadOnlySpan<byte[]> parts)
    {
        Blake2bState state = default;
        state.Start();
        foreach (var part in parts) state.UpdatePart(part);
        return state.Finish();
    }

    /// <summary>BLAKE2b-256 without key or domain (RFC 7693).</summary>
    public static Digest Blake2b(ReadOnlySpan<byte> data)
    {
        Blake2bState state = default;
        state.Start();
        state.Update(data);
        return state.Finish();
    }

    public static Digest Sha256(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        return new Digest(hash);
    }

    /// <summary>64 bytes.</summary>
    public static byte[] Sha512(ReadOnlySpan<byte> data) => SHA512.HashData(data);
}

/// <summary>An unfinished BLAKE2b-256. Lives on the stack, in one place: pass it by reference.</summary>
internal unsafe ref struct Blake2bState
{
    private const int StateSize = 384;
    private const int Alignment = 64;

    private fixed byte _memory[StateSize + Alignment];

    // libsodium wants the state on a 64-byte boundary, which the stack does not promise. A ref struct never moves.
    private byte* Aligned => (byte*)(((nuint)Unsafe.AsPointer(ref _memory[0]) + Alignment - 1) & ~(nuint)(Alignment - 1));

    public void Start() => _ = Sodium.crypto_generichash_blake2b_init(Aligned, null, 0, Digest.Size);

    public void Update(scoped ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty) _ = Sodium.crypto_generichash_blake2b_update(Aligned, data, (ulong)data.Length);
    }

    /// <summary><c>u32 length || data</c>.</summary>
    public void UpdatePart(scoped ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)part.Length);
        Update(length);
        Update(part);
    }

    public Digest Finish()
    {
        Span<byte> hash = stackalloc byte[Digest.Size];
        Finish(hash);
        return new Digest(hash);
    }

    /// <summary>Writes the 32 bytes; what was hashed may be secret, so nothing of it stays on the stack.</summary>
    public void Finish(scoped Span<byte> hash)
    {
        _ = Sodium.crypto_generichash_blake2b_final(Aligned, hash, Digest.Size);
        CryptographicOperations.ZeroMemory(new Span<byte>(Aligned, StateSize));
    }
}
