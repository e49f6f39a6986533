using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Protean.Cryptography;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

/// <summary>Byte for byte against an independent implementation of the same protocols. Its k-th random scalar is
/// <c>SHA512("PROTEAN-TEST-RNG-v1" || u64 k) mod (l - 1) + 1</c>; which k each value took is named where it is used.</summary>
public class DraftVectorTests
{
    private static readonly JsonElement Vectors = Load();

    [Fact]
    public void The_transcript_is_that_of_the_vectors()
    {
        var vector = Vectors.GetProperty("transcript");
        var transcript = new Transcript(Text(vector, "domain"))
            .Absorb("ctx", "hello"u8)
            .AbsorbList("pts", [Point.Base, Point.Base + Point.Base]);
        Assert.Equal(Text(vector, "state"), Convert.ToHexStringLower(transcript.State));
        Assert.Equal(Text(vector, "chal_c"), transcript.Challenge("c").ToString());
        Assert.Equal(
            Texts(vector, "chal_vec_w_128")
                .Select(integer => BigInteger.Parse("0" + integer, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
            transcript.ChallengeVector128("w", 3).Select(challenge => new BigInteger(challenge.Span, isUnsigned: true)));
    }

    [Fact]
    public void Hashing_to_a_point_is_that_of_the_vectors()
    {
        var vector = Vectors.GetProperty("h2g");
        Assert.Equal(Text(vector, "point"), HashToGroup.H2G("DVRF", Encoding.ASCII.GetBytes(Text(vector, "msg"))).ToString());
    }

    [Fact]
    public void A_proof_of_equal_logarithms_is_that_of_the_vectors()
    {
        var vector = Vectors.GetProperty("dleq");
        var statement = new DleqStatement(
            Text(vector, "domain"), Encoding.ASCII.GetBytes(Text(vector, "ctx")),
            PointOf(vector, "B1"), PointOf(vector, "P1"), PointOf(vector, "B2"), PointOf(vector, "P2"));
        using var x = Secret(Decode(Text(vector, "x")));
        using var nonce = Secret(Draw(171));
        var proof = Dleq.Prove(statement, x, nonce);
        Assert.Equal((Text(vector, "c"), Text(vector, "z")), (proof.Challenge.ToString(), proof.Response.ToString()));
        Assert.Null(Dleq.Refusal(statement, proof));
    }

    [Fact]
    public void A_batch_proof_is_that_of_the_vectors()
    {
        var vector = Vectors.GetProperty("batch_dleq");
        var statement = new BatchDleqStatement(
            Encoding.ASCII.GetBytes(Text(vector, "ctx")), PointOf(vector, "P"), new PointList(PointsOf(vector, "U")), new PointList(PointsOf(vector, "D")));
        using var x = Secret(Decode(Text(vector, "x")));
        using var nonce = Secret(Draw(177));
        var proof = Dleq.Prove(BatchDleq.FoldOwn(statement, x, Sums), x, nonce);
        Assert.Equal((Text(vector, "c"), Text(vector, "z")), (proof.Challenge.ToString(), proof.Response.ToString()));
        Assert.Null(BatchDleq.Refusal(statement, proof, Sums));
    }

    // The vector's session id is "sess1"; its polynomial is draws 178 to 180, r is draw 181, the nonces are 182 and 183.
    [Fact]
    public void A_dealing_is_that_of_the_vectors()
    {
        var vector = Vectors.GetProperty("dkg_deal");
        var sid = Encoding.ASCII.GetBytes(Text(vector, "ctx"));
        using var polynomial = SecretPolynomial.Random(3, new ScriptedRandom(Draw(178), Draw(179), Draw(180)));
        using var r = Secret(Draw(181));
        var commitments = polynomial.Commit().Commitments;
        Assert.Equal(PointsOf(vector, "A"), commitments.ToArray());
        Assert.Equal(PointOf(vector, "R"), r.MultiplyBase());

        var shares = PointsOf(vector, "EK").Select((key, i) => Encrypted(sid, polynomial, r, (ushort)(i + 1), key)).ToArray();
        Assert.Equal(Texts(vector, "ct"), shares.Select(share => Convert.ToHexStringLower(share.Span)));

        using var constant = polynomial.Constant();
        using var nonce0 = Secret(Draw(182));
        using var nonce1 = Secret(Draw(183));
        var challenge = DealingEquations.Challenge(
            DealingEquations.Begin(sid, 1, commitments.Span, r.MultiplyBase(), shares), nonce0.MultiplyBase(), nonce1.MultiplyBase());
        Scalar[] proof = [challenge, nonce0.Respond(challenge, constant), nonce1.Respond(challenge, r)];
        Assert.Equal(Texts(vector, "pok"), proof.Select(scalar => scalar.ToString()));
    }

    // The vector names no key id: its second base is given. r is draw 184, the nonce draw 185.
    [Fact]
    public void A_sealed_key_is_that_of_the_vectors()
    {
        var vector = Vectors.GetProperty("tdh2_write");
        var label = Encoding.ASCII.GetBytes(Text(vector, "label"));
        var key = new LongTermKey(Digest.Zero, PointOf(vector, "PK"), PointOf(vector, "Gbar"));
        using var dataKey = DataKey.Copy(Convert.FromHexString(Text(vector, "key")));
        using var sealing = new KeySealing(key, dataKey, new ScriptedRandom(Draw(184)));
        using var nonce = Secret(Draw(185));
        var made = sealing.Seal(label, nonce);
        Assert.Equal(
            (PointOf(vector, "U"), PointOf(vector, "Ubar"), Text(vector, "c"), Text(vector, "e"), Text(vector, "f")),
            (made.U, made.Second, made.Masked.ToString(), made.Proof.Challenge.ToString(), made.Proof.Response.ToString()));
        Assert.Null(made.Refusal(key, label));
        using var x = Secret(Decode(Text(vector, "x")));
        using var opened = made.Open(key, label, sealing.Commitment, x.Multiply(made.U));
        Assert.Equal(Text(vector, "key"), Convert.ToHexStringLower(opened!.Bytes));
    }

    // Draws 14 to 16 are u, then w, a, gamma, tau0 and theta, as the prover draws them.
    [Fact]
    public void Neffs_proof_of_a_shuffle_is_that_of_the_vectors()
    {
        var (statement, mix) = Shuffle();
        using var _ = mix;
        var expected = Vectors.GetProperty("shuffle").GetProperty("neff");
        using var prover = new NeffProver(statement, mix, Draws(14, 29), OneCore.Instance);
        var proof = prover.Prove()!;
        var commitments = proof.Commitments;
        Assert.Equal(PointOf(expected, "Gam"), commitments.Gamma);
        Assert.Equal(PointsOf(expected, "A"), commitments.A.Span.ToArray());
        Assert.Equal(PointsOf(expected, "C"), commitments.C.Span.ToArray());
        Assert.Equal(PointsOf(expected, "U"), commitments.U.Span.ToArray());
        Assert.Equal(PointsOf(expected, "W"), commitments.W.Span.ToArray());
        Assert.Equal((PointOf(expected, "L1"), PointOf(expected, "L2")), (commitments.L1, commitments.L2));
        Assert.Equal(PointsOf(expected, "D"), proof.D.Span.ToArray());
        Assert.Equal(Texts(expected, "sig"), proof.Sigma.Select(scalar => scalar.ToString()));
        Assert.Equal(Text(expected, "tau"), proof.Tau.ToString());
        Assert.Equal(PointsOf(expected, "The"), proof.Theta.Span.ToArray());
        Assert.Equal(Texts(expected, "al"), proof.Alpha.Select(scalar => scalar.ToString()));
        Assert.Null(ShuffleProtocol.Neff.Refusal(statement, proof.Encode(), SystemRandom.Instance, OneCore.Instance));
    }

    // Draws 30 to 32 are r, then rh, omega 1 to 4, and those of that and of the permuted challenges.
    [Fact]
    public void Terelius_and_Wikstroms_proof_of_a_shuffle_is_that_of_the_vectors()
    {
        var (statement, mix) = Shuffle();
        using var _ = mix;
        var expected = Vectors.GetProperty("shuffle").GetProperty("tw");
        using var prover = new TereliusWikstromProver(statement, mix, Draws(30, 45), OneCore.Instance);
        var proof = prover.Prove();
        Assert.Equal(PointsOf(Vectors.GetProperty("shuffle"), "tw_gens"), PermutationGenerators.Of(4, OneCore.Instance).Span.ToArray());
        Assert.Equal(PointsOf(expected, "c"), proof.C.Span.ToArray());
        Assert.Equal(PointsOf(expected, "ch"), proof.Chain.Span.ToArray());
        Assert.Equal(PointsOf(expected, "t"), proof.T.Span.ToArray());
        Assert.Equal(PointsOf(expected, "th"), proof.ChainT.Span.ToArray());
        Assert.Equal([Text(expected, "s1"), Text(expected, "s2"), Text(expected, "s3"), Text(expected, "s4")], proof.S.Select(scalar => scalar.ToString()));
        Assert.Equal(Texts(expected, "sh"), proof.ChainS.Select(scalar => scalar.ToString()));
        Assert.Equal(Texts(expected, "sp"), proof.PermutedS.Select(scalar => scalar.ToString()));
        Assert.Null(ShuffleProtocol.TereliusWikstrom.Refusal(statement, proof.Encode(), SystemRandom.Instance, OneCore.Instance));
    }

    private static (ShuffleStatement Statement, Mix Mix) Shuffle()
    {
        var vector = Vectors.GetProperty("shuffle");
        PointList Cells(string name) => new([.. vector.GetProperty(name).EnumerateArray().SelectMany(row => row.EnumerateArray())
            .Select(cell => Point.FromHex(cell.GetString()!))]);
        Scalar[] betas = [.. vector.GetProperty("beta").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(cell => Decode(cell.GetString()!))];
        int[] permutation = [.. vector.GetProperty("pi").EnumerateArray().Select(one => one.GetInt32())];
        var inputs = new Ciphertexts(2, Cells("X"), Cells("Y"));
        var key = PointOf(vector, "H");
        var mix = Mix.Of(inputs, key, permutation, SecretScalars.Random(betas.Length, new ScriptedRandom(betas)));
        Assert.Equal(Cells("Xbar").Span.ToArray(), mix.Outputs.X.Span.ToArray());
        Assert.Equal(Cells("Ybar").Span.ToArray(), mix.Outputs.Y.Span.ToArray());
        return (new ShuffleStatement(Encoding.ASCII.GetBytes(Text(vector, "ctx")), key, inputs, mix.Outputs), mix);
    }

    private static ScriptedRandom Draws(ulong first, ulong last) =>
        new(Enumerable.Range((int)first, (int)(last - first) + 1).Select(k => Draw((ulong)k)));

    private static EncryptedShare Encrypted(byte[] sid, SecretPolynomial polynomial, SecretScalar r, ushort recipient, Point key)
    {
        var share = new byte[Scalar.Size];
        polynomial.Evaluate(recipient, share);
        DealingEquations.Mask(sid, 1, recipient, r.MultiplyBase(), key, r.Multiply(key).Span, share);
        return new EncryptedShare(share);
    }

    private static Scalar Draw(ulong k)
    {
        var hash = new BigInteger(Hash.Sha512([.. "PROTEAN-TEST-RNG-v1"u8, .. LittleEndian(k)]), isUnsigned: true);
        var order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);
        var wide = new byte[64];
        (hash % (order - 1) + 1).ToByteArray(isUnsigned: true).CopyTo(wide, 0);
        return Scalar.Reduce(wide);
    }

    private static JsonElement Load()
    {
        using var stream = typeof(DraftVectorTests).Assembly.GetManifestResourceStream("protean-draft-vectors.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
    private static string[] Texts(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(value => value.GetString()!)];
    private static Point PointOf(JsonElement element, string name) => Point.FromHex(Text(element, name));
    private static Point[] PointsOf(JsonElement element, string name) => [.. Texts(element, name).Select(Point.FromHex)];
}
