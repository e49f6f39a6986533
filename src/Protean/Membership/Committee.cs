using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Membership;

/// <summary>One member of a committee in one epoch.</summary>
/// <param name="NodeId">H("protean/node/v1", identity key).</param>
/// <param name="ConsensusKey">Ed25519; signs votes, seals and contributions of this epoch.</param>
/// <param name="EncryptionKey">EK, ristretto255; shares of key generation are encrypted to it (protocols 3.2).</param>
/// <param name="PvssKey">ristretto255, over the base of protocols 4.2.</param>
public sealed record Member(Digest NodeId, PublicKey ConsensusKey, PublicKey EncryptionKey, PublicKey PvssKey) : ICanonical<Member>
{
    public void Encode(Encoder to) => to.Digest(NodeId).Key(ConsensusKey).Key(EncryptionKey).Key(PvssKey);
    public static Member Decode(ref Decoder from) => new(from.Digest(), from.Key(), from.Key(), from.Key());
}

/// <summary>The nodes of one unit in one epoch, in index order, with its quorum q and threshold t (protocols 0.3).</summary>
public sealed class Committee : ICanonical<Committee>
{
    private readonly Dictionary<PublicKey, MemberId> _byKey = [];

    /// <exception cref="MalformedException">The quorum does not make any two quorums meet in an honest member, or a member stands twice.</exception>
    public Committee(IReadOnlyList<Member> members, ushort quorum, ushort threshold)
    {
        Members = members;
        Quorum = quorum;
        Threshold = threshold;
        Faulty = (members.Count - 1) / 3;
        if (members.Count is 0 or > Limits.MaxMembers) throw new MalformedException($"committee of {members.Count}, 1 to {Limits.MaxMembers} allowed");
        if (quorum > members.Count || (2 * quorum) - members.Count <= Faulty) throw new MalformedException($"quorum {quorum} of {members.Count} is not safe with {Faulty} faulty");
        if (threshold <= Faulty || threshold > members.Count - Faulty) throw new MalformedException($"threshold {threshold} outside [{Faulty + 1}, {members.Count - Faulty}]");
        for (var i = 0; i < members.Count; i++)
            if (!_byKey.TryAdd(members[i].ConsensusKey, new MemberId((ushort)(i + 1)))) throw new MalformedException("a consensus key stands twice in one committee");
        Hash = new Encoder().Value(this).ToHash("protean/committee/v1");
    }

    public IReadOnlyList<Member> Members { get; }

    /// <summary>q: signatures that make a certificate.</summary>
    public ushort Quorum { get; }

    /// <summary>t: shares that use the committee's threshold keys.</summary>
    public ushort Threshold { get; }

    /// <summary>f: members that may be Byzantine.</summary>
    public int Faulty { get; }

    public int Size => Members.Count;
    public Digest Hash { get; }
    public Member this[MemberId member] => Members[member.Index - 1];
    public IEnumerable<MemberId> Ids => Enumerable.Range(1, Size).Select(i => new MemberId((ushort)i));
    public bool Contains(MemberId member) => member.Index >= 1 && member.Index <= Size;
    public MemberId? Find(PublicKey consensusKey) => _byKey.TryGetValue(consensusKey, out var id) ? id : null;

    public MemberId? Find(Digest nodeId)
    {
        for (var i = 0; i < Size; i++)
            if (Members[i].NodeId == nodeId) return new MemberId((ushort)(i + 1));
        return null;
    }

    /// <summary>The default quorum n - f.</summary>
    public static ushort DefaultQuorum(int size) => (ushort)(size - ((size - 1) / 3));

    /// <summary>The default threshold floor(n/2) + 1 for secrets and the beacon.</summary>
    public static ushort DefaultThreshold(int size) => (ushort)((size / 2) + 1);

    public void Encode(Encoder to) => to.List(Members).U16(Quorum).U16(Threshold);
    public static Committee Decode(ref Decoder from) => new(from.List<Member>(Limits.MaxMembers), from.U16(), from.U16());
}

/// <summary>What every signature inside a unit is bound to: network, unit, epoch, committee (protocols 1.2, "Ctx").</summary>
public sealed record UnitContext(Digest ChainId, Digest UnitId, ulong Epoch, Digest CommitteeHash) : ICanonical<UnitContext>
{
    public void Encode(Encoder to) => to.Digest(ChainId).Digest(UnitId).U64(Epoch).Digest(CommitteeHash);
    public static UnitContext Decode(ref Decoder from) => new(from.Digest(), from.Digest(), from.U64(), from.Digest());
}
