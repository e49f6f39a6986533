using Protean.Codec;
using Protean.Membership;

namespace Protean.Runtime;

/// <summary>The type of a named input or output; the bytes are checked against it wherever a value enters.</summary>
public enum ValueKind : byte
{
    /// <summary>Any bytes.</summary>
    Bytes = 1,

    /// <summary>UTF-8.</summary>
    Text = 2,

    /// <summary>8 bytes, little-endian.</summary>
    U64 = 3,

    /// <summary>32 bytes of a hash.</summary>
    Digest = 4,

    /// <summary>32 bytes of a public key.</summary>
    Key = 5,

    /// <summary>What a contract call wants changed (protocols 8.6), canonical.</summary>
    Effects = 6,

    /// <summary>All entries below a key prefix of a state unit, as proven: list of (key, value).</summary>
    Entries = 7,
}

/// <summary>A named, typed input or output.</summary>
public sealed record Field(string Name, ValueKind Kind, string Summary, bool Repeated = false);

/// <summary>An operation that a unit publishes: its name, typed inputs and outputs, and how it may be used (paper 3.2).</summary>
/// <param name="Direct">May be called without a plan (protocols 8.7).</param>
/// <param name="Infallible">Cannot fail once admitted, so it may be used once per instance (protocols 8.4).</param>
/// <param name="Pending">Its result comes after its block: shares or contributions are needed (protocols 0.4, Rule P).</param>
/// <param name="Errors">Codes of its application failures, with their meaning.</param>
/// <param name="Example">A call that is accepted by type; the unit laws run on it.</param>
public sealed record Transaction(
    string Name,
    string Summary,
    IReadOnlyList<Field> Inputs,
    IReadOnlyList<Field> Outputs,
    bool Direct,
    bool Infallible,
    bool Pending,
    IReadOnlyList<(string Code, string Meaning)> Errors,
    IReadOnlyList<NamedValue> Example)
{
    /// <summary>Its result must not be asked for again until it pleases: a workflow may use it only once per instance (protocols
    /// 8.1).</summary>
    public bool OnceOnly { get; init; }

    public Field? Input(string name) => Find(Inputs, name);
    public Field? Output(string name) => Find(Outputs, name);

    private static Field? Find(IReadOnlyList<Field> fields, string name)
    {
        foreach (var field in fields)
            if (field.Name == name) return field;
        return null;
    }
}
