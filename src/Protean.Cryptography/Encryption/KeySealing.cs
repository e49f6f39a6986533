namespace Protean.Cryptography;

/// <summary>A data key on its way under a long-term key: what a label must say of it is known before the label is made.</summary>
public sealed class KeySealing : IDisposable
{
    private readonly LongTermKey _key;
    private readonly DataKey _dataKey;
    private readonly SecretScalar _random;
    private readonly SecretMemory _shared = new(Point.Size);

    /// <param name="key">Of the committee.</param>
    /// <param name="dataKey">What is encrypted; it stays the caller's.</param>
    /// <param name="random">For r.</param>
    public KeySealing(LongTermKey key, DataKey dataKey, IRandom random)
    {
        (_key, _dataKey, _random) = (key, dataKey, SecretScalar.Random(random));
        U = _random.MultiplyBase();
        _random.Multiply(key.PublicKey, _shared.Span);
        Commitment = SealedKeyEquations.Commit(key, U, _shared.Span, dataKey.Bytes);
        GC.KeepAlive(dataKey);
    }

    /// <summary><c>r G</c>: names the encryption; no other has the same.</summary>
    public Point U { get; }

    /// <summary>What makes everybody who opens it agree on one key, or on "malformed". Belongs into the label.</summary>
    public Digest Commitment { get; }

    /// <summary>The encryption, which holds under this label alone.</summary>
    public SealedKey Seal(ReadOnlySpan<byte> label, IRandom random)
    {
        var (masked, second) = Mask(label);
        using var nonce = SecretScalar.Nonce(_random, SealedKeyEquations.Begin(_key, label, masked.Span, U, second), random);
        return Seal(label, masked, second, nonce);
    }

    /// <summary>The same with a nonce that is never used again.</summary>
    internal SealedKey Seal(ReadOnlySpan<byte> label, SecretScalar nonce)
    {
        var (masked, second) = Mask(label);
        return Seal(label, masked, second, nonce);
    }

    public void Dispose()
    {
        _random.Dispose();
        _shared.Dispose();
    }

    private (Digest Masked, Point Second) Mask(ReadOnlySpan<byte> label)
    {
        Span<byte> masked = stackalloc byte[DataKey.Size];
        _dataKey.CopyTo(masked);
        SealedKeyEquations.Mask(_key, label, U, _shared.Span, masked);
        return (new Digest(masked), _random.Multiply(_key.SecondBase));
    }

    private SealedKey Seal(ReadOnlySpan<byte> label, Digest masked, Point second, SecretScalar nonce)
    {
        var challenge = SealedKeyEquations.Challenge(
            SealedKeyEquations.Begin(_key, label, masked.Span, U, second), nonce.MultiplyBase(), nonce.Multiply(_key.SecondBase));
        return new SealedKey(U, second, masked, new SigmaProof(challenge, nonce.Respond(challenge, _random)));
    }
}
