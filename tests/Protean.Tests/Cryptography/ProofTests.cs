using CsCheck;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

public class ProofTests
{
    private static readonly Gen<(Scalar X, DleqStatement Statement)> TrueStatements =
        Gen.Select(Scalars, Points, Points, Gen.Byte.Array[0, 20]).Select((x, b1, b2, context) =>
            (x, new DleqStatement("protean/test/v1", context, b1, x * b1, b2, x * b2)));

    // a B plus a point of order 8, and a signature on the context below under it, with R chosen until the challenge is a multiple of 8.
    private static readonly PublicKey MixedOrderKey = PublicKey.FromHex("3cd317309711f609962c438fbe145396cf6ee21b5c28ba7aee7622a6a69f7f4b");
    private static readonly Signature MixedOrderSignature = new(Convert.FromHexString(
        "04be97ec9bfe6ccd01f9343b7288b117b79f91cc45c24af2f93e0060ca2b6d6f"
        + "4d0b652e3ea842a51e55ef9f023433efb95e9ad7e3226246403fec64585edc02"));

    [Fact]
    public void A_true_statement_is_proven() => TrueStatements.Sample(one =>
        Dleq.Refusal(one.Statement, Prove(one.X, one.Statement)) is null, iter: 20);

    [Fact]
    public void A_proof_holds_for_no_other_statement() => TrueStatements.Sample(one =>
    {
        var (statement, proof) = (one.Statement, Prove(one.X, one.Statement));
        DleqStatement[] others =
        [
            statement with { Domain = "protean/test/v2" },
            statement with { Context = (byte[])[.. statement.Context.Span, 0] },
            statement with { Base1 = statement.Base1 + Point.Base },
            statement with { Public1 = statement.Public1 + Point.Base },
            statement with { Base2 = statement.Base2 + Point.Base },
            statement with { Public2 = statement.Public2 + Point.Base },
            statement with { Base1 = statement.Base2, Public1 = statement.Public2, Base2 = statement.Base1, Public2 = statement.Public1 },
        ];
        return others.All(other => Dleq.Refusal(other, proof) == "PRT-CRY-0001");
    }, iter: 10);

    [Fact]
    public void A_proof_with_any_bit_changed_is_refused() => TrueStatements.Sample(one =>
        BitFlips(Prove(one.X, one.Statement).Encode(), stride: 29).All(bytes =>
            !SigmaProof.TryDecode(bytes, out var proof) || Dleq.Refusal(one.Statement, proof) is not null), iter: 5);

    // N04: commitments computed backwards from a challenge of the prover's choice.
    [Fact]
    [LeavesOut(typeof(Dleq), nameof(Dleq.Checks))]
    public void A_challenge_that_the_prover_chose_is_refused() => Gen.Select(TrueStatements, Points, Scalars).Sample((one, wrong, c) =>
    {
        var z = c * c;
        var lie = one.Statement with { Public2 = wrong };
        EachCheckIsNeeded(Dleq.Checks, (one.Statement, Prove(one.X, one.Statement)), ("PRT-CRY-0001", (lie, new SigmaProof(c, z))));
        Assert.NotNull(Dleq.Refusal(lie, new SigmaProof(Scalar.Zero, z)));
        Assert.NotNull(Dleq.Refusal(lie, default));
    }, iter: 5);

    // N05: with a challenge that leaves Public2 out, the prover could solve for Public2 after it.
    [Fact]
    public void A_statement_solved_for_after_the_challenge_is_refused() => Gen.Select(TrueStatements, Scalars).Sample((one, k1) =>
    {
        var k2 = k1 + Scalar.One;
        var c = one.Statement.Begin().Absorb("K", k1 * one.Statement.Base1, k2 * one.Statement.Base2).Challenge("c");
        var z = k1 + c * one.X;
        var solved = c.Invert() * (z * one.Statement.Base2 - k2 * one.Statement.Base2);
        return Dleq.Refusal(one.Statement with { Public2 = solved }, new SigmaProof(c, z)) == "PRT-CRY-0001";
    }, iter: 5);

    [Fact]
    public void Proofs_of_another_length_or_with_a_scalar_beyond_the_order_do_not_decode()
    {
        var beyond = Enumerable.Repeat((byte)0xff, SigmaProof.Size).ToArray();
        Assert.False(SigmaProof.TryDecode(beyond, out _));
        Assert.False(SigmaProof.TryDecode(new byte[SigmaProof.Size + 1], out _));
        Assert.False(SigmaProof.TryDecode(new byte[SigmaProof.Size - 1], out _));
    }

    [Fact]
    public void A_batch_is_proven_and_each_of_its_fields_is_bound() => Gen.Select(Scalars, Points.Array[2, 5]).Sample((x, inputs) =>
    {
        using var secret = Secret(x);
        var statement = new BatchDleqStatement("ctx"u8.ToArray(), Point.MultiplyBase(x), new PointList(inputs), new PointList([.. inputs.Select(u => x * u)]));
        var proof = BatchDleq.Prove(statement, secret, SystemRandom.Instance, Sums);
        Assert.Null(BatchDleq.Refusal(statement, proof, Sums));
        Assert.NotNull(BatchDleq.Refusal(statement with { Context = "other"u8.ToArray() }, proof, Sums));
        Assert.NotNull(BatchDleq.Refusal(statement with { Public = statement.Public + Point.Base }, proof, Sums));
        Assert.NotNull(BatchDleq.Refusal(statement with { Inputs = Shifted(statement.Inputs) }, proof, Sums));
        Assert.NotNull(BatchDleq.Refusal(statement with { Outputs = Shifted(statement.Outputs) }, proof, Sums));
        Assert.All(BitFlips(proof.Encode(), stride: 97), bytes =>
            Assert.False(SigmaProof.TryDecode(bytes, out var flipped) && BatchDleq.Refusal(statement, flipped, Sums) is null));
    }, iter: 5);

    // Rule W: moving an error from one output to another must not cancel.
    [Fact]
    public void Errors_that_cancel_between_outputs_are_refused() => Gen.Select(Scalars, Points.Array[2, 5]).Sample((x, inputs) =>
    {
        var error = Point.Base;
        using var secret = Secret(x);
        Point[] outputs = [.. inputs.Select(u => x * u)];
        (outputs[0], outputs[1]) = (outputs[0] + error, outputs[1] - error);
        var lie = new BatchDleqStatement("ctx"u8.ToArray(), Point.MultiplyBase(x), new PointList(inputs), new PointList(outputs));
        return BatchDleq.Refusal(lie, BatchDleq.Prove(lie, secret, SystemRandom.Instance, Sums), Sums) == "PRT-CRY-0013";
    }, iter: 5);

    [Fact]
    [LeavesOut(typeof(BatchDleq), nameof(BatchDleq.Checks))]
    public void Each_check_of_a_batch_is_needed()
    {
        using var x = SecretScalar.Random(SystemRandom.Instance);
        var inputs = new[] { HashToGroup.H2G("test", "1"u8), HashToGroup.H2G("test", "2"u8) };
        var good = new BatchDleqStatement(default, x.MultiplyBase(), new PointList(inputs), new PointList([.. inputs.Select(x.Multiply)]));
        var proof = BatchDleq.Prove(good, x, SystemRandom.Instance, Sums);
        var empty = good with { Inputs = new PointList(), Outputs = new PointList() };
        EachCheckIsNeeded(BatchDleq.Checks, (good, proof, Sums),
            ("PRT-CRY-0011", (good with { Outputs = new PointList(good.Outputs[0]) }, proof, Sums)),
            ("PRT-CRY-0012", (empty, BatchDleq.Prove(empty, x, SystemRandom.Instance, Sums), Sums)),
            ("PRT-CRY-0013", (good with { Outputs = good.Inputs }, proof, Sums)));
    }

    [Fact]
    [LeavesOut(typeof(ProofOfPossession), nameof(ProofOfPossession.GroupChecks))]
    public void Possession_of_a_group_key_is_proven_for_one_context_generator_and_key()
    {
        using var x = SecretScalar.Random(SystemRandom.Instance);
        using var zero = Secret(Scalar.Zero);
        var context = ProofOfPossession.Context(Hash.Sha256("chain"u8), Hash.Sha256("node"u8), 7, "dkg-encryption");
        var other = ProofOfPossession.Context(Hash.Sha256("chain"u8), Hash.Sha256("thief"u8), 7, "dkg-encryption");
        var proof = ProofOfPossession.Prove(context, Point.Base, x, SystemRandom.Instance);
        var ofNothing = ProofOfPossession.Prove(context, Point.Base, zero, SystemRandom.Instance);
        EachCheckIsNeeded(ProofOfPossession.GroupChecks, (context, Point.Base, x.MultiplyBase(), proof),
            ("PRT-CRY-0021", (context, Point.Base, Point.Identity, ofNothing)),
            ("PRT-CRY-0022", (other, Point.Base, x.MultiplyBase(), proof)),
            ("PRT-CRY-0022", (context, HashToGroup.H2G("PVSS-H", []), x.MultiplyBase(), proof)),
            ("PRT-CRY-0022", (context, Point.Base, x.MultiplyBase() + Point.Base, proof)));
    }

    [Fact]
    [LeavesOut(typeof(ProofOfPossession), nameof(ProofOfPossession.SigningChecks))]
    public void Possession_of_a_signing_key_is_its_signature_on_the_context()
    {
        using var key = SigningKey.Generate(SystemRandom.Instance);
        var context = ProofOfPossession.GenesisContext("test"u8, 1, Digest.Zero, 0, "consensus");
        var other = ProofOfPossession.GenesisContext("test"u8, 2, Digest.Zero, 0, "consensus");
        var proof = ProofOfPossession.Prove(context, key);
        EachCheckIsNeeded(ProofOfPossession.SigningChecks, (context, key.PublicKey, proof),
            ("PRT-CRY-0023", (context, MixedOrderKey, MixedOrderSignature)),
            ("PRT-CRY-0024", (other, key.PublicKey, proof)));
    }

    private static SigmaProof Prove(Scalar x, DleqStatement statement)
    {
        using var secret = Secret(x);
        return Dleq.Prove(statement, secret, SystemRandom.Instance);
    }

    private static PointList Shifted(PointList points) => new([points[0] + Point.Base, .. points.Span[1..]]);
}
