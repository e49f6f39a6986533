using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Sealing;

/// <summary>A transaction's named outputs; their Merkle root stands in the leaf, so that one can be opened without the rest (protocols 2.2).</summary>
public sealed class Outputs : ICanonical<Outputs>, IEquatable<Outputs>
{
    private readonly NamedValue[] _values;
    private Digest? _digest;

    /// <param name="values">Names unique, in any order.</param>
    public Outputs(IEnumerable<NamedValue> values)
    {
        _values = [.. values.OrderBy(value => value.Name, StringComparer.Ordinal)];
        for (var i = 1; i < _values.Length; i++)
            if (_values[i - 1].Name == _values[i].Name) throw new MalformedException($"output {_values[i].Name} stands twice");
    }

    public static Outputs None { get; } = new([]);
    public IReadOnlyList<NamedValue> Values => _values;
    public Digest Digest => _digest ??= MerkleTree.Root(Leaves());
    public Bytes? Find(string name) => Array.Find(_values, value => value.Name == name)?.Value;

    /// <summary>Shows one output against <see cref="Digest"/>.</summary>
    public Opening Open(string name)
    {
        var index = Array.FindIndex(_values, value => value.Name == name);
        if (index < 0) throw new KeyNotFoundException($"no output {name}");
        return new Opening(_values[index], (uint)index, (uint)_values.Length, MerkleTree.Path(Leaves(), index));
    }

    private byte[][] Leaves() => [.. _values.Select(Canonical.Encode)];

    public bool Equals(Outputs? other) => other is not null && _values.SequenceEqual(other._values);
    public override bool Equals(object? obj) => Equals(obj as Outputs);
    public override int GetHashCode() => Digest.GetHashCode();
    public void Encode(Encoder to) => to.List(_values);

    public static Outputs Decode(ref Decoder from)
    {
        var values = from.List<NamedValue>(Limits.MaxFields);
        var outputs = new Outputs(values);
        if (!outputs._values.SequenceEqual(values)) throw new MalformedException("outputs are not sorted by name");
        return outputs;
    }
}

/// <summary>One output with its path to the output digest of a leaf.</summary>
public sealed record Opening(NamedValue Value, uint Index, uint Count, IReadOnlyList<Digest> Path) : ICanonical<Opening>
{
    public bool Opens(Digest outputDigest) => MerkleTree.Verify(outputDigest, Count, Index, Canonical.Encode(Value), Path);

    public void Encode(Encoder to) => to.Value(Value).U32(Index).U32(Count).List(Path, static (e, digest) => e.Digest(digest));

    public static Opening Decode(ref Decoder from) => new(
        from.Value<NamedValue>(), from.U32(), from.U32(), from.List(Limits.MaxPath, static (ref Decoder d) => d.Digest()));

    public bool Equals(Opening? other) =>
        other is not null && Value == other.Value && Index == other.Index && Count == other.Count && Path.SequenceEqual(other.Path);

    public override int GetHashCode() => Value.GetHashCode();
}
