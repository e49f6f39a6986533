using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Workflows;

/// <summary>A unit by what it offers; the ordinal chooses among several implementations of one class. The directory knows its
/// identifier.</summary>
public sealed record UnitName(string Class, uint Ordinal) : ICanonical<UnitName>
{
    public void Encode(Encoder to) => to.Text(Class).U32(Ordinal);
    public static UnitName Decode(ref Decoder from) => new(from.Text(Limits.MaxName), from.U32());
    public override string ToString() => Ordinal == 0 ? Class : $"{Class}#{Ordinal}";
}

/// <summary>A parameter that every instance must fix.</summary>
public sealed record Parameter(string Name, ValueKind Kind) : ICanonical<Parameter>
{
    public void Encode(Encoder to) => to.Text(Name).U8((byte)Kind);
    public static Parameter Decode(ref Decoder from) => new(from.Text(Limits.MaxName), Values.DecodeKind(ref from));
}

/// <summary>An input that the client gives with its request.</summary>
/// <param name="MaxLength">Bytes, at most.</param>
public sealed record ClientInput(string Name, ValueKind Kind, uint MaxLength) : ICanonical<ClientInput>
{
    public void Encode(Encoder to) => to.Text(Name).U8((byte)Kind).U32(MaxLength);

    public static ClientInput Decode(ref Decoder from)
    {
        var input = new ClientInput(from.Text(Limits.MaxName), Values.DecodeKind(ref from), from.U32());
        return input.MaxLength <= Limits.MaxValue ? input : throw new MalformedException($"input {input.Name} of {input.MaxLength} bytes");
    }
}

/// <summary>A task of an application as a graph of steps (paper 3.2): the canonical text that stands frozen in the state unit and inside
/// every plan.</summary>
/// <remarks>Steps depend on earlier ones only, so the graph has no cycle. A value of this type is well formed: every position points at
/// something.</remarks>
public sealed class Workflow : ICanonical<Workflow>, IEquatable<Workflow>
{
    private const byte Version = 1;
    private Digest? _codeHash;

    /// <exception cref="MalformedException">A position points at nothing, a name stands twice, or a list is out of order.</exception>
    public Workflow(
        string name, IReadOnlyList<Parameter> parameters, IReadOnlyList<ClientInput> inputs, IReadOnlyList<UnitName> units,
            IReadOnlyList<Step> steps)
    {
        (Name, Parameters, Inputs, Units, Steps) = (name, parameters, inputs, units, steps);
        WellFormed.Require(this);
    }

    public string Name { get; }

    /// <summary>In order of name.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>What the client gives; in order of name.</summary>
    public IReadOnlyList<ClientInput> Inputs { get; }

    /// <summary>The units that steps, sources and barriers point at; each once.</summary>
    public IReadOnlyList<UnitName> Units { get; }

    public IReadOnlyList<Step> Steps { get; }

    /// <summary>codeHash = H("protean/workflow/v1", canonical text): what an instance pins.</summary>
    public Digest CodeHash => _codeHash ??= new Encoder().Value(this).ToHash("protean/workflow/v1");

    public ClientInput? Input(string name) => Inputs.FirstOrDefault(input => input.Name == name);
    public Parameter? Parameter(string name) => Parameters.FirstOrDefault(parameter => parameter.Name == name);

    /// <summary>The position of a step; null where there is none of this name.</summary>
    public ushort? IndexOf(string step)
    {
        for (ushort i = 0; i < Steps.Count; i++)
            if (Steps[i].Name == step) return i;
        return null;
    }

    /// <summary>What a once-only operation is pinned under: <c>workflow.step</c>.</summary>
    public string OperationOf(int step) => $"{Name}.{Steps[step].Name}";

    public void Encode(Encoder to) => to.U8(Version).Text(Name).List(Parameters).List(Inputs).List(Units).List(Steps);

    public static Workflow Decode(ref Decoder from)
    {
        var version = from.U8();
        if (version != Version) throw new MalformedException($"workflow version {version}, {Version} expected");
        return new Workflow(
            from.Text(Limits.MaxName), from.List<Parameter>(Limits.MaxParameters), from.List<ClientInput>(Limits.MaxFields),
            from.List<UnitName>(Limits.MaxFields), from.List<Step>(Limits.MaxSteps));
    }

    public bool Equals(Workflow? other) => other is not null && CodeHash == other.CodeHash;
    public override bool Equals(object? obj) => Equals(obj as Workflow);
    public override int GetHashCode() => CodeHash.GetHashCode();
}
