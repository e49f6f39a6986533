using System.Text;
using Protean.Cryptography;
using Xunit;

namespace Protean.Tests.Cryptography;

public class HashToGroupTests
{
    // RFC 9380 appendix K.3.
    [Theory]
    [InlineData("", "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba")]
    [InlineData("abc", "0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc")]
    [InlineData("abcdef0123456789", "087e45a86e2939ee8b91100af1583c4938e0f5fc6c9db4b107b83346bc967f58")]
    [InlineData("",
        "41b037d1734a5f8df225dd8c7de38f851efdb45c372887be655212d07251b921b052b62eaed99b46f72f2ef4cc96bfaf254ebbbec091e1a3b9e4fb5e5b619d2e"
      + "0c5414800a1d882b62bb5cd1778f098b8eb6cb399d5d9d18f5d5842cf5d13d7eb00a7cff859b605da678b318bd0e65ebff70bec88c753b159a805d2c89c55961")]
    public void Expansion_is_that_of_the_RFC(string message, string expected)
    {
        var output = new byte[expected.Length / 2];
        HashToGroup.ExpandMessage(Encoding.ASCII.GetBytes(message), "QUUX-V01-CS02-with-expander-SHA512-256"u8, output);
        Assert.Equal(expected, Convert.ToHexStringLower(output));
    }

    // RFC 9497 appendix A.1.1: blind * HashToGroup(input).
    [Theory]
    [InlineData("00", "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c")]
    [InlineData("5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a", "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418")]
    public void Hashing_to_ristretto255_is_that_of_the_RFC(string input, string blinded)
    {
        var blind = Fixtures.Decode("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706");
        Span<byte> uniform = stackalloc byte[64];
        HashToGroup.ExpandMessage(Convert.FromHexString(input), "HashToGroup-OPRFV1-\0-ristretto255-SHA512"u8, uniform);
        Assert.Equal(blinded, (blind * Point.FromUniform(uniform)).ToString());
    }

    [Fact]
    public void Uses_separate_points_and_scalars()
    {
        Assert.NotEqual(HashToGroup.H2G("A", "m"u8), HashToGroup.H2G("B", "m"u8));
        Assert.NotEqual(HashToGroup.H2S("A", "m"u8), HashToGroup.H2S("B", "m"u8));
        Assert.NotEqual(HashToGroup.H2S("A", "m"u8), HashToGroup.H2S("A", "n"u8));
    }
}
