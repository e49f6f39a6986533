using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.State;

/// <summary>The hashes of a map's trie (docs/protocols/state-map.md, "Hashes"). Leaves and branches have different domains, and a branch
/// binds the whole path down to it: so the hash of a subtree depends on the keys in it and on nothing else.</summary>
internal static class TrieHash
{
    /// <summary>The hash of a trie without keys.</summary>
    public static Digest Empty => Digest.Zero;

    /// <summary><c>H("mv", value)</c></summary>
    public static Digest Value(Bytes value) => Hash.H("mv", value.Span);

    /// <summary><c>H("ml", bytes(key) || u64 version || bytes(owner) || valueHash)</c></summary>
    public static Digest Leaf(Bytes key, ulong version, Bytes owner, Digest valueHash)
    {
        Span<byte> head = stackalloc byte[sizeof(uint) + Limits.MaxKeyBytes + sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)key.Length);
        key.Span.CopyTo(head[sizeof(uint)..]);
        var at = sizeof(uint) + key.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(head[at..], version);
        at += sizeof(ulong);
        BinaryPrimitives.WriteUInt32LittleEndian(head[at..], (uint)owner.Length);
        return Hash.H("ml", head[..(at + sizeof(uint))], owner.Span, valueHash.Span);
    }

    /// <summary><c>H("mt", u16 bit count || bits || left || right)</c></summary>
    public static Digest Branch(BitPath path, Digest left, Digest right)
    {
        Span<byte> head = stackalloc byte[sizeof(ushort) + BitPath.MaxBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)path.Length);
        var length = path.CopyTo(head[sizeof(ushort)..]);
        return Hash.H("mt", head[..(sizeof(ushort) + length)], left.Span, right.Span);
    }
}
