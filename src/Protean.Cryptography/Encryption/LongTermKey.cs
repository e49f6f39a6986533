namespace Protean.Cryptography;

/// <summary>A committee's long-term key as those who encrypt to it and read from it know it (protocols 5.1).</summary>
public sealed class LongTermKey
{
    /// <param name="keyId">Names the key.</param>
    /// <param name="publicKey">PK; not the identity.</param>
    public LongTermKey(Digest keyId, Point publicKey)
    {
        (KeyId, PublicKey) = (keyId, publicKey);
        SecondBase = HashToGroup.H2G("TDH2-GBAR", [.. keyId.Span, .. publicKey.Span]);
    }

    internal LongTermKey(Digest keyId, Point publicKey, Point secondBase) => (KeyId, PublicKey, SecondBase) = (keyId, publicKey, secondBase);

    public Digest KeyId { get; }
    public Point PublicKey { get; }

    /// <summary>Gbar, whose logarithm nobody knows.</summary>
    public Point SecondBase { get; }
}
