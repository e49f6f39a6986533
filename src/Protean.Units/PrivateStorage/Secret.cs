using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.PrivateStorage;

/// <summary>A secret as it is written: a data key under the unit's long-term key, with its label, its data and its owner's word (protocols
/// 5.1).</summary>
public sealed record Secret(SecretLabel Label, SealedKey Key, SecretData Data, Signature OwnerSignature) : ICanonical<Secret>
{
    private const string SignatureTag = "lts-write";

    /// <summary>Names the secret.</summary>
    public Digest Id => Key.Id(Label.ToBytes());

    /// <summary>A secret of one who signs for it.</summary>
    /// <param name="key">The unit's.</param>
    /// <param name="terms">The label, but for key, data hash and commitment.</param>
    /// <param name="sign">The owner's signature of these bytes.</param>
    public static Secret Seal(
        LongTermKey key, SecretLabel terms, ReadOnlySpan<byte> plaintext, Digest chainId, Func<byte[], Signature> sign, IRandom random)
    {
        using var dataKey = DataKey.Random(random);
        using var sealing = new KeySealing(key, dataKey, random);
        var nonce = new byte[DataKey.NonceSize];
        random.Fill(nonce);
        var label = terms with { KeyId = key.KeyId, KeyCommitment = sealing.Commitment, DataHash = Digest.Zero };
        var context = label.DataContext(sealing.U);
        var data = new SecretData(Bytes.Wrap(nonce), Bytes.Wrap(dataKey.Encrypt(nonce, context.Span, plaintext)));
        label = label with { DataHash = data.HashHere!.Value };
        var sealedKey = sealing.Seal(label.ToBytes(), random);
        return new Secret(label, sealedKey, data, sign(SignedPayload(chainId, sealedKey.Id(label.ToBytes()))));
    }

    /// <summary>What the owner signs: SignMsg("lts-write", chainId || writeId).</summary>
    public static byte[] SignedPayload(Digest chainId, Digest id) => new Encoder().Digest(chainId).Digest(id).ToSignMsg(SignatureTag);

    /// <summary>The plaintext, by its data key.</summary>
    /// <param name="ciphertext">Where it does not stand in the secret.</param>
    /// <returns>Null where it is not what the label says; the caller wipes it.</returns>
    public byte[]? Decrypt(DataKey key, Bytes? ciphertext = null)
    {
        if ((ciphertext ?? Data.Ciphertext) is not { } data || SecretData.HashOf(Data.Nonce, data) != Label.DataHash) return null;
        var context = Label.DataContext(Key.U);
        return key.TryDecrypt(Data.Nonce.Span, context.Span, data.Span, out var plaintext) ? plaintext : null;
    }

    public void Encode(Encoder to) => to.Value(Label).Raw(Key.Encode()).Value(Data).Signature(OwnerSignature);

    public static Secret Decode(ref Decoder from) => new(
        from.Value<SecretLabel>(),
        SealedKey.TryDecode(from.Raw(SealedKey.Size), out var key) ? key : throw new MalformedException("a sealed key is not canonical"),
        from.Value<SecretData>(), from.Signature());
}
