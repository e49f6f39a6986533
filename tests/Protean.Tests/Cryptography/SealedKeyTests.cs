using CsCheck;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

/// <summary>Keys under a committee's long-term key, and reading them (protocols 5.1, 5.2).</summary>
public sealed class SealedKeyTests : IDisposable
{
    private const int Members = 5, Threshold = 3;

    private static readonly IRandom Random = SystemRandom.Instance;
    private static readonly byte[] Label = [.. "policy A, owner A"u8], OtherLabel = [.. "policy B, owner B"u8];
    private static readonly Digest Request = Hash.Sha256("a request"u8);

    private readonly SharingFixture _sharing = new(Members, Threshold);
    private readonly LongTermKey _key;
    private readonly DataKey _dataKey = DataKey.Random(Random);
    private readonly KeySealing _sealing;
    private readonly SealedKey _sealed;
    private readonly ReaderKey _reader = ReaderKey.Random(Random);

    public SealedKeyTests()
    {
        _key = new LongTermKey(Hash.Sha256("key"u8), _sharing.Key.PublicKey);
        _sealing = new KeySealing(_key, _dataKey, Random);
        _sealed = _sealing.Seal(Label, Random);
    }

    public void Dispose()
    {
        _sharing.Dispose();
        _dataKey.Dispose();
        _sealing.Dispose();
        _reader.Dispose();
    }

    [Fact]
    public void Whichever_t_members_help_the_reader_gets_the_key()
    {
        var reencryption = Reencryption(_sealed, _reader.Public);
        var shares = _sharing.Secrets.Select((secret, i) => reencryption.Prove((ushort)(i + 1), secret, Random)).ToArray();
        Gen.Shuffle(shares).Sample(order =>
        {
            using var opened = _reader.Open(_key, _sealed, Label, _sealing.Commitment, reencryption.Combine(order[..Threshold]));
            return Same(opened, _dataKey);
        }, iter: 10);
        Assert.Null(reencryption.Refusal(shares[..Threshold]));
    }

    [Fact]
    public void What_is_re_encrypted_to_one_reader_says_nothing_to_another()
    {
        using var other = ReaderKey.Random(Random);
        Assert.Null(other.Open(_key, _sealed, Label, _sealing.Commitment, Reencrypt(_sealed, _reader.Public)));
    }

    [Fact]
    public void A_share_for_one_read_is_refused_for_every_other()
    {
        var share = Reencryption(_sealed, _reader.Public).Prove(1, _sharing.Secrets[0], Random);
        using var other = ReaderKey.Random(Random);
        using var sealing = new KeySealing(_key, _dataKey, Random);
        Assert.Equal("PRT-CRY-0052", Reencryption(_sealed, other.Public).Refusal(share));
        Assert.Equal("PRT-CRY-0052", Reencryption(sealing.Seal(Label, Random), _reader.Public).Refusal(share));
        Assert.Equal("PRT-CRY-0052",
            _sealed.Reencryption(_sealed.Id(Label), Hash.Sha256("another read"u8), _reader.Public, _sharing.Key, Sums).Refusal(share));
    }

    [Fact]
    [LeavesOut(typeof(SealedKey), nameof(SealedKey.Checks))]
    public void An_encryption_holds_for_its_key_and_label_alone()
    {
        var otherKey = new LongTermKey(Hash.Sha256("other"u8), _sharing.Key.PublicKey);
        var ofNothing = Forged(Secret(Scalar.Zero));
        EachCheckIsNeeded(SealedKey.Checks, (_sealed, _key, Label),
            ("PRT-CRY-0081", (ofNothing, _key, Label)),
            ("PRT-CRY-0082", (_sealed, _key, OtherLabel)),
            ("PRT-CRY-0082", (_sealed, otherKey, Label)),
            ("PRT-CRY-0082", (_sealed with { Masked = Hash.Sha256("mauled"u8) }, _key, Label)),
            ("PRT-CRY-0082", (_sealed with { U = _sealed.U + Point.Base, Second = _sealed.Second + _key.SecondBase }, _key, Label)));
        Assert.All(BitFlips(_sealed.Encode(), stride: 101), bytes =>
            Assert.False(SealedKey.TryDecode(bytes, out var changed) && changed.Refusal(_key, Label) is null));
    }

    [Fact]
    public void An_encryption_has_160_bytes_and_one_encoding()
    {
        Assert.Equal(160, _sealed.Encode().Length);
        Assert.True(SealedKey.TryDecode(_sealed.Encode(), out var decoded));
        Assert.Equal(_sealed, decoded);
        Assert.False(SealedKey.TryDecode([.. _sealed.Encode(), 0], out _));
        Assert.True(ProvenReader.TryDecode(_reader.Prove(_key, Request, Random).Encode(), out var reader));
        Assert.Null(reader.Refusal(_key, Request, _sealed));
        Assert.False(ProvenReader.TryDecode(reader.Encode().AsSpan(1), out _));
    }

    // The cross-write attack: whoever may read one secret asks for it under a key that turns it into another's.
    [Fact]
    public void A_reader_key_made_of_anothers_encryption_would_open_it_and_has_no_proof()
    {
        using var ownKey = DataKey.Random(Random);
        using var own = new KeySealing(_key, ownKey, Random);
        var attackers = own.Seal(OtherLabel, Random);
        var crafted = _sealed.U - attackers.U + _reader.Public;
        var gained = Reencrypt(attackers, crafted);
        using (var stolen = _reader.Open(_key, _sealed, Label, _sealing.Commitment, gained)) Assert.True(Same(stolen, _dataKey));

        var honest = _reader.Prove(_key, Request, Random);
        Assert.Equal("PRT-CRY-0085", (honest with { Key = crafted }).Refusal(_key, Request, attackers));
        Assert.Equal("PRT-CRY-0085",
            (honest with { Key = crafted, Second = _sealed.Second - attackers.Second + honest.Second }).Refusal(_key, Request, attackers));
    }

    [Fact]
    [LeavesOut(typeof(ProvenReader), nameof(ProvenReader.Checks))]
    public void A_reader_key_holds_for_its_request_and_key_alone()
    {
        using var zero = Secret(Scalar.Zero);
        using var r = SecretScalar.Random(Random);
        using var minusR = Secret(-Known(r));
        var inverse = new SealedKey(r.MultiplyBase(), r.Multiply(_key.SecondBase), Digest.Zero, default);
        var good = _reader.Prove(_key, Request, Random);
        EachCheckIsNeeded(ProvenReader.Checks, (good, _key, Request, _sealed),
            ("PRT-CRY-0083", (ReaderOf(zero), _key, Request, _sealed)),
            ("PRT-CRY-0084", (ReaderOf(minusR), _key, Request, inverse)),
            ("PRT-CRY-0085", (good, _key, Hash.Sha256("another request"u8), _sealed)),
            ("PRT-CRY-0085", (good, new LongTermKey(Digest.Zero, _key.PublicKey), Request, _sealed)),
            ("PRT-CRY-0085", (good with { Key = good.Key + Point.Base }, _key, Request, _sealed)));
        Assert.All(BitFlips(good.Encode(), stride: 101), bytes =>
            Assert.False(ProvenReader.TryDecode(bytes, out var changed) && changed.Refusal(_key, Request, _sealed) is null));
    }

    [Fact]
    public void A_key_that_is_not_the_committed_one_is_malformed_for_everybody()
    {
        using var other = DataKey.Random(Random);
        using var sealing = new KeySealing(_key, other, Random);
        var (wrong, shared) = (sealing.Commitment, _sharing.Whole.Multiply(_sealed.U));
        Assert.Null(_sealed.Open(_key, Label, wrong, shared));
        Assert.Null(_reader.Open(_key, _sealed, Label, wrong, Reencrypt(_sealed, _reader.Public)));
        using var opened = _sealed.Open(_key, Label, _sealing.Commitment, shared);
        Assert.True(Same(opened, _dataKey));
    }

    [Fact]
    public void Data_opens_under_its_key_nonce_and_context_alone()
    {
        byte[] nonce = new byte[DataKey.NonceSize], otherNonce = [1, .. nonce[1..]];
        var ciphertext = _dataKey.Encrypt(nonce, Label, "secret"u8);
        using var other = DataKey.Random(Random);
        Assert.True(_dataKey.TryDecrypt(nonce, Label, ciphertext, out var plaintext));
        Assert.Equal("secret"u8.ToArray(), plaintext);
        Assert.False(other.TryDecrypt(nonce, Label, ciphertext, out _));
        Assert.False(_dataKey.TryDecrypt(nonce, OtherLabel, ciphertext, out _));
        Assert.False(_dataKey.TryDecrypt(otherNonce, Label, ciphertext, out _));
        Assert.False(_dataKey.TryDecrypt(nonce, Label, ciphertext.AsSpan(1), out _));
        Assert.False(_dataKey.TryDecrypt(nonce, Label, [], out _));
    }

    private SharedMultiple Reencryption(SealedKey sealedKey, Point reader) =>
        sealedKey.Reencryption(sealedKey.Id(Label), Request, reader, _sharing.Key, Sums);

    private Point Reencrypt(SealedKey sealedKey, Point reader) => _sharing.Whole.Multiply(sealedKey.U + reader);

    private ProvenReader ReaderOf(SecretScalar y)
    {
        var (key, second) = (y.MultiplyBase(), y.Multiply(_key.SecondBase));
        return new ProvenReader(key, second, Dleq.Prove(ProvenReader.StatementOf(_key, Request, key, second), y, Random));
    }

    private SealedKey Forged(SecretScalar r)
    {
        using var nonce = SecretScalar.Random(Random);
        var (u, second) = (r.MultiplyBase(), r.Multiply(_key.SecondBase));
        var challenge = SealedKeyEquations.Challenge(
            SealedKeyEquations.Begin(_key, Label, Digest.Zero.Span, u, second), nonce.MultiplyBase(), nonce.Multiply(_key.SecondBase));
        return new SealedKey(u, second, Digest.Zero, new SigmaProof(challenge, nonce.Respond(challenge, r)));
    }

    private static Scalar Known(SecretScalar secret)
    {
        Span<byte> bytes = stackalloc byte[Scalar.Size];
        secret.CopyTo(bytes);
        return Scalar.TryDecode(bytes, out var scalar) ? scalar : throw new FormatException();
    }

    private static bool Same(DataKey? one, DataKey other) => one is not null && one.Bytes.SequenceEqual(other.Bytes);
}
