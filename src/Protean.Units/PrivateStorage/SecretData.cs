using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.PrivateStorage;

/// <summary>Encrypted data of a secret.</summary>
/// <param name="Nonce">24 bytes.</param>
/// <param name="Ciphertext">XChaCha20-Poly1305 under the data key; null where it is kept elsewhere.</param>
public sealed record SecretData(Bytes Nonce, Bytes? Ciphertext) : ICanonical<SecretData>
{
    /// <summary>What stands in the label: a hash of the ciphertext, never of what could be guessed.</summary>
    public static Digest HashOf(Bytes nonce, Bytes ciphertext) => Hash.H("protean/lts/data/v1", nonce.Span, ciphertext.Span);

    /// <summary>The hash, where the data is here.</summary>
    public Digest? HashHere => Ciphertext is { } ciphertext ? HashOf(Nonce, ciphertext) : null;

    public void Encode(Encoder to) => to.Raw(Nonce.Span).Optional(Ciphertext, static (e, ciphertext) => e.Bytes(ciphertext.Span));

    public static SecretData Decode(ref Decoder from) => new(
        new Bytes(from.Raw(DataKey.NonceSize)),
        from.Optional(static (ref Decoder d) => new Bytes(d.Bytes(Limits.MaxSecretData + DataKey.Overhead))));
}
