using System.Text;
using CsCheck;
using Protean.Cryptography;
using Xunit;

namespace Protean.Tests.Cryptography;

public class Ed25519Tests
{
    // RFC 8032 section 7.1, tests 1 to 3.
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Signatures_are_those_of_the_RFC(string seed, string publicKey, string message, string signature)
    {
        using var key = SigningKey.FromSeed(Convert.FromHexString(seed));
        var bytes = Convert.FromHexString(message);
        Assert.Equal(publicKey, key.PublicKey.ToString());
        Assert.Equal(signature, key.Sign(bytes).ToString());
        Assert.True(Ed25519.Verify(key.PublicKey, bytes, key.Sign(bytes)));
    }

    [Fact]
    public void A_signature_with_any_bit_changed_is_refused()
    {
        using var key = SigningKey.Generate(SystemRandom.Instance);
        var message = "a message"u8.ToArray();
        var signature = key.Sign(message).ToArray();
        Gen.Int[0, 8 * Signature.Size - 1].Sample(bit =>
        {
            var changed = (byte[])signature.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            return !Ed25519.Verify(key.PublicKey, message, new Signature(changed));
        });
    }

    [Fact]
    public void A_key_restored_from_its_seed_signs_alike()
    {
        using var key = SigningKey.Generate(SystemRandom.Instance);
        var seed = new byte[SigningKey.SeedSize];
        key.CopySeedTo(seed);
        using var restored = SigningKey.FromSeed(seed);
        Assert.Equal(key.PublicKey, restored.PublicKey);
        Assert.Equal(key.Sign("x"u8), restored.Sign("x"u8));
    }

    [Fact]
    public void A_disposed_key_does_not_sign()
    {
        var key = SigningKey.Generate(SystemRandom.Instance);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign("x"u8));
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // identity
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")] // order 4
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")] // order 8
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // not canonical
    public void A_point_outside_the_prime_order_subgroup_is_no_key(string point) =>
        Assert.False(Ed25519.IsValidPoint(PublicKey.FromHex(point)));

    [Fact]
    public void A_generated_key_is_a_valid_point()
    {
        using var key = SigningKey.Generate(SystemRandom.Instance);
        Assert.True(Ed25519.IsValidPoint(key.PublicKey));
    }

    [Fact]
    public void A_payload_binds_tag_and_body_apart()
    {
        Assert.Equal("PROTEAN-SIG-v1\0\u0004\0\0\0votebody", Encoding.ASCII.GetString(SignMsg.Payload("vote", "body"u8)));
        Assert.NotEqual(SignMsg.Payload("a", "bc"u8), SignMsg.Payload("ab", "c"u8));
    }

    [Fact]
    public void The_library_is_the_release_that_was_pinned()
    {
        SodiumLibrary.Require();
        Assert.Equal("1.0.22", SodiumLibrary.Version);
    }
}
