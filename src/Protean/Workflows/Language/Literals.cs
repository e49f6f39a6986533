using System.Globalization;
using Protean.Codec;
using Protean.Runtime;

namespace Protean.Workflows.Language;

/// <summary>Values as a workflow file writes them, after its shape was checked.</summary>
internal static class Literals
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ssZ";
    private const int DefaultMaxLength = 256;

    public static ValueKind KindOf(string word) => word switch
    {
        "text" => ValueKind.Text,
        "u64" or "time" => ValueKind.U64,
        "digest" => ValueKind.Digest,
        "key" => ValueKind.Key,
        _ => ValueKind.Bytes,
    };

    /// <summary>A declared client input; text and bytes may be 256 bytes long where nothing is said.</summary>
    public static ClientInput Input(string name, YamlPiece piece)
    {
        var kind = KindOf(((YamlScalar)(piece is YamlMapping mapping ? mapping.Find("type")! : piece)).Value);
        var max = piece is YamlMapping longest ? uint.Parse(((YamlScalar)longest.Find("max")!).Value, CultureInfo.InvariantCulture)
            : DefaultMaxLength;
        return new ClientInput(name, kind, (uint?)Values.FixedLength(kind) ?? max);
    }

    /// <summary>A number, or a time; null where it is neither, or too large.</summary>
    public static ulong? Number(string text)
    {
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, Utc, out var time)
            && time.ToUnixTimeMilliseconds() is >= 0 and var ms
            ? (ulong)ms : null;
    }

    /// <summary>A constant that says its type.</summary>
    public static Bytes? Typed(string type, string text) => type switch
    {
        "text" => Bytes.Of(text),
        "u64" or "time" => Number(text) is { } number ? Values.OfU64(number) : null,
        _ => Values.TryParse(ValueKind.Bytes, text, out var bytes) ? bytes : null,
    };
}
