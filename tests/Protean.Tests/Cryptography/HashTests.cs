using System.Security.Cryptography;
using CsCheck;
using Protean.Cryptography;
using Xunit;

namespace Protean.Tests.Cryptography;

public class HashTests
{
    // BLAKE2b-256 of "abc".
    [Fact]
    public void Blake2b_is_that_of_the_specification() =>
        Assert.Equal("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319", Hash.Blake2b("abc"u8).ToString());

    [Fact]
    public void A_tagged_hash_is_the_hash_of_length_tag_and_data()
    {
        Assert.Equal(Hash.Blake2b("\u0002m0abc"u8), Hash.H("m0", "abc"u8));
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 300]).Sample((a, b, c) =>
            Hash.H("tag", a, b, c) == Hash.H("tag", [.. a, .. b, .. c]));
    }

    [Fact]
    public void A_derived_key_separates_its_parts()
    {
        Assert.Equal(Hash.Blake2b("\u0001\0\0\0a\u0002\0\0\0bc"u8), Hash.Kdf("a"u8.ToArray(), "bc"u8.ToArray()));
        Assert.NotEqual(Hash.Kdf("ab"u8.ToArray(), "c"u8.ToArray()), Hash.Kdf("a"u8.ToArray(), "bc"u8.ToArray()));
    }

    [Fact]
    public void A_tag_longer_than_its_length_byte_can_say_is_refused() =>
        Assert.ThrowsAny<ArgumentException>(() => Hash.H(new string('x', 256), []));

    [Fact]
    public void Seeded_randomness_depends_on_the_seed_and_the_position_alone() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 3000], Gen.Int[0, 3000]).Sample((seed, first, second) =>
        {
            var whole = new byte[first + second];
            new SeededRandom(seed).Fill(whole);
            var parts = new byte[first + second];
            var random = new SeededRandom(seed);
            random.Fill(parts.AsSpan(0, first));
            random.Fill(parts.AsSpan(first));
            return whole.AsSpan().SequenceEqual(parts);
        });

    [Fact]
    public void Seeded_streams_of_two_seeds_differ()
    {
        var one = new byte[32];
        var two = new byte[32];
        new SeededRandom(1).Fill(one);
        new SeededRandom(2).Fill(two);
        Assert.NotEqual(one, two);
        SystemRandom.Instance.Fill(two);
        Assert.NotEqual(new byte[32], two);
    }

    [Fact]
    public void A_stretched_stream_depends_on_its_seed_and_not_on_how_it_is_cut()
    {
        using var whole = new StretchedRandom(new SeededRandom(3));
        using var parts = new StretchedRandom(new SeededRandom(3));
        using var other = new StretchedRandom(new SeededRandom(4));
        var (one, two, three) = (new byte[3_000], new byte[3_000], new byte[3_000]);
        whole.Fill(one);
        for (var at = 0; at < two.Length; at += 30) parts.Fill(two.AsSpan(at, 30));
        other.Fill(three);
        Assert.Equal(one, two);
        Assert.NotEqual(one, three);
        Assert.NotEqual(one[..1024], one[1024..2048]);
    }

    [Fact]
    public void Sha_is_that_of_the_platform()
    {
        Assert.Equal(SHA256.HashData("abc"u8), Hash.Sha256("abc"u8).ToArray());
        Assert.Equal(SHA512.HashData("abc"u8), Hash.Sha512("abc"u8));
    }
}
