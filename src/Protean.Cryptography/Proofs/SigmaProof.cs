namespace Protean.Cryptography;

/// <summary>A non-interactive proof of knowledge of one secret: challenge and response, 64 bytes. Commitments are recomputed by the
/// verifier, never sent.</summary>
public readonly record struct SigmaProof(Scalar Challenge, Scalar Response)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 2 * Scalar.Size;

    public byte[] Encode() => [.. Challenge.Span, .. Response.Span];

    public static bool TryDecode(ReadOnlySpan<byte> encoded, out SigmaProof proof)
    {
        proof = default;
        if (encoded.Length != Size) return false;
        var reader = new WireReader(encoded);
        proof = reader.Proof();
        return reader.Valid;
    }
}
