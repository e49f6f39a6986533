using System.Globalization;
using System.Numerics;
using Protean.Codec;
using Protean.Runtime;

namespace Protean.KeyGeneration;

/// <summary>Some members of one committee; bit i-1 stands for member i, so the order is that of indices.</summary>
public readonly record struct MemberSet(ulong Bits) : ICanonical<MemberSet>
{
    public static MemberSet Empty => default;

    /// <summary>Members 1..<paramref name="size"/>; <see cref="Limits.MaxMembers"/> is the number of bits.</summary>
    public static MemberSet All(int size) => new(size == Limits.MaxMembers ? ulong.MaxValue : (1UL << size) - 1);

    public int Count => BitOperations.PopCount(Bits);
    public bool IsEmpty => Bits == 0;
    public bool Contains(MemberId member) => member.Index is >= 1 and <= Limits.MaxMembers && (Bits & Bit(member)) != 0;
    public bool Covers(MemberSet other) => (other.Bits & ~Bits) == 0;
    public MemberSet With(MemberId member) => new(Bits | Bit(member));
    public MemberSet Without(MemberId member) => new(Bits & ~Bit(member));
    public MemberSet Union(MemberSet other) => new(Bits | other.Bits);
    public MemberSet Except(MemberSet other) => new(Bits & ~other.Bits);

    /// <summary>The members in the order of their indices.</summary>
    public IEnumerable<MemberId> Members
    {
        get
        {
            for (var left = Bits; left != 0; left &= left - 1)
                yield return new MemberId((ushort)(BitOperations.TrailingZeroCount(left) + 1));
        }
    }

    public void Encode(Encoder to) => to.U64(Bits);
    public static MemberSet Decode(ref Decoder from) => new(from.U64());

    /// <summary>"1, 3, 4".</summary>
    public override string ToString() => string.Join(", ", Members.Select(member => member.Index.ToString(CultureInfo.InvariantCulture)));

    private static ulong Bit(MemberId member) => 1UL << (member.Index - 1);
}
