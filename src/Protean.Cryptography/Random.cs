using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>Where randomness comes from. Given to whoever needs it, so that a simulation can repeat itself.</summary>
public interface IRandom
{
    /// <summary>Fills every byte of <paramref name="destination"/>.</summary>
    void Fill(Span<byte> destination);
}

/// <summary>The operating system's generator, through libsodium. The only one fit for secrets.</summary>
public sealed class SystemRandom : IRandom
{
    private SystemRandom() { }

    public static SystemRandom Instance { get; } = new();

    public void Fill(Span<byte> destination) => Sodium.randombytes_buf(destination, (nuint)destination.Length);
}

/// <summary>Many secret draws from 32 bytes of another generator, stretched by ChaCha20 in guarded memory: one call of the operating system
/// instead of one for each draw.</summary>
internal sealed class StretchedRandom : IRandom, IDisposable
{
    private const int KeySize = 32, BlockSize = 1024;

    private readonly SecretMemory _memory = new(KeySize + BlockSize);
    private ulong _nextBlock;
    private int _used = BlockSize;

    public StretchedRandom(IRandom random) => random.Fill(Key);

    private Span<byte> Key => _memory.Span[..KeySize];
    private Span<byte> Block => _memory.Span[KeySize..];

    public void Fill(Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[sizeof(ulong)];
        while (!destination.IsEmpty)
        {
            if (_used == BlockSize)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(nonce, _nextBlock++);
                Sodium.crypto_stream_chacha20(Block, BlockSize, nonce, Key);
                _used = 0;
            }
            var count = Math.Min(destination.Length, BlockSize - _used);
            var drawn = Block.Slice(_used, count);
            drawn.CopyTo(destination);
            // What was handed out is not kept.
            drawn.Clear();
            _used += count;
            destination = destination[count..];
        }
        GC.KeepAlive(this);
    }

    public void Dispose() => _memory.Dispose();
}

/// <summary>A repeatable ChaCha20 stream: for simulations and tests, and for choices that everybody must be able to repeat.</summary>
/// <remarks>The bytes depend on the seed and on how many were drawn before, not on how the draws were cut.</remarks>
public sealed class SeededRandom : IRandom
{
    private const int BlockSize = 1024;

    private readonly byte[] _key;
    private readonly byte[] _block = new byte[BlockSize];
    private ulong _nextBlock;
    private int _used = BlockSize;

    public SeededRandom(ReadOnlySpan<byte> seed) => _key = SHA256.HashData(seed);

    public SeededRandom(ulong seed) : this(LittleEndian(seed)) { }

    public void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (_used == BlockSize) Refill();
            var count = Math.Min(destination.Length, BlockSize - _used);
            _block.AsSpan(_used, count).CopyTo(destination);
            _used += count;
            destination = destination[count..];
        }
    }

    private void Refill()
    {
        Sodium.crypto_stream_chacha20(_block, BlockSize, LittleEndian(_nextBlock++), _key);
        _used = 0;
    }

    private static byte[] LittleEndian(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
