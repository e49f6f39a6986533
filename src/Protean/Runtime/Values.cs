using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Decoder = Protean.Codec.Decoder;
using Encoder = Protean.Codec.Encoder;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Runtime;

/// <summary>Values by kind: what bytes a kind admits, and how people write them.</summary>
public static class Values
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether the bytes are a value of the kind. Effects are read by the state unit alone, so here any bytes pass for
    /// them.</summary>
    public static bool IsOf(ValueKind kind, ReadOnlySpan<byte> value) => kind switch
    {
        ValueKind.Bytes or ValueKind.Effects => true,
        ValueKind.Text => IsText(value),
        ValueKind.U64 => value.Length == sizeof(ulong),
        ValueKind.Digest => value.Length == Digest.Size,
        ValueKind.Key => value.Length == PublicKey.Size,
        ValueKind.Entries => IsEntries(value),
        _ => false,
    };

    /// <summary>Whether a value of one kind may stand where another is wanted: bytes take everything.</summary>
    public static bool Fits(ValueKind value, ValueKind wanted) => wanted == ValueKind.Bytes || value == wanted;

    /// <summary>The most bytes of a kind, or null where it has no bound of its own.</summary>
    public static int? FixedLength(ValueKind kind) => kind switch
    {
        ValueKind.U64 => sizeof(ulong),
        ValueKind.Digest => Digest.Size,
        ValueKind.Key => PublicKey.Size,
        _ => null,
    };

    public static Bytes OfU64(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Bytes.Wrap(bytes);
    }

    /// <summary>Reads what a person wrote: text as it is, numbers in decimal, everything else in hexadecimal.</summary>
    public static bool TryParse(ValueKind kind, string text, [NotNullWhen(true)] out Bytes? value)
    {
        value = kind switch
        {
            ValueKind.Text => Bytes.Of(text),
            ValueKind.U64 => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? OfU64(number) : null,
            _ => TryHex(text),
        };
        if (value is { } bytes && !IsOf(kind, bytes.Span)) value = null;
        return value is not null;
    }

    /// <summary>All entries below a prefix, in key order: the value of kind <see cref="ValueKind.Entries"/>.</summary>
    public static Bytes OfEntries(IReadOnlyList<(Bytes Key, Bytes Value)> entries) =>
        Bytes.Wrap(new Encoder().List(entries, static (to, entry) => to.Bytes(entry.Key.Span).Bytes(entry.Value.Span)).ToArray());

    /// <exception cref="MalformedException">Not the canonical form of a list of entries.</exception>
    public static IReadOnlyList<(Bytes Key, Bytes Value)> ReadEntries(ReadOnlySpan<byte> value)
    {
        var from = new Decoder(value);
        var entries = from.List(Limits.MaxValue, static (ref Decoder d) =>
            (new Bytes(d.Bytes(Limits.MaxValue)), new Bytes(d.Bytes(Limits.MaxValue))));
        from.End();
        Ascending.Require(entries, static entry => entry.Item1, "entries");
        return entries;
    }

    /// <exception cref="MalformedException">No kind of value.</exception>
    public static ValueKind DecodeKind(ref Decoder from)
    {
        var kind = (ValueKind)from.U8();
        return kind is >= ValueKind.Bytes and <= ValueKind.Entries ? kind : throw new MalformedException($"value kind {(byte)kind}");
    }

    /// <summary>The name of a kind in workflow files, in messages and in published interfaces.</summary>
    public static string NameOf(ValueKind kind) => kind switch
    {
        ValueKind.Bytes => "bytes",
        ValueKind.Text => "text",
        ValueKind.U64 => "u64",
        ValueKind.Digest => "digest",
        ValueKind.Key => "key",
        ValueKind.Effects => "effects",
        ValueKind.Entries => "entries",
        _ => $"kind {(byte)kind}",
    };

    private static Bytes? TryHex(string text)
    {
        if (text.Length % 2 != 0) return null;
        var bytes = new byte[text.Length / 2];
        return Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? Bytes.Wrap(bytes) : null;
    }

    private static bool IsText(ReadOnlySpan<byte> value)
    {
        try
        {
            _ = StrictUtf8.GetCharCount(value);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool IsEntries(ReadOnlySpan<byte> value)
    {
        try
        {
            _ = ReadEntries(value);
            return true;
        }
        catch (MalformedException)
        {
            return false;
        }
    }
}
