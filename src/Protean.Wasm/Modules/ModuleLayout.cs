namespace Protean.Wasm.Modules;

/// <summary>A function type: how many values go in (0 or more), and the one that comes out, if any.</summary>
internal sealed record FunctionType(byte[] Parameters, byte? Result);

/// <summary>A section as it stands in the code.</summary>
internal readonly record struct Section(byte Id, int ContentStart, int ContentEnd);

/// <summary>A defined function as it stands in the code, with what the rewriting must know.</summary>
internal sealed class FunctionBody
{
    public required FunctionType Type { get; init; }

    /// <summary>First byte of the locals' declaration.</summary>
    public required int Start { get; init; }

    /// <summary>First byte of the instructions.</summary>
    public int InstructionsStart { get; set; }

    /// <summary>One past the final <c>end</c>.</summary>
    public required int End { get; init; }

    /// <summary>Slots of the stack that one activation is charged.</summary>
    public int StackSlots { get; set; }

    /// <summary>Instructions that the rewriting replaces, in order.</summary>
    public List<Replacement> Replacements { get; } = [];
}

/// <summary>A <c>return</c> that leaves <paramref name="Depth"/> blocks, or a <c>memory.grow</c>.</summary>
internal readonly record struct Replacement(int Start, int End, bool IsReturn, int Depth);

/// <summary>A module that keeps every rule, and where its parts stand.</summary>
internal sealed class ModuleLayout
{
    public required byte[] Code { get; init; }
    public List<Section> Sections { get; } = [];
    public List<FunctionType> Types { get; } = [];

    /// <summary>The type of every function, imports first.</summary>
    public List<FunctionType> Functions { get; } = [];

    public int ImportCount { get; set; }
    public int GlobalCount { get; set; }
    public int ExportCount { get; set; }
    public List<FunctionBody> Bodies { get; } = [];
    public uint? MemoryPages { get; set; }
    public uint MaximumPages { get; set; }
    public uint? TableElements { get; set; }
}
