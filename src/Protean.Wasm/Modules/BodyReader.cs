namespace Protean.Wasm.Modules;

/// <summary>Reads one function: every instruction allowed, every index declared, the operand stack's height known, so that the machine
/// frame it needs can be charged before it runs.</summary>
internal sealed class BodyReader(CodeCursor cursor, ModuleLayout layout, FunctionBody body)
{
    // An open block: what opened it, the height below it, whether it leaves a value, whether its rest cannot be reached.
    private record struct Frame(byte Opcode, int Height, int Results, bool Unreachable);

    // Slots of a function beside its locals and operands: return address, saved registers, spilled pointers of the machine.
    private const int FrameSlots = 16;

    private readonly List<Frame> _frames = [];
    private int _locals;
    private int _height;
    private int _highest;
    private int _at;

    public void Read()
    {
        ReadLocals();
        body.InstructionsStart = cursor.Position;
        Open(Opcode.Block, body.Type.Result is null ? 0 : 1);
        while (_frames.Count > 0) ReadInstruction();
        if (!cursor.AtEnd)
            throw cursor.Refuse(Rules.Malformed, cursor.Position, "the function's end", $"{cursor.End - cursor.Position} more bytes");
        body.StackSlots = FrameSlots + _locals + _highest;
    }

    private void ReadLocals()
    {
        var total = (ulong)body.Type.Parameters.Length;
        for (var groups = cursor.Count(Rules.Locals, (uint)Limits.MaxFunctionLocals); groups > 0; groups--)
        {
            var at = cursor.Position;
            total += cursor.U32();
            if (total > (ulong)Limits.MaxFunctionLocals)
                throw cursor.Refuse(Rules.Locals, at, $"at most {Limits.MaxFunctionLocals}", $"{total}");
            ValueTypes.Read(cursor);
        }
        _locals = (int)total;
    }

    private void ReadInstruction()
    {
        _at = cursor.Position;
        var opcode = cursor.U8();
        if (opcode == Opcode.BulkPrefix)
        {
            ReadBulk();
            return;
        }
        var instruction = Instructions.Of(opcode);
        if (instruction.Immediate == Immediate.Refused)
            throw cursor.Refuse(Instructions.RefusalOf(opcode), _at, "an allowed instruction", $"opcode 0x{opcode:x2}");
        Pop(instruction.Pops);
        ReadImmediate(opcode, instruction.Immediate);
        Push(instruction.Pushes);
    }

    private void ReadImmediate(byte opcode, Immediate immediate)
    {
        switch (immediate)
        {
            case Immediate.BlockType: Open(opcode, ReadBlockType()); break;
            case Immediate.Label: Branch(opcode); break;
            case Immediate.LabelTable: BranchTable(); break;
            case Immediate.Function: Call(layout.Functions[(int)cursor.Index("function", layout.Functions.Count)]); break;
            case Immediate.IndirectType: CallIndirect(); break;
            case Immediate.Local: cursor.Index("local", _locals); break;
            case Immediate.Global: cursor.Index("global", layout.GlobalCount); break;
            case Immediate.MemoryAccess: ReadMemoryAccess(); break;
            case Immediate.MemoryIndex: ReadMemoryIndex(opcode); break;
            case Immediate.I32: cursor.S32(); break;
            case Immediate.I64: cursor.S64(); break;
            case Immediate.None: Control(opcode); break;
            case Immediate.Refused: throw new InvalidOperationException("refused before");
        }
    }

    private void Control(byte opcode)
    {
        switch (opcode)
        {
            case Opcode.Unreachable: SetUnreachable(); break;
            case Opcode.Else: Else(); break;
            case Opcode.End: Push(Close().Results); break;
            case Opcode.Return: Return(); break;
        }
    }

    private void Open(byte opcode, int results)
    {
        if (_frames.Count > Limits.MaxFunctionNesting)
            throw cursor.Refuse(Rules.Nesting, _at, $"at most {Limits.MaxFunctionNesting}", "one more");
        _frames.Add(new Frame(opcode, _height, results, false));
    }

    private Frame Close()
    {
        var frame = _frames[^1];
        Pop(frame.Results);
        if (_height != frame.Height) throw cursor.Refuse(Rules.Balance, _at, $"height {frame.Height} at the block's end", $"{_height}");
        _frames.RemoveAt(_frames.Count - 1);
        return frame;
    }

    private void Else()
    {
        var frame = Close();
        if (frame.Opcode != Opcode.If) throw cursor.Refuse(Rules.Malformed, _at, "else after if", "else alone");
        Open(Opcode.Else, frame.Results);
    }

    private void Return()
    {
        Pop(_frames[0].Results);
        body.Replacements.Add(new Replacement(_at, cursor.Position, IsReturn: true, _frames.Count - 1));
        SetUnreachable();
    }

    private void Branch(byte opcode)
    {
        var values = LabelValues(cursor.Index("label", _frames.Count));
        Pop(values);
        if (opcode == Opcode.Br)
            SetUnreachable();
        else
            Push(values);
    }

    private void BranchTable()
    {
        var values = 0;
        // The default stands after the table's entries.
        for (var left = cursor.Count(Rules.BranchTable, Limits.MaxBranchTable) + 1; left > 0; left--)
            values = LabelValues(cursor.Index("label", _frames.Count));
        Pop(values);
        SetUnreachable();
    }

    /// <summary>Values a branch carries: a loop's label stands at its beginning, where it takes none.</summary>
    private int LabelValues(uint label)
    {
        var frame = _frames[_frames.Count - 1 - (int)label];
        return frame.Opcode == Opcode.Loop ? 0 : frame.Results;
    }

    private void Call(FunctionType type)
    {
        Pop(type.Parameters.Length);
        Push(type.Result is null ? 0 : 1);
    }

    private void CallIndirect()
    {
        var type = layout.Types[(int)cursor.Index("type", layout.Types.Count)];
        cursor.Index("table", layout.TableElements is null ? 0 : 1);
        Call(type);
    }

    private int ReadBlockType()
    {
        const byte empty = 0x40;
        var at = cursor.Position;
        var type = cursor.U8();
        if (type == empty) return 0;
        if (type < empty || type >= 0x80) throw cursor.Refuse(Rules.MultiValue, at, "no value, i32 or i64", "a type index");
        ValueTypes.Require(cursor, at, type);
        return 1;
    }

    private void ReadMemoryAccess()
    {
        const uint largestAlignment = 3;
        var at = cursor.Position;
        var alignment = cursor.U32();
        if (alignment > largestAlignment) throw cursor.Refuse(Rules.Unsupported, at, $"alignment 0..{largestAlignment}", $"{alignment}");
        cursor.U32();
        RequireMemory(at);
    }

    private void ReadMemoryIndex(byte opcode)
    {
        RequireMemory(cursor.Position);
        cursor.Expect(0, Rules.Unsupported, "memory 0");
        if (opcode == Opcode.MemoryGrow) body.Replacements.Add(new Replacement(_at, cursor.Position, IsReturn: false, 0));
    }

    private void ReadBulk()
    {
        var operation = cursor.U32();
        if (operation <= 7) throw cursor.Refuse(Rules.Float, _at, "an allowed instruction", $"opcode 0xfc {operation}");
        if (operation is not (Instructions.MemoryCopy or Instructions.MemoryFill))
            throw cursor.Refuse(Rules.Unsupported, _at, "memory.copy or memory.fill", $"opcode 0xfc {operation}");
        RequireMemory(_at);
        cursor.Expect(0, Rules.Unsupported, "memory 0");
        if (operation == Instructions.MemoryCopy) cursor.Expect(0, Rules.Unsupported, "memory 0");
        Pop(3);
    }

    private void RequireMemory(int at)
    {
        if (layout.MemoryPages is null) throw cursor.Refuse(Rules.Memory, at, "a memory", "none");
    }

    private void SetUnreachable()
    {
        var frame = _frames[^1];
        _height = frame.Height;
        _frames[^1] = frame with { Unreachable = true };
    }

    private void Push(int count)
    {
        _height += count;
        _highest = Math.Max(_highest, _height);
        if (_height > Limits.MaxFunctionOperands)
            throw cursor.Refuse(Rules.OperandStack, _at, $"at most {Limits.MaxFunctionOperands}", $"{_height}");
    }

    private void Pop(int count)
    {
        if (count == 0) return;
        var frame = _frames[^1];
        _height -= count;
        if (_height >= frame.Height) return;
        // Below an instruction that never goes on, the stack holds whatever is asked of it.
        if (!frame.Unreachable) throw cursor.Refuse(Rules.Balance, _at, $"{count} operands", $"{_height + count - frame.Height}");
        _height = frame.Height;
    }
}
