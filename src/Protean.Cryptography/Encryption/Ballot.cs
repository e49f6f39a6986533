using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>Whose ballot it is, in which election: <c>electionId || keyId || voterPk || u32 seq</c>. Of one voter's ballots the highest seq
/// counts.</summary>
public readonly record struct BallotContext(Digest ElectionId, Digest KeyId, PublicKey Voter, uint Sequence)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 2 * Digest.Size + PublicKey.Size + sizeof(uint);

    public byte[] Encode()
    {
        var (election, key, voter) = (ElectionId, KeyId, Voter);
        var encoded = new byte[Size];
        var writer = new WireWriter(encoded);
        writer.Raw(election.Span);
        writer.Raw(key.Span);
        writer.Raw(voter.Span);
        writer.U32(Sequence);
        return encoded;
    }

    internal static BallotContext Read(ref WireReader reader) =>
        new(reader.Digest(), reader.Digest(), new PublicKey(reader.Raw(PublicKey.Size)), reader.U32());
}

/// <summary>A vote of w ElGamal ciphertexts with the proof that its voter knows what it holds: <c>ctx, U, V, c, z</c> (protocols 6.1).</summary>
/// <remarks>The proof covers voter, election and all of the ciphertext, so a ballot that is copied, shifted or replayed is another's no
/// longer. Whoever admits ballots also refuses a U that stands in another voter's admitted ballot, and checks the voter's signature of what
/// the ballot came in.</remarks>
/// <param name="U"><c>r_j G</c>.</param>
/// <param name="V"><c>M_j + r_j PK</c>.</param>
public sealed record Ballot(BallotContext Context, PointList U, PointList V, Scalar Challenge, ReadOnlyMemory<Scalar> Responses)
{
    internal static Verifier<(Ballot Ballot, BallotContext Expected, Point Key, int Width, IMultiScalar Sums)> Checks { get; } = new(
        new("PRT-CRY-0201", b => b.Ballot.Context == b.Expected),
        new("PRT-CRY-0202", b => b.Ballot.U.Count == b.Width && b.Ballot.V.Count == b.Width && b.Ballot.Responses.Length == b.Width),
        new("PRT-CRY-0203", b => !b.Ballot.U.Span.Contains(Point.Identity)),
        new("PRT-CRY-0204", b => !b.Ballot.V.Span.Contains(Point.Identity)),
        new("PRT-CRY-0205", b => b.Ballot.Recompute(b.Key, b.Sums) == b.Ballot.Challenge));

    public int Width => U.Count;

    /// <summary>Null for a ballot that may be admitted; or <c>PRT-CRY-0201</c> election, key, voter and sequence as expected, <c>0202</c> width,
    /// <c>0203</c> no U_j and <c>0204</c> no V_j is the identity, <c>0205</c> proof.</summary>
    /// <param name="key">PK of the election, not the identity.</param>
    /// <param name="width">Ciphertexts of a ballot in this election.</param>
    public string? Refusal(BallotContext expected, Point key, int width, IMultiScalar sums) => Checks.Refusal((this, expected, key, width, sums));

    /// <summary>Length in bytes of a ballot of so many ciphertexts.</summary>
    public static int EncodedSize(int width) => BallotContext.Size + width * (2 * Point.Size + Scalar.Size) + Scalar.Size;

    public byte[] Encode()
    {
        var encoded = new byte[EncodedSize(Width)];
        var writer = new WireWriter(encoded);
        writer.Raw(Context.Encode());
        writer.Points(U);
        writer.Points(V);
        writer.Raw(Challenge.Span);
        writer.Scalars(Responses.Span);
        return encoded;
    }

    /// <summary>Refuses any other length than that of <paramref name="width"/> ciphertexts, and any point or scalar that is not canonical.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int width, [NotNullWhen(true)] out Ballot? ballot)
    {
        ballot = null;
        if (width < 1 || encoded.Length != EncodedSize(width)) return false;
        var from = new WireReader(encoded);
        var decoded = new Ballot(
            BallotContext.Read(ref from), from.Points(width, OneCore.Instance), from.Points(width, OneCore.Instance), from.Scalar(),
            from.Scalars(width));
        if (from.Valid) ballot = decoded;
        return from.Valid;
    }

    /// <summary>What a ballot holds whose randomness was revealed: it is spoilt by that, and shows its voter that the device encrypted what was
    /// asked of it (Benaloh 2006). Null where the randomness is not the ballot's.</summary>
    public Point[]? Open(Point key, ReadOnlySpan<Scalar> randomness)
    {
        if (randomness.Length != Width) return null;
        var messages = new Point[Width];
        for (var j = 0; j < Width; j++)
        {
            if (Point.MultiplyBase(randomness[j]) != U[j]) return null;
            messages[j] = V[j] - randomness[j] * key;
        }
        return messages;
    }

    internal static Transcript Begin(BallotContext context, Point key, PointList u, PointList v) => new Transcript("protean/ballot/v1")
        .Absorb("ctx", context.Encode())
        .Absorb("PK", key)
        .AbsorbList("U", u.Span)
        .AbsorbList("V", v.Span);

    internal static Scalar ChallengeOf(Transcript statement, ReadOnlySpan<Point> commitments) => statement.AbsorbList("K", commitments).Challenge("c");

    private Scalar Recompute(Point key, IMultiScalar sums)
    {
        var commitments = new Point[Width];
        for (var j = 0; j < Width; j++) commitments[j] = sums.Sum([Responses.Span[j], -Challenge], [Point.Base, U[j]]);
        return ChallengeOf(Begin(Context, key, U, V), commitments);
    }
}

/// <summary>A ballot on the device that made it, with its randomness. It is either cast or challenged, never both.</summary>
public sealed class PreparedBallot : IDisposable
{
    private readonly SecretScalars _randomness;

    /// <param name="key">PK of the election.</param>
    /// <param name="messages">One point for each ciphertext, none the identity.</param>
    public PreparedBallot(BallotContext context, Point key, ReadOnlySpan<Point> messages, IRandom random)
    {
        _randomness = SecretScalars.Random(messages.Length, random);
        var (u, v) = (new Point[messages.Length], new Point[messages.Length]);
        Span<byte> mask = stackalloc byte[Point.Size];
        for (var j = 0; j < messages.Length; j++)
        {
            u[j] = Point.MultiplyBase(_randomness[j]);
            Point.Multiply(_randomness[j], key, mask);
            v[j] = Point.Add(messages[j], mask);
        }
        CryptographicOperations.ZeroMemory(mask);
        Ballot = Prove(context, key, new PointList(u), new PointList(v), random);
    }

    public Ballot Ballot { get; }

    /// <summary>The randomness, for <see cref="Ballot.Open"/>. Whoever has it reads the ballot: cast another one.</summary>
    public Scalar[] Reveal()
    {
        var revealed = new Scalar[_randomness.Count];
        for (var j = 0; j < revealed.Length; j++) revealed[j] = Scalar.OfReduced(_randomness[j]);
        GC.KeepAlive(this);
        return revealed;
    }

    public void Dispose() => _randomness.Dispose();

    private Ballot Prove(BallotContext context, Point key, PointList u, PointList v, IRandom random)
    {
        using var nonces = new SecretScalars(u.Count);
        for (var j = 0; j < nonces.Count; j++) SecretScalar.Nonce(_randomness[j], Ballot.Begin(context, key, u, v), random, nonces[j]);
        var challenge = Ballot.ChallengeOf(Ballot.Begin(context, key, u, v), nonces.MultiplyBase(OneCore.Instance).Span);
        var responses = new Scalar[u.Count];
        for (var j = 0; j < responses.Length; j++) responses[j] = SecretScalars.Respond(challenge.Span, _randomness[j], nonces[j]);
        return new Ballot(context, u, v, challenge, responses);
    }
}
