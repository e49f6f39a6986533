using System.Text;
using CsCheck;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

/// <summary>From a vote to a ballot, through a shuffle, to what it was.</summary>
public sealed class BallotTests : IDisposable
{
    private const int Members = 4, Threshold = 3;

    private static readonly BallotContext Context = new(Hash.Sha256("election"u8), Hash.Sha256("key"u8), new PublicKey(new byte[32]), 1);

    private readonly SharingFixture _sharing = new(Members, Threshold);

    private Point Key => _sharing.Key.PublicKey;

    public void Dispose() => _sharing.Dispose();

    [Fact]
    public void A_message_comes_back_from_its_point() => Gen.Byte.Array[1, PlaintextPoint.MaxLength].Sample(static message =>
        PlaintextPoint.Unembed(PlaintextPoint.Embed(message))!.SequenceEqual(message), iter: 200);

    [Fact]
    public void Messages_have_one_to_29_bytes()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => PlaintextPoint.Embed([]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => PlaintextPoint.Embed(new byte[30]));
        Assert.Null(PlaintextPoint.Unembed(Point.Identity));
        Assert.Null(PlaintextPoint.Unembed(Point.Base));
    }

    [Fact]
    public void A_point_of_a_later_counter_is_no_message()
    {
        var (message, found) = ("vote"u8.ToArray(), 0);
        for (var counter = 0; counter < 256; counter++)
        {
            byte[] candidate = [(byte)(counter << 1), 4, .. message, .. new byte[25], (byte)(counter >> 7)];
            if (!Point.TryDecode(candidate, out var point)) continue;
            Assert.Equal(found++ == 0, PlaintextPoint.Unembed(point) is not null);
        }
        Assert.True(found > 20);
    }

    [Fact]
    public void Candidates_are_found_by_their_points()
    {
        var candidates = new CandidatePoints(5);
        Assert.All(Enumerable.Range(1, 5), candidate => Assert.Equal(candidate, candidates.Find(candidates[candidate])));
        Assert.Null(candidates.Find(Point.Identity));
        Assert.Null(candidates.Find(Point.MultiplyBase(Scalar.FromInteger(6))));
    }

    [Fact]
    [LeavesOut(typeof(Ballot), nameof(Ballot.Checks))]
    public void Each_check_of_a_ballot_is_needed()
    {
        var ballot = Prepare(Context, 2);
        var other = Context with { Sequence = 2 };
        var wide = Prepare(Context, 3);
        // Ballots whose maker knows why an identity stands in them: of randomness zero, and of a message that cancels its mask.
        var bare = Proven([Scalar.Zero, Scalar.One], [Point.Base, Point.Base]);
        var cancelled = Proven([Scalar.One, Scalar.One], [Point.Base, Point.Identity - Key]);
        EachCheckIsNeeded(Ballot.Checks, (ballot, Context, Key, 2, Sums),
            ("PRT-CRY-0201", (ballot, other, Key, 2, Sums)),
            ("PRT-CRY-0202", (wide, Context, Key, 2, Sums)),
            ("PRT-CRY-0203", (bare, Context, Key, 2, Sums)),
            ("PRT-CRY-0204", (cancelled, Context, Key, 2, Sums)),
            ("PRT-CRY-0205", (ballot with { V = new PointList(ballot.V[1], ballot.V[0]) }, Context, Key, 2, Sums)));
    }

    // N10: copied under another name, shifted by a re-encryption, replayed in another election, the parts of two put together.
    [Fact]
    public void A_ballot_that_was_copied_or_changed_is_refused()
    {
        var (ballot, second) = (Prepare(Context, 2), Prepare(Context, 2));
        var thief = Context with { Voter = new PublicKey(Enumerable.Repeat((byte)1, 32).ToArray()) };
        var elsewhere = Context with { ElectionId = Hash.Sha256("another"u8) };
        Assert.Equal("PRT-CRY-0205", (ballot with { Context = thief }).Refusal(thief, Key, 2, Sums));
        Assert.Equal("PRT-CRY-0205", (ballot with { Context = elsewhere }).Refusal(elsewhere, Key, 2, Sums));
        Ballot[] changed =
        [
            ballot with { U = new PointList(ballot.U[0] + Point.Base, ballot.U[1]), V = new PointList(ballot.V[0] + Key, ballot.V[1]) },
            ballot with { U = new PointList(ballot.U[0], second.U[1]), V = new PointList(ballot.V[0], second.V[1]) },
            ballot with { Responses = second.Responses },
            ballot with { Challenge = second.Challenge },
        ];
        Assert.All(changed, one => Assert.Equal("PRT-CRY-0205", one.Refusal(Context, Key, 2, Sums)));
        Assert.Equal("PRT-CRY-0205", ballot.Refusal(Context, Key + Point.Base, 2, Sums));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void A_ballot_of_any_width_has_one_form(int width)
    {
        var ballot = Prepare(Context, width);
        Assert.True(Ballot.TryDecode(ballot.Encode(), width, out var decoded));
        Assert.Null(decoded.Refusal(Context, Key, width, Sums));
        Assert.Equal(ballot.Encode(), decoded.Encode());
        Assert.False(Ballot.TryDecode(ballot.Encode(), width + 1, out _));
        Assert.False(Ballot.TryDecode(ballot.Encode().AsSpan(1), width, out _));
        Assert.False(Ballot.TryDecode(Enumerable.Repeat((byte)0xff, Ballot.EncodedSize(width)).ToArray(), width, out _));
    }

    [Fact]
    public void A_challenged_ballot_shows_what_it_holds()
    {
        var message = PlaintextPoint.Embed("yes"u8);
        using var prepared = new PreparedBallot(Context, Key, [message], SystemRandom.Instance);
        var revealed = prepared.Reveal();
        Assert.Equal([message], prepared.Ballot.Open(Key, revealed)!);
        Assert.Null(prepared.Ballot.Open(Key, [revealed[0] + Scalar.One]));
        Assert.Null(prepared.Ballot.Open(Key, []));
    }

    [Fact]
    public void Votes_come_out_of_the_mix_as_they_were_cast_by_whichever_members()
    {
        string[] votes = ["ann", "bob", "ann", "cy", "a longer name of 29 bytes ...", "bob"];
        Ballot[] ballots = [.. votes.Select((vote, i) =>
        {
            var message = PlaintextPoint.Embed(Encoding.UTF8.GetBytes(vote));
            using var prepared = new PreparedBallot(Context, Key, [message, Candidate(i)], SystemRandom.Instance);
            return prepared.Ballot;
        })];
        var mixed = new Ciphertexts(2, Cells(ballots, static ballot => ballot.U), Cells(ballots, static ballot => ballot.V));
        foreach (var protocol in ShuffleProtocol.All) mixed = Shuffled(protocol, mixed);
        var decryption = new BatchDecryption(Context.KeyId, 3, mixed, _sharing.Key, OneCore.Instance);
        ProvenShares[] shares =
            [.. Enumerable.Range(1, Members).Select(i => decryption.Prove((ushort)i, _sharing.Secrets[i - 1], SystemRandom.Instance))];
        Assert.All(shares, share => Assert.Null(decryption.Refusal(share)));
        var plaintexts = decryption.Combine(shares[..Threshold]);
        Assert.Equal(plaintexts, decryption.Combine([shares[3], shares[0], shares[2]]));
        Assert.Equal(votes.Select(static (vote, i) => $"{vote} {i}").Order(StringComparer.Ordinal),
            plaintexts.Chunk(2).Select(static row => $"{Encoding.UTF8.GetString(PlaintextPoint.Unembed(row[0])!)} {Index(row[1])}")
                .Order(StringComparer.Ordinal));
    }

    // E9: a wrong share, one moved between cells so that errors cancel, one of another epoch, one of another set.
    [Fact]
    public void Wrong_shares_are_evidence_for_everybody()
    {
        var mixed = Shuffled(ShuffleProtocol.Neff, new Ciphertexts(1, new PointList(Point.Base, Candidate(3)), new PointList(Key, Candidate(4))));
        var decryption = new BatchDecryption(Context.KeyId, 3, mixed, _sharing.Key, OneCore.Instance);
        var honest = decryption.Prove(2, _sharing.Secrets[1], SystemRandom.Instance);
        var error = Point.Base;
        var moved = new PointList(honest.Values[0] + error, honest.Values[1] - error);
        Assert.Equal("PRT-CRY-0054", decryption.Refusal(honest with { Values = moved }));
        Assert.Equal("PRT-CRY-0054", decryption.Refusal(honest with { Index = 1 }));
        Assert.Equal("PRT-CRY-0053", decryption.Refusal(honest with { Index = 5 }));
        var otherEpoch = new BatchDecryption(Context.KeyId, 4, mixed, _sharing.Key, OneCore.Instance);
        Assert.Equal("PRT-CRY-0054", otherEpoch.Refusal(honest));
        var otherSet = new Ciphertexts(1, mixed.X, new PointList(mixed.Y[1], mixed.Y[0]));
        Assert.Equal("PRT-CRY-0054", new BatchDecryption(Context.KeyId, 3, otherSet, _sharing.Key, OneCore.Instance).Refusal(honest));
    }

    private Ciphertexts Shuffled(ShuffleProtocol protocol, Ciphertexts inputs)
    {
        using var mix = Mix.Of(inputs, Key, SystemRandom.Instance, OneCore.Instance);
        var statement = new ShuffleStatement(new byte[] { 1 }, Key, inputs, mix.Outputs);
        Assert.Null(protocol.Refusal(
            statement, protocol.Prove(statement, mix, SystemRandom.Instance, OneCore.Instance), SystemRandom.Instance, OneCore.Instance));
        return mix.Outputs;
    }

    private Ballot Prepare(BallotContext context, int width)
    {
        using var prepared = new PreparedBallot(context, Key, [.. Enumerable.Range(0, width).Select(Candidate)], SystemRandom.Instance);
        return prepared.Ballot;
    }

    /// <summary>A ballot of chosen randomness, with a proof.</summary>
    private Ballot Proven(Scalar[] randomness, Point[] messages)
    {
        var u = new PointList([.. randomness.Select(Point.MultiplyBase)]);
        var v = new PointList([.. randomness.Select((r, j) => messages[j] + r * Key)]);
        Scalar[] nonces = [.. randomness.Select(static _ => Scalar.Random(SystemRandom.Instance))];
        var challenge = Ballot.ChallengeOf(Ballot.Begin(Context, Key, u, v), [.. nonces.Select(Point.MultiplyBase)]);
        return new Ballot(Context, u, v, challenge, nonces.Select((nonce, j) => nonce + challenge * randomness[j]).ToArray());
    }

    private static Point Candidate(int i) => Point.MultiplyBase(Scalar.FromInteger((ulong)i + 1));
    private static int Index(Point point) => new CandidatePoints(10).Find(point)!.Value - 1;

    private static PointList Cells(Ballot[] ballots, Func<Ballot, PointList> part) =>
        new([.. ballots.SelectMany(ballot => part(ballot).Span.ToArray())]);
}
