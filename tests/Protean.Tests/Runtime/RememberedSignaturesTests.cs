using Protean.Cryptography;
using Protean.Runtime;
using Xunit;

namespace Protean.Tests.Runtime;

public class RememberedSignaturesTests
{
    private static readonly SigningKey Key = SigningKey.FromSeed(new byte[SigningKey.SeedSize]);

    [Fact]
    public void A_good_signature_is_verified_once()
    {
        var (inner, remembered) = Schemes();
        var signature = Key.Sign([1]);
        Assert.True(remembered.Verify(Key.PublicKey, [1], signature));
        Assert.True(remembered.Verify(Key.PublicKey, [1], signature));
        Assert.Equal(1, inner.Verified);
    }

    [Fact]
    public void What_is_remembered_serves_no_other_message_or_key()
    {
        using var other = SigningKey.Generate(SystemRandom.Instance);
        var (_, remembered) = Schemes();
        var signature = Key.Sign([1]);
        Assert.True(remembered.Verify(Key.PublicKey, [1], signature));
        Assert.False(remembered.Verify(Key.PublicKey, [2], signature));
        Assert.False(remembered.Verify(Key.PublicKey, [1, 0], signature));
        Assert.False(remembered.Verify(other.PublicKey, [1], signature));
        Assert.False(remembered.Verify(Key.PublicKey, [1], other.Sign([1])));
    }

    [Fact]
    public void A_bad_signature_is_refused_every_time()
    {
        var (inner, remembered) = Schemes();
        var signature = Key.Sign([1]);
        Assert.False(remembered.Verify(Key.PublicKey, [2], signature));
        Assert.False(remembered.Verify(Key.PublicKey, [2], signature));
        Assert.Equal(2, inner.Verified);
    }

    private static (Counting Inner, RememberedSignatures Remembered) Schemes()
    {
        var inner = new Counting();
        return (inner, new RememberedSignatures(inner));
    }

    private sealed class Counting : ISignatureScheme
    {
        public int Verified { get; private set; }

        public Signature Sign(SigningKey key, ReadOnlySpan<byte> message) => Ed25519Scheme.Instance.Sign(key, message);

        public bool Verify(PublicKey key, ReadOnlySpan<byte> message, Signature signature)
        {
            Verified++;
            return Ed25519Scheme.Instance.Verify(key, message, signature);
        }
    }
}
