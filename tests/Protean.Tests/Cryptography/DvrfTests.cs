using CsCheck;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

public sealed class DvrfTests : IDisposable
{
    private const int Members = 5;
    private const int Threshold = 3;

    private static readonly IRandom Random = SystemRandom.Instance;

    private readonly SecretScalar[] _secrets;
    private readonly Dvrf _function;
    private readonly DvrfInput _input;
    private readonly ProvenShare[] _shares;

    public DvrfTests()
    {
        using var polynomial = SecretPolynomial.Random(Threshold, Random);
        _secrets = [.. Enumerable.Range(1, Members).Select(i => polynomial.Evaluate((ushort)i))];
        Assert.Null(ThresholdPublicKey.TryCreate(polynomial.Commit(), Members, out var key));
        _function = new Dvrf(Hash.Sha256("key"u8), key!, Sums);
        _input = _function.Input(Dvrf.BeaconMessage(77));
        _shares = [.. Enumerable.Range(1, Members).Select(i => _input.Multiple.Prove((ushort)i, _secrets[i - 1], Random))];
    }

    public void Dispose() => Array.ForEach(_secrets, secret => secret.Dispose());

    [Fact]
    public void The_output_is_the_same_whichever_members_contribute()
    {
        var expected = Combine(_shares[..Threshold]);
        Assert.Equal(Dvrf.OutputSize, expected.Length);
        Gen.Shuffle(_shares).Sample(order => Combine(order[..Threshold]).AsSpan().SequenceEqual(expected), iter: 20);
    }

    [Fact]
    public void Fewer_or_more_than_t_shares_do_not_combine()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Combine(_shares[..(Threshold - 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Combine(_shares[..(Threshold + 1)]));
        Assert.Throws<ArgumentException>(() => Combine([_shares[0], _shares[0], _shares[1]]));
    }

    [Fact]
    public void Other_keys_and_messages_give_other_outputs()
    {
        var output = Combine(_shares[..Threshold]);
        var other = _function.Input(Dvrf.BeaconMessage(78));
        var shares = Enumerable.Range(1, Threshold).Select(i => other.Multiple.Prove((ushort)i, _secrets[i - 1], Random)).ToArray();
        Assert.NotEqual(output, _function.Output(other, other.Multiple.Combine(shares)));
        Assert.NotEqual(_input.Multiple.Point, new Dvrf(Hash.Sha256("other"u8), _function.Key, Sums).Input(Dvrf.BeaconMessage(77)).Multiple.Point);
    }

    [Fact]
    public void A_request_never_reaches_the_beacon() => Gen.Select(Gen.ULong, Gen.ULong).Sample((round, seed) =>
        Dvrf.BeaconMessage(round)[0] != Dvrf.RequestMessage(Hash.Sha256(LittleEndian(seed)), Digest.Zero)[0]);

    [Fact]
    [LeavesOut(typeof(SharedMultiple), nameof(SharedMultiple.ShareChecks))]
    public void A_share_is_valid_for_its_member_message_and_key_alone()
    {
        var draw = _input.Multiple;
        Assert.All(_shares, share => Assert.Null(draw.Refusal(share)));
        var share = _shares[0];
        EachCheckIsNeeded(SharedMultiple.ShareChecks, (draw, share),
            ("PRT-CRY-0051", (draw, share with { Index = 0 })),
            ("PRT-CRY-0051", (draw, share with { Index = Members + 1 })),
            ("PRT-CRY-0052", (draw, share with { Index = 2 })),
            ("PRT-CRY-0052", (draw, share with { Value = _shares[1].Value })),
            ("PRT-CRY-0052", (_function.Input(Dvrf.BeaconMessage(78)).Multiple, share)),
            ("PRT-CRY-0052", (new Dvrf(Hash.Sha256("other"u8), _function.Key, Sums).Input(Dvrf.BeaconMessage(77)).Multiple, share)));
        Assert.All(BitFlips(share.Encode(), stride: 61), bytes =>
            Assert.False(ProvenShare.TryDecode(bytes, out var changed) && draw.Refusal(changed) is null));
    }

    [Fact]
    [LeavesOut(typeof(SharedMultiple), nameof(SharedMultiple.RecordChecks))]
    [LeavesOut(typeof(Dvrf), nameof(Dvrf.OutputChecks))]
    public void Anybody_can_check_an_output()
    {
        var shares = _shares[..Threshold];
        var output = Combine(shares);
        ProvenShare[] forged = [.. shares[..2], shares[2] with { Value = shares[2].Value + Point.Base }];
        EachCheckIsNeeded<(SharedMultiple, IReadOnlyList<ProvenShare>)>(SharedMultiple.RecordChecks, (_input.Multiple, shares),
            ("PRT-CRY-0061", (_input.Multiple, _shares)),
            ("PRT-CRY-0062", (_input.Multiple, shares.Reverse().ToArray())),
            ("PRT-CRY-0063", (_input.Multiple, forged)));
        EachCheckIsNeeded<(Dvrf, DvrfInput, IReadOnlyList<ProvenShare>, byte[])>(Dvrf.OutputChecks, (_function, _input, shares, output),
            ("PRT-CRY-0064", (_function, _input, shares, new byte[Dvrf.OutputSize])));
        Assert.Equal("PRT-CRY-0061", _function.Refusal(_input, _shares[..2], output));
        Assert.Equal("PRT-CRY-0063", _function.Refusal(_input, forged, Combine(forged)));
        Assert.Equal("PRT-CRY-0064", _function.Refusal(_input, shares, new byte[Dvrf.OutputSize]));
    }

    [Fact]
    public void A_share_has_98_bytes_and_one_encoding()
    {
        var encoded = _shares[4].Encode();
        Assert.Equal(98, encoded.Length);
        Assert.True(ProvenShare.TryDecode(encoded, out var decoded));
        Assert.Equal(_shares[4], decoded);
        Assert.False(ProvenShare.TryDecode([.. encoded, 0], out _));
    }

    private byte[] Combine(ProvenShare[] shares) => _function.Output(_input, _input.Multiple.Combine(shares));
}
