using System.Text;
using Protean.Runtime;

namespace Protean.Wasm.Modules;

/// <summary>Carries a refusal out of the reader; caught where reading began.</summary>
internal sealed class RefusedModuleException(Refusal refusal) : Exception(refusal.What)
{
    public Refusal Refusal { get; } = refusal;
}

/// <summary>Reads the primitives of the WebAssembly binary format and knows where it stands, for refusals.</summary>
internal sealed class CodeCursor(byte[] code)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public byte[] Code => code;

    public int Position { get; private set; }

    /// <summary>Where the section or body being read ends.</summary>
    public int End { get; set; } = code.Length;

    /// <summary>The function being read, for refusals.</summary>
    public uint? Function { get; set; }

    public bool AtEnd => Position == End;

    public byte U8() => Position < End ? code[Position++] : throw Refuse(Rules.Malformed, Position, "another byte", "the end");

    public ReadOnlySpan<byte> Take(uint length)
    {
        if (length > (uint)(End - Position)) throw Refuse(Rules.Malformed, Position, $"{length} bytes", $"{End - Position} left");
        var slice = code.AsSpan(Position, (int)length);
        Position += (int)length;
        return slice;
    }

    /// <summary>Unsigned LEB128 of at most 32 bits; padding as linkers write it is accepted.</summary>
    public uint U32()
    {
        var at = Position;
        var value = 0u;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = U8();
            if (shift == 28 && b > 0x0f) break;
            value |= (uint)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
        throw Refuse(Rules.Malformed, at, "an unsigned number of 32 bits", "a longer one");
    }

    public int S32() => (int)Signed(32, "a signed number of 32 bits");
    public long S64() => Signed(64, "a signed number of 64 bits");

    /// <summary>A count that must not exceed a limit, checked before anything is read or taken for it.</summary>
    public uint Count(Rule rule, uint limit)
    {
        var at = Position;
        var count = U32();
        if (count > limit) throw Refuse(rule, at, $"at most {limit}", $"{count}");
        // Every item takes at least a byte.
        if (count > (uint)(End - Position)) throw Refuse(Rules.Malformed, at, $"at most {End - Position} items", $"{count}");
        return count;
    }

    /// <summary>An index into what was declared before.</summary>
    public uint Index(string of, int count)
    {
        var at = Position;
        var index = U32();
        return index < (uint)count ? index : throw Refuse(Rules.Index, at, $"a {of} below {count}", $"{index}");
    }

    public string Name()
    {
        var at = Position;
        var bytes = Take(U32());
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Refuse(Rules.Malformed, at, "a name in UTF-8", "other bytes");
        }
    }

    public void Expect(byte value, Rule rule, string expected)
    {
        var at = Position;
        var got = U8();
        if (got != value) throw Refuse(rule, at, expected, $"0x{got:x2}");
    }

    public RefusedModuleException Refuse(Rule rule, int at, string expected, string got) =>
        new(new Refusal(rule.Code, rule.What, Function is { } f ? $"function {f}, byte {at}" : $"byte {at}", expected, got));

    private long Signed(int bits, string what)
    {
        var at = Position;
        var value = 0L;
        for (var shift = 0; shift < bits; shift += 7)
        {
            var b = U8();
            value |= (long)(b & 0x7f) << shift;
            if (b >= 0x80) continue;
            var unused = 64 - Math.Min(64, shift + 7);
            value = value << unused >> unused;
            // The last byte may only repeat the sign in the bits beyond the width.
            if (shift + 7 > bits && (sbyte)(b << 1) >> (bits - shift) is not (0 or -1)) break;
            return value;
        }
        throw Refuse(Rules.Malformed, at, what, "another");
    }
}
