using System.Buffers;
using System.Text;

namespace Protean.Wasm.Modules;

/// <summary>Writes the primitives of the WebAssembly binary format.</summary>
internal sealed class CodeWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public int Length => _buffer.WrittenCount;
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;
    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public CodeWriter U8(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    public CodeWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _buffer.Write(bytes);
        return this;
    }

    public CodeWriter U32(uint value)
    {
        for (; value >= 0x80; value >>= 7) U8((byte)(value | 0x80));
        return U8((byte)value);
    }

    public CodeWriter S32(int value)
    {
        for (; value is < -64 or >= 64; value >>= 7) U8((byte)(value | 0x80));
        return U8((byte)(value & 0x7f));
    }

    public CodeWriter Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return U32((uint)bytes.Length).Raw(bytes);
    }
}
