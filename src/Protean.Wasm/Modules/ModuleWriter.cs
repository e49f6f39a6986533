namespace Protean.Wasm.Modules;

/// <summary>Writes the form of a module that is compiled: the published one with a count of the stack in every function, since how deep a
/// native stack reaches differs between machines, and with a <c>memory.grow</c> that cannot fail unseen for want of the machine's
/// memory.</summary>
/// <remarks>A function becomes <c>slots -= n; if (slots &lt; 0) unreachable; block body end; slots += n</c>. Branches to the function's own
/// label now leave the block, at the same index; <c>return</c> becomes such a branch. New parts stand at the end of their index spaces,
/// so that no index in the code changes.</remarks>
internal sealed class ModuleWriter
{
    /// <summary>No export of a contract begins so.</summary>
    public const string ReservedPrefix = "protean:";

    /// <summary>The exported count of stack slots that are left.</summary>
    public const string StackExport = ReservedPrefix + "stack";

    /// <summary>The count's value after this machine could not give memory that the contract was entitled to.</summary>
    public const int NoMachineMemory = int.MinValue;

    private const byte Empty = 0x40;

    private readonly ModuleLayout _layout;
    private readonly CodeWriter _module = new();
    private readonly uint _stackGlobal;
    private readonly uint _growFunction;
    private readonly uint _growType;
    private readonly bool _grows;

    private ModuleWriter(ModuleLayout layout)
    {
        _layout = layout;
        _stackGlobal = (uint)layout.GlobalCount;
        _growFunction = (uint)layout.Functions.Count;
        _growType = (uint)layout.Types.Count;
        _grows = layout.Bodies.Any(static body => body.Replacements.Any(static r => !r.IsReturn));
    }

    // (i32) -> i32
    private static ReadOnlySpan<byte> GrowType => [0x60, 1, ValueTypes.I32, 1, ValueTypes.I32];

    public static byte[] Write(ModuleLayout layout) => new ModuleWriter(layout).Write();

    private byte[] Write()
    {
        _module.Raw(_layout.Code.AsSpan(0, 8));
        var globalsWritten = false;
        foreach (var section in _layout.Sections)
        {
            if (section.Id > 6 && !globalsWritten) WriteGlobals(default);
            globalsWritten |= section.Id >= 6;
            switch (section.Id)
            {
                case 1 when _grows: WriteExtended(section, _layout.Types.Count, static to => to.Raw(GrowType)); break;
                case 3 when _grows: WriteExtended(section, _layout.Bodies.Count, to => to.U32(_growType)); break;
                case 6: WriteGlobals(section); break;
                case 7: WriteExtended(section, _layout.ExportCount, to => to.Text(StackExport).U8(3).U32(_stackGlobal)); break;
                case 10: WriteCode(); break;
                default: WriteSection(section.Id, to => to.Raw(_layout.Code.AsSpan(section.ContentStart..section.ContentEnd))); break;
            }
        }
        return _module.ToArray();
    }

    private void WriteSection(byte id, Action<CodeWriter> write)
    {
        var content = new CodeWriter();
        write(content);
        _module.U8(id).U32((uint)content.Length).Raw(content.Written);
    }

    /// <summary>A section that is a counted list, with one item more.</summary>
    private void WriteExtended(Section section, int count, Action<CodeWriter> item) => WriteSection(section.Id, to =>
    {
        to.U32((uint)count + 1).Raw(ItemsOf(section));
        item(to);
    });

    private ReadOnlySpan<byte> ItemsOf(Section section)
    {
        var start = section.ContentStart;
        while (_layout.Code[start] >= 0x80) start++;
        return _layout.Code.AsSpan(start + 1, section.ContentEnd - start - 1);
    }

    private void WriteGlobals(Section section) => WriteSection(6, to =>
    {
        to.U32(_stackGlobal + 1);
        if (section.Id == 6) to.Raw(ItemsOf(section));
        to.U8(ValueTypes.I32).U8(1).U8(Opcode.I32Const).S32(Limits.MaxStackSlots).U8(Opcode.End);
    });

    private void WriteCode() => WriteSection(10, to =>
    {
        to.U32((uint)(_layout.Bodies.Count + (_grows ? 1 : 0)));
        foreach (var body in _layout.Bodies) WriteBody(to, body);
        if (_grows) WriteGrow(to);
    });

    private void WriteBody(CodeWriter to, FunctionBody body)
    {
        var content = new CodeWriter();
        content.Raw(_layout.Code.AsSpan(body.Start..body.InstructionsStart));
        WriteEntry(content, body.StackSlots);
        content.U8(Opcode.Block).U8(body.Type.Result ?? Empty);
        WriteInstructions(content, body);
        content.U8(Opcode.GlobalGet).U32(_stackGlobal).U8(Opcode.I32Const).S32(body.StackSlots).U8(Opcode.I32Add)
            .U8(Opcode.GlobalSet).U32(_stackGlobal).U8(Opcode.End);
        to.U32((uint)content.Length).Raw(content.Written);
    }

    private void WriteEntry(CodeWriter to, int slots) =>
        to.U8(Opcode.GlobalGet).U32(_stackGlobal).U8(Opcode.I32Const).S32(slots).U8(Opcode.I32Sub)
            .U8(Opcode.GlobalSet).U32(_stackGlobal)
            .U8(Opcode.GlobalGet).U32(_stackGlobal).U8(Opcode.I32Const).S32(0).U8(Opcode.I32LtS)
            .U8(Opcode.If).U8(Empty).U8(Opcode.Unreachable).U8(Opcode.End);

    private void WriteInstructions(CodeWriter to, FunctionBody body)
    {
        var from = body.InstructionsStart;
        foreach (var replacement in body.Replacements)
        {
            to.Raw(_layout.Code.AsSpan(from..replacement.Start));
            if (replacement.IsReturn)
                to.U8(Opcode.Br).U32((uint)replacement.Depth);
            else
                to.U8(Opcode.Call).U32(_growFunction);
            from = replacement.End;
        }
        to.Raw(_layout.Code.AsSpan(from..body.End));
    }

    /// <summary><c>grow(pages)</c>: as <c>memory.grow</c>; where that fails although the declared maximum allows it, the trap is told
    /// apart by the stack count.</summary>
    private void WriteGrow(CodeWriter to)
    {
        var content = new CodeWriter();
        content.Raw([1, 1, ValueTypes.I32]);
        content.U8(Opcode.LocalGet).U32(0).U8(Opcode.MemoryGrow).U8(0).U8(Opcode.LocalTee).U32(1);
        content.U8(Opcode.I32Const).S32(-1).U8(Opcode.I32Eq).U8(Opcode.If).U8(Empty);
        content.U8(Opcode.MemorySize).U8(0).U8(Opcode.I64ExtendI32U).U8(Opcode.LocalGet).U32(0).U8(Opcode.I64ExtendI32U).U8(Opcode.I64Add);
        content.U8(Opcode.I64Const).S32((int)_layout.MaximumPages).U8(Opcode.I64LeU).U8(Opcode.If).U8(Empty);
        content.U8(Opcode.I32Const).S32(NoMachineMemory).U8(Opcode.GlobalSet).U32(_stackGlobal).U8(Opcode.Unreachable);
        content.U8(Opcode.End).U8(Opcode.End).U8(Opcode.LocalGet).U32(1).U8(Opcode.End);
        to.U32((uint)content.Length).Raw(content.Written);
    }
}
