using Protean.Cryptography;
using Xunit;

namespace Protean.Tests.Cryptography;

public class KeyFileSealTests
{
    private const ulong Operations = 1;
    private const ulong Memory = 8192;

    private static readonly byte[] File = KeyFileSeal.Seal("correct horse"u8, "a seed"u8, Operations, Memory, SystemRandom.Instance);

    [Fact]
    public void The_passphrase_opens_the_file()
    {
        Assert.True(KeyFileSeal.TryOpen("correct horse"u8, File, out var plaintext));
        Assert.Equal("a seed"u8, plaintext);
    }

    [Fact]
    public void Another_passphrase_does_not() => Assert.False(KeyFileSeal.TryOpen("battery staple"u8, File, out _));

    // The cost fields are left alone: with them changed, Argon2id would really spend what they say.
    [Fact]
    public void A_changed_file_does_not_open()
    {
        for (var i = 17; i < File.Length; i++)
        {
            var changed = (byte[])File.Clone();
            changed[i] ^= 1;
            Assert.False(KeyFileSeal.TryOpen("correct horse"u8, changed, out _));
        }
        Assert.False(KeyFileSeal.TryOpen("correct horse"u8, [2, .. File.AsSpan(1)], out _));
        Assert.False(KeyFileSeal.TryOpen("correct horse"u8, File.AsSpan()[..^1], out _));
        Assert.False(KeyFileSeal.TryOpen("correct horse"u8, [], out _));
    }

    [Fact]
    public void A_file_that_asks_for_too_much_is_refused_before_any_is_spent()
    {
        var greedy = (byte[])File.Clone();
        greedy[16] = 0x7f;
        Assert.False(KeyFileSeal.TryOpen("correct horse"u8, greedy, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            KeyFileSeal.Seal("x"u8, [], KeyFileSeal.MaxOperations + 1, Memory, SystemRandom.Instance));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            KeyFileSeal.Seal("x"u8, [], Operations, KeyFileSeal.MaxMemory + 1, SystemRandom.Instance));
    }

    [Fact]
    public void Two_files_of_one_secret_share_nothing()
    {
        var again = KeyFileSeal.Seal("correct horse"u8, "a seed"u8, Operations, Memory, SystemRandom.Instance);
        Assert.NotEqual(File[17..], again[17..]);
    }
}
