using System.Text;
using System.Text.Json;
using Protean.Cryptography;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

/// <summary>The full published sets, where they are at hand.</summary>
public class PublishedVectorTests
{
    [Fact]
    public void Wycheproof_signatures_are_judged_as_they_should_be()
    {
        foreach (var group in Published("ed25519-wycheproof/ed25519_test.json").GetProperty("testGroups").EnumerateArray())
        {
            var key = PublicKey.FromHex(Text(group.GetProperty("publicKey"), "pk"));
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var signature = Bytes(test, "sig");
                var valid = signature.Length == Signature.Size && Ed25519.Verify(key, Bytes(test, "msg"), new Signature(signature));
                Assert.True(valid == (Text(test, "result") == "valid"), $"case {test.GetProperty("tcId")}");
            }
        }
    }

    // "Taming the many EdDSAs": the row of libsodium accepts the fourth case alone.
    [Fact]
    public void Of_the_edge_signatures_only_the_fourth_is_accepted()
    {
        var accepted = Published("ed25519-speccheck/cases.json").EnumerateArray().Select(test =>
            Ed25519.Verify(new PublicKey(Bytes(test, "pub_key")), Bytes(test, "message"), new Signature(Bytes(test, "signature"))));
        Assert.Equal([3], accepted.Select((valid, i) => (valid, i)).Where(one => one.valid).Select(one => one.i));
    }

    [Fact]
    public void Ristretto255_is_that_of_RFC_9496()
    {
        var vectors = Published("ristretto255/rfc9496.json");
        Assert.Equal(
            vectors.GetProperty("basepoint_multiples_0_to_15").EnumerateArray().Select(value => value.GetString()),
            Enumerable.Range(0, 16).Select(k => Point.MultiplyBase(Scalar.FromInteger((ulong)k)).ToString()));
        Assert.All(vectors.GetProperty("invalid_encodings").EnumerateArray(), one =>
            Assert.False(Point.TryDecode(Bytes(one, "encoding"), out _)));
        Assert.All(vectors.GetProperty("one_way_map_of_sha512_label").EnumerateArray(), one =>
            Assert.Equal(Text(one, "element"), Point.FromUniform(Bytes(one, "sha512")).ToString()));
    }

    [Fact]
    public void Expansion_is_that_of_RFC_9380()
    {
        var vectors = Published("h2c-rfc9380/expand_message_xmd_SHA512_38.json");
        Assert.All(vectors.GetProperty("tests").EnumerateArray(), test =>
        {
            var output = new byte[Bytes(test, "uniform_bytes").Length];
            HashToGroup.ExpandMessage(Encoding.ASCII.GetBytes(Text(test, "msg")), Encoding.ASCII.GetBytes(Text(vectors, "DST")), output);
            Assert.Equal(Bytes(test, "uniform_bytes"), output);
        });
    }

    [Fact]
    public void Blinded_and_evaluated_elements_are_those_of_RFC_9497()
    {
        Span<byte> uniform = stackalloc byte[64];
        var modes = Published("voprf-ristretto255-dleq/rfc9497-ristretto255-sha512.json").EnumerateArray();
        foreach (var mode in modes.Where(mode => mode.GetProperty("mode").GetInt32() < 2))
            foreach (var test in mode.GetProperty("vectors").EnumerateArray().Where(test => test.GetProperty("Batch").GetInt32() == 1))
            {
                HashToGroup.ExpandMessage(Bytes(test, "Input"), Bytes(mode, "groupDST"), uniform);
                var blinded = Decode(Text(test, "Blind")) * Point.FromUniform(uniform);
                Assert.Equal(Text(test, "BlindedElement"), blinded.ToString());
                Assert.Equal(Text(test, "EvaluationElement"), (Decode(Text(mode, "skSm")) * blinded).ToString());
            }
    }

    // N04: their equations hold with the challenge as given; half of the statements are false.
    [Fact]
    public void Proofs_whose_challenge_is_not_recomputed_are_refused() =>
        Assert.All(Published("neff-kyber/dleq-core.json").EnumerateArray(), one =>
        {
            var (g, h, xg, xh) = (PointOf(one, "g"), PointOf(one, "h"), PointOf(one, "xg"), PointOf(one, "xh"));
            var proof = new SigmaProof(Decode(Text(one, "c")), Decode(Text(one, "r")));
            Assert.Equal(PointOf(one, "vg"), proof.Response * g + proof.Challenge * xg);
            Assert.NotNull(Dleq.Refusal(new DleqStatement("protean/test/v1", default, g, xg, h, xh), proof));
        });

    [Fact]
    public void Feldman_commitments_give_the_published_public_shares() =>
        Assert.All(Published("neff-kyber/feldman-vss.json").EnumerateArray(), one =>
        {
            Point[] commitments = [.. one.GetProperty("commitments").EnumerateArray().Select(value => Point.FromHex(value.GetString()!))];
            var shares = one.GetProperty("shares").EnumerateArray().Select(value => Decode(value.GetString()!)).ToArray();
            var polynomial = new PublicPolynomial(commitments);
            for (var i = 0; i < shares.Length; i++)
            {
                Assert.Equal(one.GetProperty("public_shares")[i].GetString(), polynomial.Evaluate((ushort)(i + 1)).ToString());
                Assert.Equal(Point.MultiplyBase(shares[i]), polynomial.Evaluate((ushort)(i + 1)));
            }
        });

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
    private static byte[] Bytes(JsonElement element, string name) => Convert.FromHexString(Text(element, name));
    private static Point PointOf(JsonElement element, string name) => Point.FromHex(Text(element, name));
}
