using Protean.Codec;
using Protean.Cryptography;

namespace Protean.State;

/// <summary>The root over a member's named maps: the Merkle root (protocols 0.2) over <c>bytes(name) || root</c>, sorted by name (protocols
/// 8.6).</summary>
public sealed class StateRoot
{
    private readonly (string Name, Digest Root)[] _maps;

    /// <param name="maps">Names unique, in any order.</param>
    public StateRoot(IEnumerable<(string Name, Digest Root)> maps)
    {
        _maps = [.. maps.OrderBy(map => map.Name, StringComparer.Ordinal)];
        for (var i = 1; i < _maps.Length; i++)
            if (_maps[i - 1].Name == _maps[i].Name) throw new ArgumentException($"map {_maps[i].Name} stands twice", nameof(maps));
    }

    /// <summary>What a seal's header carries as stateRoot.</summary>
    public Digest Root => MerkleTree.Root(Leaves());

    /// <exception cref="KeyNotFoundException">There is no map of this name.</exception>
    public MapRoot Open(string name)
    {
        var index = Array.FindIndex(_maps, map => map.Name == name);
        if (index < 0) throw new KeyNotFoundException($"no map {name}");
        return new MapRoot(name, _maps[index].Root, (uint)index, (uint)_maps.Length, MerkleTree.Path(Leaves(), index));
    }

    internal static byte[] Leaf(string name, Digest root) => new Encoder(64).Text(name).Digest(root).ToArray();

    private byte[][] Leaves() => [.. _maps.Select(map => Leaf(map.Name, map.Root))];
}

/// <summary>One map's root with its path to the state root.</summary>
public sealed record MapRoot(string Name, Digest Root, uint Index, uint Count, IReadOnlyList<Digest> Path) : ICanonical<MapRoot>
{
    /// <summary>Whether this map has this root under <paramref name="stateRoot"/>.</summary>
    public bool Opens(Digest stateRoot) => MerkleTree.Verify(stateRoot, Count, Index, StateRoot.Leaf(Name, Root), Path);

    public void Encode(Encoder to) => to.Text(Name).Digest(Root).U32(Index).U32(Count).List(Path, static (e, digest) => e.Digest(digest));

    public static MapRoot Decode(ref Decoder from) => new(
        from.Text(Limits.MaxName), from.Digest(), from.U32(), from.U32(), from.List(Limits.MaxPath, static (ref Decoder d) => d.Digest()));

    public bool Equals(MapRoot? other) =>
        other is not null && (Name, Root, Index, Count) == (other.Name, other.Root, other.Index, other.Count) && Path.SequenceEqual(other.Path);

    public override int GetHashCode() => Root.GetHashCode();
}
