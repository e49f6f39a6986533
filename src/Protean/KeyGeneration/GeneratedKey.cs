using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.KeyGeneration;

/// <summary>A generated key as everybody sees it: what the unit seals in a leaf of function <see cref="Function"/> (protocols
/// 3.3).</summary>
/// <param name="Purpose">What alone the key is used for.</param>
/// <param name="Epoch">Whose committee generated it.</param>
/// <param name="Attempt">The attempt that succeeded.</param>
/// <param name="Sid">The session, which names all of these, unit and committee.</param>
/// <param name="Key">A_k*, PK and the public shares Y_i.</param>
/// <param name="Qualified">QUAL: whose dealings the key is the sum of.</param>
/// <param name="Dealings">Digest of these dealings.</param>
public sealed record GeneratedKey(
    string Purpose, ulong Epoch, ushort Attempt, Digest Sid, ThresholdPublicKey Key, MemberSet Qualified, Digest Dealings)
{
    /// <summary>The function of the sealed leaf.</summary>
    public const string Function = "key";

    private const string PurposeOutput = "purpose", EpochOutput = "epoch", AttemptOutput = "attempt", SidOutput = "sid",
        KeyIdOutput = "keyId", PublicKeyOutput = "publicKey", PolynomialOutput = "polynomial", MembersOutput = "members",
        ThresholdOutput = "threshold",
        QualifiedOutput = "qualified", DealingsOutput = "dealings";

    /// <summary>Names the key: H("protean/key/v1", sid || PK).</summary>
    public Digest KeyId => Key.Id(Sid);

    public Outputs ToOutputs() => new([
        new(PurposeOutput, Bytes.Of(Purpose)), new(EpochOutput, Values.OfU64(Epoch)), new(AttemptOutput, Values.OfU64(Attempt)),
        new(SidOutput, new Bytes(Sid.Span)), new(KeyIdOutput, new Bytes(KeyId.Span)), new(PublicKeyOutput, new Bytes(Key.PublicKey.Span)),
        new(PolynomialOutput, PointsOf(Key.Polynomial)), new(MembersOutput, Values.OfU64((ulong)Key.Members)),
        new(ThresholdOutput, Values.OfU64((ulong)Key.Threshold)),
        new(QualifiedOutput, Values.OfU64(Qualified.Bits)), new(DealingsOutput, new Bytes(Dealings.Span))]);

    /// <summary>Reads what <see cref="ToOutputs"/> wrote; every redundant output must agree with what it follows from.</summary>
    /// <exception cref="MalformedException">Anything else.</exception>
    public static GeneratedKey FromOutputs(Outputs outputs)
    {
        var members = Number(outputs, MembersOutput, Limits.MaxMembers);
        var points = PointsIn(Find(outputs, PolynomialOutput), (int)members);
        var refusal = ThresholdPublicKey.TryCreate(new PublicPolynomial(points), (int)members, out var key);
        if (key is null) throw new MalformedException($"the key's polynomial is refused: {refusal}");
        var read = new GeneratedKey(
            Find(outputs, PurposeOutput).ToText(), Number(outputs, EpochOutput, ulong.MaxValue),
            (ushort)Number(outputs, AttemptOutput, ushort.MaxValue),
            DigestIn(outputs, SidOutput), key, new MemberSet(Number(outputs, QualifiedOutput, ulong.MaxValue)),
            DigestIn(outputs, DealingsOutput));
        return outputs.Equals(read.ToOutputs())
            ? read
            : throw new MalformedException("outputs of a key contradict each other, or are more than a key has");
    }

    /// <summary>The digest of dealings by their ids, in the order of dealers.</summary>
    public static Digest DigestOf(Digest sid, IReadOnlyCollection<(ushort Dealer, Digest Id)> dealings) =>
        new Encoder().Digest(sid).List(dealings, static (to, dealing) => to.U16(dealing.Dealer).Digest(dealing.Id))
            .ToHash("protean/dkg/dealings/v1");

    private static Bytes PointsOf(PublicPolynomial polynomial)
    {
        var encoder = new Encoder(polynomial.Threshold * Point.Size);
        foreach (var point in polynomial.Commitments.Span) encoder.Raw(point.Span);
        return Bytes.Wrap(encoder.ToArray());
    }

    private static Point[] PointsIn(Bytes value, int members)
    {
        if (value.Length == 0 || value.Length % Point.Size != 0 || value.Length / Point.Size > members)
            throw new MalformedException($"polynomial of {value.Length} bytes for {members} members");
        var points = new Point[value.Length / Point.Size];
        for (var k = 0; k < points.Length; k++)
            if (!Point.TryDecode(value.Span.Slice(k * Point.Size, Point.Size), out points[k]))
                throw new MalformedException($"commitment {k} is not a point");
        return points;
    }

    private static Bytes Find(Outputs outputs, string name) =>
        outputs.Find(name) ?? throw new MalformedException($"a key without the output {name}");

    private static Digest DigestIn(Outputs outputs, string name) =>
        Find(outputs, name) is { Length: Digest.Size } value
            ? new Digest(value.Span)
            : throw new MalformedException($"output {name} is no digest");

    private static ulong Number(Outputs outputs, string name, ulong most)
    {
        var value = Find(outputs, name);
        if (value.Length != sizeof(ulong)) throw new MalformedException($"output {name} is no u64");
        var number = BinaryPrimitives.ReadUInt64LittleEndian(value.Span);
        return number <= most ? number : throw new MalformedException($"output {name} is {number}, at most {most} allowed");
    }
}

/// <summary>The sessions of generating a unit's keys (protocols 3.2).</summary>
internal static class Sessions
{
    /// <exception cref="MalformedException">An encryption key of the committee is no point, or the identity.</exception>
    public static DkgSession Of(Digest sid, Committee committee) =>
        new(sid, committee.Threshold, [.. committee.Members.Select(EncryptionKey)]);

    /// <summary>A fresh key's; the function that the key is for stands where an instance's id would.</summary>
    public static Digest Sid(UnitContext context, Committee committee, string purpose, ushort attempt) => new DkgPurpose(
        context.ChainId, context.UnitId, context.Epoch, "fresh", FunctionOf(purpose), SourceEpoch: 0, SourceCommitteeHash: Digest.Zero,
        committee.Hash, (ushort)committee.Size, committee.Threshold, attempt).Sid();

    private static Digest FunctionOf(string purpose) => new Encoder().Text(purpose).ToHash("protean/function/v1");

    private static Point EncryptionKey(Member member) =>
        Point.TryDecode(member.EncryptionKey.Span, out var key) && !key.IsIdentity
            ? key
            : throw new MalformedException($"the encryption key of node {member.NodeId} is no point");
}
