using System.Buffers.Binary;

namespace Protean.Fuzz;

/// <summary>Changes inputs at random, as one seed has it: bits, lengths, ends, pieces of other inputs.</summary>
internal sealed class Mutator(int seed)
{
    private const int MaxChanges = 4;

    private static readonly uint[] Lengths = [0, 1, 0x7f, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

    private readonly Random _dice = new(seed);

    public byte[] Change(byte[] input, IReadOnlyList<byte[]> others)
    {
        var changed = input;
        for (var left = _dice.Next(1, MaxChanges + 1); left > 0; left--) changed = Once(changed, others);
        return changed;
    }

    private byte[] Once(byte[] input, IReadOnlyList<byte[]> others)
    {
        if (input.Length == 0) return [(byte)_dice.Next(256)];
        var (at, copy) = (_dice.Next(input.Length), (byte[])input.Clone());
        switch (_dice.Next(8))
        {
            case 0: copy[at] ^= (byte)(1 << _dice.Next(8)); return copy;
            case 1: copy[at] = (byte)_dice.Next(256); return copy;
            case 2: copy[at] += (byte)(_dice.Next(2) == 0 ? 1 : 255); return copy;
            case 3 when at + sizeof(uint) <= copy.Length:
                BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(at), Lengths[_dice.Next(Lengths.Length)]);
                return copy;
            case 4: return input[..at];
            case 5: return [.. input[..at], .. input[_dice.Next(at, input.Length)..]];
            case 6: return [.. input[..at], (byte)_dice.Next(256), .. input[at..]];
            default:
                var other = others[_dice.Next(others.Count)];
                return other.Length == 0 ? copy : [.. input[..at], .. other[_dice.Next(other.Length)..]];
        }
    }
}
