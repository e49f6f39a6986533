using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.PrivateStorage;

/// <summary>A reader's request for one secret (protocols 5.2).</summary>
/// <param name="Reader">Signs the request; for this key alone it is good.</param>
/// <param name="Nonce">Random.</param>
/// <param name="Proven">The reader's ephemeral key, proven for all of the above.</param>
public sealed record SecretRequest(Digest KeyId, Digest SecretId, PublicKey Reader, Digest Nonce, ProvenReader Proven) : ICanonical<SecretRequest>
{
    /// <summary>What the proof of the ephemeral key is bound to: H("protean/lts/readreq/v1", request without the proof).</summary>
    public Digest Context => ContextOf(KeyId, SecretId, Reader, Nonce, Proven.Key);

    /// <summary>Names the request with its proof: H("protean/lts/readreq2/v1", ..).</summary>
    public Digest Id => new Encoder().Value(this).ToHash("protean/lts/readreq2/v1");

    public static SecretRequest Create(LongTermKey key, Digest secretId, PublicKey reader, ReaderKey ephemeral, IRandom random)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        random.Fill(bytes);
        var nonce = new Digest(bytes);
        return new SecretRequest(
            key.KeyId, secretId, reader, nonce, ephemeral.Prove(key, ContextOf(key.KeyId, secretId, reader, nonce, ephemeral.Public), random));
    }

    public void Encode(Encoder to) => to.Digest(KeyId).Digest(SecretId).Key(Reader).Digest(Nonce).Raw(Proven.Encode());

    public static SecretRequest Decode(ref Decoder from) => new(
        from.Digest(), from.Digest(), from.Key(), from.Digest(),
        ProvenReader.TryDecode(from.Raw(ProvenReader.Size), out var proven) ? proven : throw new MalformedException("a reader's key is not canonical"));

    private static Digest ContextOf(Digest keyId, Digest secretId, PublicKey reader, Digest nonce, Point key) =>
        new Encoder().Digest(keyId).Digest(secretId).Key(reader).Digest(nonce).Raw(key.Span).ToHash("protean/lts/readreq/v1");
}
