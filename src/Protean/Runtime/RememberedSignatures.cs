using Protean.Cryptography;

namespace Protean.Runtime;

/// <summary>A scheme that verifies no good signature twice: a member judges a request when it comes, and again at its place in the log.</summary>
/// <remarks>What it remembers is the hash of key, signature and message together, so a verdict never serves another triple. It changes no
/// verdict.</remarks>
internal sealed class RememberedSignatures(ISignatureScheme scheme) : ISignatureScheme
{
    private readonly Recent<Digest> _good = new(Limits.RememberedSignatures);

    public Signature Sign(SigningKey key, ReadOnlySpan<byte> message) => scheme.Sign(key, message);

    public bool Verify(PublicKey key, ReadOnlySpan<byte> message, Signature signature)
    {
        // Key and signature have fixed lengths, so the message begins at one place only.
        var name = Hash.H("protean/remembered/v1", key.Span, signature.Span, message);
        if (_good.Contains(name)) return true;
        if (!scheme.Verify(key, message, signature)) return false;
        _good.Add(name);
        return true;
    }
}
