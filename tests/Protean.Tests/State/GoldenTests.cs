using Protean.Codec;
using Protean.State;
using Xunit;

namespace Protean.Tests.State;

/// <summary>The examples of docs/protocols/state-map.md.</summary>
public sealed class GoldenTests
{
    private static readonly MapSnapshot Map =
        Maps.With(Maps.Entry("", "", 1), Maps.Entry("a", "one", 2), Maps.Entry("ab", "two", 2), Maps.Entry("b", "", 3, "p")).Map.Current;

    [Theory]
    [InlineData("", "92c1925f526ac3f67a664a9f480511c3db41f2afa931a3faf9865b04a7df618b")]
    [InlineData("a", "c04b59a442474444e01d52ceaae20f61d7114cdf14fa5771a108da85b223f4d6")]
    [InlineData("ab", "caec4be56b30e11d44e5a6df019f17bb54b8d27228adfc3c0c3acc38d67e6091")]
    [InlineData("b", "6ec7fdf55a4b48b68a44c222cbfa2f228003ec852df051a1ca11d882878790a6")]
    [InlineData("c", "0000000000000000000000000000000000000000000000000000000000000000")]
    public void The_hash_under_a_prefix_is_as_published(string prefix, string hash) =>
        Assert.Equal(hash, Map.SubtreeHash(Maps.Key(prefix)).ToString());

    [Theory]
    [InlineData("b", null,
        "0101000000e6a6be1ff24260a05dcc889cffd4faee1a4fd6a527b999c22e4d935946f2b5450106006000c04b59a442474444"
        + "e01d52ceaae20f61d7114cdf14fa5771a108da85b223f4d603020000030000000000000001010000007000000000")]
    [InlineData("aa", null,
        "0101000000e6a6be1ff24260a05dcc889cffd4faee1a4fd6a527b999c22e4d935946f2b545010600600101008000b2abd8ef"
        + "d5bcf1ba4ad50c76aeb7247e60c75cb9f3cc1b28f8ffd4831a1821d20209006200020000000000000001010000006f52d035"
        + "f1275f332d974d3a25847f6b1ddea598ca80f9e83fc1012dd4ed117069006ec7fdf55a4b48b68a44c222cbfa2f228003ec85"
        + "2df051a1ca11d882878790a6")]
    [InlineData(null, "a",
        "0101000000e6a6be1ff24260a05dcc889cffd4faee1a4fd6a527b999c22e4d935946f2b54501060060010100800300000200"
        + "00000000000001010000006f030000006f6e6503090062000200000000000000000300000074776f006ec7fdf55a4b48b68a"
        + "44c222cbfa2f228003ec852df051a1ca11d882878790a6")]
    public void A_proof_is_as_published(string? key, string? prefix, string bytes)
    {
        var proof = Map.Prove(key is null ? [] : [Maps.Key(key)], prefix is null ? [] : [Maps.Key(prefix)]);
        Assert.Equal(bytes, Convert.ToHexStringLower(Canonical.Encode(proof)));
        Assert.Equal(Map.Root, Canonical.Decode<MapProof>(Convert.FromHexString(bytes)).Root);
    }

    [Fact]
    public void The_state_root_is_as_published() =>
        Assert.Equal(
            "49d1f557fd59e029b9ef296484883a2bc4a091cab94fe5376720364578e8d31b",
            new StateRoot([("replay", default), ("data", Map.Root), ("keys", default)]).Root.ToString());
}
