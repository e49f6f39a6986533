using Protean.Runtime;

namespace Protean.Wasm.Modules;

/// <summary>Reads a contract's module to the last byte and refuses what is not deterministic, not bounded or not understood (WebAssembly
/// core specification 1.0, section 5, with the integer parts of sign extension and bulk memory).</summary>
/// <remarks>Types of operands are left to the engine that compiles the module; here stands what the engine would let pass.</remarks>
internal sealed class ModuleReader
{
    private const byte FunctionReference = 0x70;
    private const byte FunctionForm = 0x60;
    private const int BytesPerPage = 64 << 10;

    // Data count (12) stands before code (10).
    private static readonly byte[] SectionOrder = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

    private readonly CodeCursor _cursor;
    private readonly ModuleLayout _layout;
    private bool _memoryExported;
    private uint? _invoke;

    private ModuleReader(byte[] code)
    {
        _cursor = new CodeCursor(code);
        _layout = new ModuleLayout { Code = code };
    }

    /// <summary>The layout, or why the module is refused.</summary>
    public static (ModuleLayout? Layout, Refusal? Refusal) Read(byte[] code)
    {
        try
        {
            return (new ModuleReader(code).Read(), null);
        }
        catch (RefusedModuleException refused)
        {
            return (null, refused.Refusal);
        }
    }

    private ModuleLayout Read()
    {
        var size = _cursor.Code.Length;
        if (size > Limits.MaxContractCode) throw _cursor.Refuse(Rules.CodeSize, 0, $"at most {Limits.MaxContractCode} bytes", $"{size}");
        if (!_cursor.Code.AsSpan().StartsWith("\0asm\u0001\0\0\0"u8))
            throw _cursor.Refuse(Rules.Version, 0, "0061736d01000000", Convert.ToHexStringLower(_cursor.Code.AsSpan(0, Math.Min(8, size))));
        _cursor.Take(8);

        var last = -1;
        while (!_cursor.AtEnd) ReadSection(ref last);
        RequireWhole();
        return _layout;
    }

    private void ReadSection(ref int last)
    {
        var at = _cursor.Position;
        var id = _cursor.U8();
        var length = _cursor.U32();
        var start = _cursor.Position;
        var moduleEnd = _cursor.End;
        if (length > (uint)(moduleEnd - start))
            throw _cursor.Refuse(Rules.Malformed, at, $"a section of at most {moduleEnd - start} bytes", $"{length}");
        _cursor.End = start + (int)length;
        if (id == 0)
        {
            _cursor.Name();
            _cursor.Take((uint)(_cursor.End - _cursor.Position));
        }
        else
        {
            var order = Array.IndexOf(SectionOrder, id);
            if (order < 0) throw _cursor.Refuse(Rules.Unsupported, at, "a section of WebAssembly 1.0", $"section {id}");
            if (order <= last) throw _cursor.Refuse(Rules.Malformed, at, "sections in order, each once", $"section {id}");
            last = order;
            _layout.Sections.Add(new Section(id, start, _cursor.End));
            ReadContent(id, at);
        }
        if (!_cursor.AtEnd)
            throw _cursor.Refuse(Rules.Malformed, _cursor.Position, "the section's end", $"{_cursor.End - _cursor.Position} more bytes");
        _cursor.End = moduleEnd;
    }

    private void ReadContent(byte id, int at)
    {
        switch (id)
        {
            case 1: ReadTypes(); break;
            case 2: ReadImports(); break;
            case 3: ReadFunctions(); break;
            case 4: ReadTables(); break;
            case 5: ReadMemories(); break;
            case 6: ReadGlobals(); break;
            case 7: ReadExports(); break;
            case 8: throw _cursor.Refuse(Rules.Start, at, "no start section", "one");
            case 9: ReadElements(); break;
            case 10: ReadCode(); break;
            case 11: ReadData(); break;
            default: _cursor.U32(); break;
        }
    }

    private void RequireWhole()
    {
        var end = _cursor.Position;
        var defined = _layout.Functions.Count - _layout.ImportCount;
        if (_layout.Bodies.Count != defined)
            throw _cursor.Refuse(Rules.Malformed, end, $"{defined} function bodies", $"{_layout.Bodies.Count}");
        if (_layout.MemoryPages is null || !_memoryExported)
            throw _cursor.Refuse(Rules.Memory, end, "a memory exported as \"memory\"", "none");
        if (_invoke is null) throw _cursor.Refuse(Rules.Invoke, end, "an export \"invoke\"", "none");
    }

    private void ReadTypes()
    {
        for (var left = _cursor.Count(Rules.TypeCount, Limits.MaxModuleTypes); left > 0; left--)
        {
            _cursor.Expect(FunctionForm, Rules.Unsupported, "a function type (0x60)");
            var parameters = new byte[_cursor.Count(Rules.Locals, (uint)Limits.MaxFunctionLocals)];
            for (var i = 0; i < parameters.Length; i++) parameters[i] = ValueTypes.Read(_cursor);
            var results = _cursor.Count(Rules.MultiValue, 1);
            _layout.Types.Add(new FunctionType(parameters, results == 0 ? null : ValueTypes.Read(_cursor)));
        }
    }

    private void ReadImports()
    {
        for (var left = _cursor.Count(Rules.ImportCount, Limits.MaxModuleImports); left > 0; left--)
        {
            var at = _cursor.Position;
            _cursor.Function = (uint)_layout.Functions.Count;
            var name = $"{_cursor.Name()}.{_cursor.Name()}";
            _cursor.Expect(0, Rules.ImportUnknown, "a function");
            var type = _layout.Types[(int)_cursor.Index("type", _layout.Types.Count)];
            const string prefix = HostSignatures.Module + ".";
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || !HostSignatures.All.TryGetValue(name[prefix.Length..], out var host))
                throw _cursor.Refuse(Rules.ImportUnknown, at, $"a function of \"{HostSignatures.Module}\"", Quoted(name));
            var fits = type.Parameters.Length == host.Parameters && type.Parameters.All(static p => p == ValueTypes.I32)
                && type.Result == (host.HasResult ? ValueTypes.I32 : null);
            if (!fits)
                throw _cursor.Refuse(Rules.ImportSignature, at, $"{host.Parameters} i32 in, {(host.HasResult ? 1 : 0)} out", "another type");
            _layout.Functions.Add(type);
        }
        _layout.ImportCount = _layout.Functions.Count;
        _cursor.Function = null;
    }

    private void ReadFunctions()
    {
        for (var left = _cursor.Count(Rules.FunctionCount, Limits.MaxModuleFunctions); left > 0; left--)
            _layout.Functions.Add(_layout.Types[(int)_cursor.Index("type", _layout.Types.Count)]);
    }

    private void ReadTables()
    {
        if (_cursor.Count(Rules.Table, 1) == 0) return;
        _cursor.Expect(FunctionReference, Rules.Table, "a table of functions (0x70)");
        var at = _cursor.Position;
        var flags = _cursor.U8();
        if (flags > 1) throw _cursor.Refuse(Rules.Table, at, "limits 0 or 1", $"{flags}");
        var elements = _cursor.U32();
        if (elements > Limits.MaxContractTable)
            throw _cursor.Refuse(Rules.Table, at, $"at most {Limits.MaxContractTable} functions", $"{elements}");
        if (flags == 1) _cursor.U32();
        _layout.TableElements = elements;
    }

    private void ReadMemories()
    {
        if (_cursor.Count(Rules.Memory, 1) == 0) return;
        var at = _cursor.Position;
        var flags = _cursor.U8();
        if (flags is 2 or 3) throw _cursor.Refuse(Rules.Atomic, at, "a memory that is not shared", $"limits {flags}");
        if (flags != 1) throw _cursor.Refuse(Rules.MemoryLimits, at, "a declared maximum (limits 1)", $"limits {flags}");
        var pages = _cursor.U32();
        var maximum = _cursor.U32();
        if (maximum > Limits.MaxContractPages || pages > maximum)
            throw _cursor.Refuse(Rules.MemoryLimits, at, $"pages <= maximum <= {Limits.MaxContractPages}", $"{pages} and {maximum}");
        (_layout.MemoryPages, _layout.MaximumPages) = (pages, maximum);
    }

    private void ReadGlobals()
    {
        for (var left = _cursor.Count(Rules.GlobalCount, Limits.MaxModuleGlobals); left > 0; left--)
        {
            var type = ValueTypes.Read(_cursor);
            var at = _cursor.Position;
            if (_cursor.U8() > 1) throw _cursor.Refuse(Rules.Unsupported, at, "mutable 0 or 1", "another flag");
            if (type == ValueTypes.I32)
                ReadConstant();
            else
                ReadConstant64();
            _layout.GlobalCount++;
        }
    }

    /// <summary>The address or value <c>i32.const x end</c>: nothing else has a value before the module runs.</summary>
    private uint ReadConstant()
    {
        _cursor.Expect(Opcode.I32Const, Rules.Unsupported, "i32.const");
        var value = _cursor.S32();
        _cursor.Expect(Opcode.End, Rules.Unsupported, "the end of the constant");
        return (uint)value;
    }

    private void ReadConstant64()
    {
        _cursor.Expect(Opcode.I64Const, Rules.Unsupported, "i64.const");
        _cursor.S64();
        _cursor.Expect(Opcode.End, Rules.Unsupported, "the end of the constant");
    }

    private void ReadExports()
    {
        for (var left = _cursor.Count(Rules.ExportCount, Limits.MaxModuleExports); left > 0; left--)
        {
            var at = _cursor.Position;
            var name = _cursor.Name();
            var kind = _cursor.U8();
            var index = kind switch
            {
                0 => _cursor.Index("function", _layout.Functions.Count),
                1 => _cursor.Index("table", _layout.TableElements is null ? 0 : 1),
                2 => _cursor.Index("memory", _layout.MemoryPages is null ? 0 : 1),
                3 => _cursor.Index("global", _layout.GlobalCount),
                _ => throw _cursor.Refuse(Rules.Unsupported, at, "a function, table, memory or global", $"kind {kind}"),
            };
            if (name.StartsWith(ModuleWriter.ReservedPrefix, StringComparison.Ordinal))
                throw _cursor.Refuse(Rules.ExportName, at, $"no name that begins with {ModuleWriter.ReservedPrefix}", Quoted(name));
            if (name == "memory") _memoryExported = kind == 2 ? true : throw _cursor.Refuse(Rules.Memory, at, "a memory", $"kind {kind}");
            if (name == "invoke") _invoke = RequireInvoke(at, kind, index);
            _layout.ExportCount++;
        }
    }

    private uint RequireInvoke(int at, byte kind, uint index)
    {
        if (kind == 0 && index >= _layout.ImportCount && _layout.Functions[(int)index] is { Parameters.Length: 0, Result: null })
            return index;
        throw _cursor.Refuse(Rules.Invoke, at, "a function of the module, () -> ()", "another export");
    }

    private void ReadElements()
    {
        for (var left = _cursor.Count(Rules.ElementCount, Limits.MaxModuleElements); left > 0; left--)
        {
            var at = _cursor.Position;
            _cursor.Expect(0, Rules.Unsupported, "an active segment of table 0");
            var start = ReadConstant();
            var count = _cursor.Count(Rules.Table, Limits.MaxContractTable);
            if (start + (ulong)count > (_layout.TableElements ?? 0))
                throw _cursor.Refuse(Rules.SegmentRange, at, $"a table of {start + (ulong)count}", $"{_layout.TableElements ?? 0}");
            for (; count > 0; count--) _cursor.Index("function", _layout.Functions.Count);
        }
    }

    private void ReadCode()
    {
        var count = _cursor.Count(Rules.FunctionCount, Limits.MaxModuleFunctions);
        var defined = _layout.Functions.Count - _layout.ImportCount;
        if (count != defined) throw _cursor.Refuse(Rules.Malformed, _cursor.Position, $"{defined} function bodies", $"{count}");
        var sectionEnd = _cursor.End;
        for (var i = _layout.ImportCount; i < _layout.Functions.Count; i++)
        {
            _cursor.Function = (uint)i;
            var length = _cursor.Count(Rules.BodySize, Limits.MaxFunctionBody);
            _cursor.End = _cursor.Position + (int)length;
            var body = new FunctionBody { Type = _layout.Functions[i], Start = _cursor.Position, End = _cursor.End };
            new BodyReader(_cursor, _layout, body).Read();
            _layout.Bodies.Add(body);
            _cursor.End = sectionEnd;
        }
        _cursor.Function = null;
    }

    private void ReadData()
    {
        for (var left = _cursor.Count(Rules.DataCount, Limits.MaxModuleData); left > 0; left--)
        {
            var at = _cursor.Position;
            _cursor.Expect(0, Rules.Unsupported, "an active segment of memory 0");
            var start = ReadConstant();
            var length = _cursor.U32();
            _cursor.Take(length);
            var bytes = (ulong)(_layout.MemoryPages ?? 0) * BytesPerPage;
            if (start + (ulong)length > bytes)
                throw _cursor.Refuse(Rules.SegmentRange, at, $"a memory of {start + (ulong)length} bytes", $"{bytes}");
        }
    }

    private static string Quoted(string name) => name.Length <= 64 ? $"\"{name}\"" : $"\"{name[..64]}..\"";
}
