using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Protean.Cryptography;

/// <summary>The Fiat-Shamir transcript of protocols 0.2: a chain of SHA-512, every part under its label and length.</summary>
/// <remarks>Rule FS: absorb the complete statement (keys, generators, inputs, outputs, context, prover) before the first
/// challenge.</remarks>
public sealed class Transcript
{
    internal const int StateSize = SHA512.HashSizeInBytes;
    private const int LengthSize = sizeof(uint);
    private const int MaxLabelLength = 32;
    private const int OnStack = 512;
    private const int ShortChallenge = 16;

    private readonly byte[] _state = new byte[StateSize];

    public Transcript(string domain)
    {
        var protocol = "PROTEAN-FS-v1"u8;
        var name = Encoding.ASCII.GetBytes(domain);
        Span<byte> input = stackalloc byte[LengthSize + protocol.Length + LengthSize + name.Length];
        WritePart(WritePart(input, protocol), name);
        SHA512.HashData(input, _state);
    }

    /// <summary>The 64 bytes that stand for everything absorbed so far.</summary>
    internal ReadOnlySpan<byte> State => _state;

    public Transcript Absorb(string label, ReadOnlySpan<byte> data)
    {
        var length = StateSize + 1 + LengthSize + label.Length + LengthSize + data.Length;
        var input = length <= OnStack ? stackalloc byte[length] : new byte[length];
        WritePart(Begin(input, 0x01, label), data);
        SHA512.HashData(input, _state);
        return this;
    }

    /// <summary>Absorbs the points one by one, for a number that the protocol fixes.</summary>
    public Transcript Absorb(string label, params ReadOnlySpan<Point> points)
    {
        foreach (ref readonly var point in points) Absorb(label, point.Span);
        return this;
    }

    /// <summary>Absorbs count and points at once, for a number that varies.</summary>
    public Transcript AbsorbList(string label, ReadOnlySpan<Point> points) =>
        AbsorbList(label, points.Length, MemoryMarshal.AsBytes(points));

    /// <summary>Absorbs a list of scalars.</summary>
    public Transcript AbsorbList(string label, ReadOnlySpan<Scalar> scalars) =>
        AbsorbList(label, scalars.Length, MemoryMarshal.AsBytes(scalars));

    /// <summary>A challenge modulo the group order.</summary>
    public Scalar Challenge(string label)
    {
        Span<byte> wide = stackalloc byte[StateSize];
        Draw(label, wide);
        return Scalar.Reduce(wide);
    }

    /// <summary><paramref name="count"/> challenges modulo the group order.</summary>
    public Scalar[] ChallengeVector(string label, int count) => ChallengeVector(label, count, StateSize);

    /// <summary><paramref name="count"/> challenges of 128 bits: enough for batch weights, and cheaper to multiply by.</summary>
    public Scalar[] ChallengeVector128(string label, int count) => ChallengeVector(label, count, ShortChallenge);

    internal Transcript AbsorbList(string label, int count, ReadOnlySpan<byte> items)
    {
        var list = new byte[LengthSize + items.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(list, (uint)count);
        items.CopyTo(list.AsSpan(LengthSize));
        return Absorb(label, list);
    }

    private Scalar[] ChallengeVector(string label, int count, int used)
    {
        Span<byte> input = stackalloc byte[StateSize + sizeof(uint)];
        Draw(label, input[..StateSize]);
        Span<byte> wide = stackalloc byte[StateSize];
        var challenges = new Scalar[count];
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(input[StateSize..], (uint)i);
            SHA512.HashData(input, wide);
            wide[used..].Clear();
            challenges[i] = Scalar.Reduce(wide);
        }
        return challenges;
    }

    private void Draw(string label, Span<byte> drawn)
    {
        Span<byte> input = stackalloc byte[StateSize + 1 + LengthSize + MaxLabelLength];
        input = input[..^(Begin(input, 0x02, label).Length)];
        SHA512.HashData(input, drawn);
        input[StateSize] = 0x03;
        SHA512.HashData(input, _state);
    }

    /// <summary>Writes <c>state || kind || lp(label)</c> and returns what is left.</summary>
    private Span<byte> Begin(Span<byte> destination, byte kind, string label)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, MaxLabelLength);
        _state.CopyTo(destination);
        destination[StateSize] = kind;
        Span<byte> name = stackalloc byte[MaxLabelLength];
        return WritePart(destination[(StateSize + 1)..], name[..Encoding.ASCII.GetBytes(label, name)]);
    }

    private static Span<byte> WritePart(Span<byte> destination, scoped ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)part.Length);
        part.CopyTo(destination[LengthSize..]);
        return destination[(LengthSize + part.Length)..];
    }
}
