namespace Protean.Wasm.Modules;

/// <summary>What follows an opcode in the code.</summary>
internal enum Immediate : byte
{
    /// <summary>The opcode is refused, with the rule that stands beside it.</summary>
    Refused,
    None,
    BlockType,
    Label,
    LabelTable,
    Function,
    IndirectType,
    Local,
    Global,
    MemoryAccess,
    MemoryIndex,
    I32,
    I64,
}

/// <summary>How an opcode reads on and what it does to the height of the operand stack. Control opcodes do more than the table
/// says.</summary>
internal readonly record struct Instruction(Immediate Immediate, int Pops = 0, int Pushes = 0);

internal static class Opcode
{
    public const byte Unreachable = 0x00;
    public const byte Block = 0x02;
    public const byte Loop = 0x03;
    public const byte If = 0x04;
    public const byte Else = 0x05;
    public const byte End = 0x0b;
    public const byte Br = 0x0c;
    public const byte BrTable = 0x0e;
    public const byte Return = 0x0f;
    public const byte Call = 0x10;
    public const byte LocalGet = 0x20;
    public const byte LocalTee = 0x22;
    public const byte GlobalGet = 0x23;
    public const byte GlobalSet = 0x24;
    public const byte MemorySize = 0x3f;
    public const byte MemoryGrow = 0x40;
    public const byte I32Const = 0x41;
    public const byte I64Const = 0x42;
    public const byte I32Eq = 0x46;
    public const byte I32LtS = 0x48;
    public const byte I64LeU = 0x58;
    public const byte I32Add = 0x6a;
    public const byte I32Sub = 0x6b;
    public const byte I64Add = 0x7c;
    public const byte I64ExtendI32U = 0xad;
    public const byte BulkPrefix = 0xfc;
    public const byte VectorPrefix = 0xfd;
    public const byte AtomicPrefix = 0xfe;
}

/// <summary>The instructions a contract may use: WebAssembly 1.0 without floating point, with sign extension and memory.copy and
/// memory.fill.</summary>
internal static class Instructions
{
    /// <summary>After <see cref="Opcode.BulkPrefix"/>.</summary>
    public const uint MemoryCopy = 10;

    /// <summary>After <see cref="Opcode.BulkPrefix"/>.</summary>
    public const uint MemoryFill = 11;

    private static readonly Instruction[] Table = Build();

    public static Instruction Of(byte opcode) => Table[opcode];

    public static Rule RefusalOf(byte opcode) => opcode switch
    {
        0x2a or 0x2b or 0x38 or 0x39 or 0x43 or 0x44 => Rules.Float,
        >= 0x5b and <= 0x66 or >= 0x8b and <= 0xa6 or >= 0xa8 and <= 0xab or >= 0xae and <= 0xbf => Rules.Float,
        Opcode.VectorPrefix => Rules.Vector,
        Opcode.AtomicPrefix => Rules.Atomic,
        _ => Rules.Unsupported,
    };

    private static Instruction[] Build()
    {
        var table = new Instruction[256];
        void Set(byte first, byte last, Instruction instruction) => table.AsSpan(first, last - first + 1).Fill(instruction);

        Set(0x00, 0x01, new(Immediate.None));                  // unreachable, nop
        Set(0x02, 0x03, new(Immediate.BlockType));             // block, loop
        Set(0x04, 0x04, new(Immediate.BlockType, Pops: 1));    // if
        Set(0x05, 0x05, new(Immediate.None));                  // else
        Set(0x0b, 0x0b, new(Immediate.None));                  // end
        Set(0x0c, 0x0c, new(Immediate.Label));                 // br
        Set(0x0d, 0x0d, new(Immediate.Label, Pops: 1));        // br_if
        Set(0x0e, 0x0e, new(Immediate.LabelTable, Pops: 1));   // br_table
        Set(0x0f, 0x0f, new(Immediate.None));                  // return
        Set(0x10, 0x10, new(Immediate.Function));              // call
        Set(0x11, 0x11, new(Immediate.IndirectType, Pops: 1)); // call_indirect
        Set(0x1a, 0x1a, new(Immediate.None, 1));               // drop
        Set(0x1b, 0x1b, new(Immediate.None, 3, 1));            // select
        Set(0x20, 0x20, new(Immediate.Local, 0, 1));           // local.get
        Set(0x21, 0x21, new(Immediate.Local, 1));              // local.set
        Set(0x22, 0x22, new(Immediate.Local, 1, 1));           // local.tee
        Set(0x23, 0x23, new(Immediate.Global, 0, 1));          // global.get
        Set(0x24, 0x24, new(Immediate.Global, 1));             // global.set
        Set(0x28, 0x29, new(Immediate.MemoryAccess, 1, 1));    // i32.load, i64.load
        Set(0x2c, 0x35, new(Immediate.MemoryAccess, 1, 1));    // narrow integer loads
        Set(0x36, 0x37, new(Immediate.MemoryAccess, 2));       // i32.store, i64.store
        Set(0x3a, 0x3e, new(Immediate.MemoryAccess, 2));       // narrow integer stores
        Set(0x3f, 0x3f, new(Immediate.MemoryIndex, 0, 1));     // memory.size
        Set(0x40, 0x40, new(Immediate.MemoryIndex, 1, 1));     // memory.grow
        Set(0x41, 0x41, new(Immediate.I32, 0, 1));             // i32.const
        Set(0x42, 0x42, new(Immediate.I64, 0, 1));             // i64.const
        Set(0x45, 0x45, new(Immediate.None, 1, 1));            // i32.eqz
        Set(0x46, 0x4f, new(Immediate.None, 2, 1));            // i32 comparisons
        Set(0x50, 0x50, new(Immediate.None, 1, 1));            // i64.eqz
        Set(0x51, 0x5a, new(Immediate.None, 2, 1));            // i64 comparisons
        Set(0x67, 0x69, new(Immediate.None, 1, 1));            // i32 clz, ctz, popcnt
        Set(0x6a, 0x78, new(Immediate.None, 2, 1));            // i32 arithmetic
        Set(0x79, 0x7b, new(Immediate.None, 1, 1));            // i64 clz, ctz, popcnt
        Set(0x7c, 0x8a, new(Immediate.None, 2, 1));            // i64 arithmetic
        Set(0xa7, 0xa7, new(Immediate.None, 1, 1));            // i32.wrap_i64
        Set(0xac, 0xad, new(Immediate.None, 1, 1));            // i64.extend_i32
        Set(0xc0, 0xc4, new(Immediate.None, 1, 1));            // sign extension
        return table;
    }
}
