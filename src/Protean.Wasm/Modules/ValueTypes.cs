namespace Protean.Wasm.Modules;

/// <summary>The value types a contract may use.</summary>
internal static class ValueTypes
{
    public const byte I32 = 0x7f;
    public const byte I64 = 0x7e;

    public static byte Require(CodeCursor cursor, int at, byte type) => type switch
    {
        I32 or I64 => type,
        0x7d or 0x7c => throw cursor.Refuse(Rules.Float, at, "i32 or i64", type == 0x7d ? "f32" : "f64"),
        0x7b => throw cursor.Refuse(Rules.Vector, at, "i32 or i64", "v128"),
        _ => throw cursor.Refuse(Rules.Unsupported, at, "i32 or i64", $"type 0x{type:x2}"),
    };

    public static byte Read(CodeCursor cursor)
    {
        var at = cursor.Position;
        return Require(cursor, at, cursor.U8());
    }
}
