using Protean.Cryptography;

namespace Protean.Simulator;

/// <summary>Signatures that cost one hash and that anyone who knows the public key could forge: for simulations, whose Byzantine members do
/// not.</summary>
public sealed class CheapSignatures : ISignatureScheme
{
    public Signature Sign(SigningKey key, ReadOnlySpan<byte> message) => Of(key.PublicKey, message);
    public bool Verify(PublicKey key, ReadOnlySpan<byte> message, Signature signature) => Of(key, message) == signature;

    private static Signature Of(PublicKey key, ReadOnlySpan<byte> message)
    {
        var hash = Hash.H("protean/cheap-signature/v1", key.Span, message);
        return new Signature([.. hash.Span, .. hash.Span]);
    }
}
