using System.Buffers.Binary;

namespace Protean.Cryptography;

/// <summary>Merkle trees over lists, in the shape of RFC 6962; the root also binds the number of leaves (protocols 0.2).</summary>
/// <remarks><c>leaf = H("m0", x)</c>, <c>node = H("m1", left || right)</c>, <c>root = H("mr", u32 count || top)</c>; the top of an empty
/// tree is 32 zero bytes. Neighbours are joined level by level and an odd one out moves up unchanged, which is the RFC's shape.</remarks>
public static class MerkleTree
{
    public static Digest Leaf(ReadOnlySpan<byte> leaf) => Hash.H("m0", leaf);

    public static Digest Root(IReadOnlyList<byte[]> leaves)
    {
        var level = LeafLevel(leaves);
        while (level.Length > 1) level = Parents(level);
        return Bind((uint)leaves.Count, level.Length == 0 ? Digest.Zero : level[0]);
    }

    /// <summary>The siblings from the leaf upwards: what <see cref="Verify"/> needs. Of many leaves, ask <see cref="MerklePaths"/>.</summary>
    public static IReadOnlyList<Digest> Path(IReadOnlyList<byte[]> leaves, int index) => new MerklePaths(leaves).Of(index);

    /// <summary>Whether <paramref name="leaf"/> stands at <paramref name="index"/> in the list of <paramref name="count"/> leaves with
    /// this root. The path must have exactly the length that index and count imply.</summary>
    public static bool Verify(Digest root, uint count, uint index, ReadOnlySpan<byte> leaf, IReadOnlyList<Digest> path)
    {
        if (index >= count) return false;
        var node = Leaf(leaf);
        var used = 0;
        for (ulong width = count, position = index; width > 1; width = (width + 1) / 2, position /= 2)
        {
            var sibling = position ^ 1;
            if (sibling >= width) continue;
            if (used == path.Count) return false;
            var other = path[used++];
            node = sibling < position ? Node(other, node) : Node(node, other);
        }
        return used == path.Count && Bind(count, node) == root;
    }

    internal static Digest[] LeafLevel(IReadOnlyList<byte[]> leaves)
    {
        var level = new Digest[leaves.Count];
        for (var i = 0; i < level.Length; i++) level[i] = Leaf(leaves[i]);
        return level;
    }

    internal static Digest[] Parents(Digest[] level)
    {
        var parents = new Digest[(level.Length + 1) / 2];
        for (var i = 0; i < parents.Length; i++)
            parents[i] = 2 * i + 1 < level.Length ? Node(level[2 * i], level[2 * i + 1]) : level[2 * i];
        return parents;
    }

    private static Digest Node(Digest left, Digest right) => Hash.H("m1", left.Span, right.Span);

    private static Digest Bind(uint count, Digest top)
    {
        Span<byte> prefix = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, count);
        return Hash.H("mr", prefix, top.Span);
    }
}

/// <summary>The paths of all leaves of one tree, which is hashed once for them all.</summary>
public sealed class MerklePaths
{
    private readonly List<Digest[]> _levels;

    public MerklePaths(IReadOnlyList<byte[]> leaves)
    {
        _levels = [MerkleTree.LeafLevel(leaves)];
        while (_levels[^1].Length > 1) _levels.Add(MerkleTree.Parents(_levels[^1]));
    }

    /// <summary>The siblings from the leaf upwards: what <see cref="MerkleTree.Verify"/> needs.</summary>
    public IReadOnlyList<Digest> Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _levels[0].Length);
        var path = new List<Digest>();
        foreach (var level in _levels)
        {
            if ((index ^ 1) < level.Length) path.Add(level[index ^ 1]);
            index /= 2;
        }
        return path;
    }
}
