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
    private readonly DvrfShare[] _shares;

    public DvrfTests()
    {
        using var polynomial = SecretPolynomial.Random(Threshold, Random);
        _secrets = [.. Enumerable.Range(1, Members).Select(i => polynomial.Evaluate((ushort)i))];
        Assert.Null(ThresholdPublicKey.TryCreate(polynomial.Commit(), Members, out var key));
        _function = new Dvrf(Hash.Sha256("key"u8), key!, Sums);
        _input = _function.Input(Dvrf.BeaconMessage(77));
        _shares = [.. Enumerable.Range(1, Members).Select(i => _function.Prove(_input, (ushort)i, _secrets[i - 1], Random))];
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
        var shares = Enumerable.Range(1, Threshold).Select(i => _function.Prove(other, (ushort)i, _secrets[i - 1], Random)).ToArray();
        Assert.NotEqual(output, _function.Combine(other, [.. shares.Select(share => (share.Index, share.Value))]));
        Assert.NotEqual(_input.Point, new Dvrf(Hash.Sha256("other"u8), _function.Key, Sums).Input(Dvrf.BeaconMessage(77)).Point);
    }

    [Fact]
    public void A_request_never_reaches_the_beacon() => Gen.Select(Gen.ULong, Gen.ULong).Sample((round, seed) =>
        Dvrf.BeaconMessage(round)[0] != Dvrf.RequestMessage(Hash.Sha256(LittleEndian(seed)), Digest.Zero)[0]);

    [Fact]
    [LeavesOut(typeof(Dvrf), nameof(Dvrf.ShareChecks))]
    public void A_share_is_valid_for_its_member_message_and_key_alone()
    {
        Assert.All(_shares, share => Assert.Null(_function.Refusal(_input, share)));
        var share = _shares[0];
        EachCheckIsNeeded(Dvrf.ShareChecks, (_function, _input, share),
            ("PRT-CRY-0051", (_function, _input, share with { Index = 0 })),
            ("PRT-CRY-0051", (_function, _input, share with { Index = Members + 1 })),
            ("PRT-CRY-0052", (_function, _input, share with { Index = 2 })),
            ("PRT-CRY-0052", (_function, _input, share with { Value = _shares[1].Value })),
            ("PRT-CRY-0052", (_function, _function.Input(Dvrf.BeaconMessage(78)), share)),
            ("PRT-CRY-0052", (new Dvrf(Hash.Sha256("other"u8), _function.Key, Sums), _input, share)));
        Assert.All(BitFlips(share.Encode(), stride: 61), bytes =>
            Assert.False(DvrfShare.TryDecode(bytes, out var changed) && _function.Refusal(_input, changed) is null));
    }

    [Fact]
    [LeavesOut(typeof(Dvrf), nameof(Dvrf.BatchChecks))]
    public void Many_draws_are_proven_at_once()
    {
        DvrfInput[] inputs = [.. Enumerable.Range(1, 4).Select(round => _function.Input(Dvrf.BeaconMessage((ulong)round)))];
        var batch = _function.Prove(9, inputs, 2, _secrets[1], Random);
        EachCheckIsNeeded<(Dvrf, ulong, IReadOnlyList<DvrfInput>, DvrfBatchShare)>(Dvrf.BatchChecks, (_function, 9UL, inputs, batch),
            ("PRT-CRY-0053", (_function, 9UL, inputs, batch with { Index = 0 })),
            ("PRT-CRY-0054", (_function, 9UL, inputs, batch with { Index = 3 })),
            ("PRT-CRY-0054", (_function, 8UL, inputs, batch)),
            ("PRT-CRY-0054", (_function, 9UL, inputs[..3], batch)),
            ("PRT-CRY-0054", (_function, 9UL, inputs.Reverse().ToArray(), batch)));
        var single = _function.Prove(inputs[3], 2, _secrets[1], Random);
        Assert.Equal(single.Value, batch.Values.Span[3]);
        Assert.True(DvrfBatchShare.TryDecode(batch.Encode(), 4, out var decoded));
        Assert.Null(_function.Refusal(9, inputs, decoded));
        Assert.False(DvrfBatchShare.TryDecode(batch.Encode(), 3, out _));
    }

    [Fact]
    [LeavesOut(typeof(Dvrf), nameof(Dvrf.RecordChecks))]
    public void Anybody_can_check_an_output()
    {
        var shares = _shares[..Threshold];
        var output = Combine(shares);
        DvrfShare[] forged = [.. shares[..2], shares[2] with { Value = shares[2].Value + Point.Base }];
        EachCheckIsNeeded<(Dvrf, DvrfInput, IReadOnlyList<DvrfShare>, byte[])>(Dvrf.RecordChecks, (_function, _input, shares, output),
            ("PRT-CRY-0061", (_function, _input, _shares, output)),
            ("PRT-CRY-0062", (_function, _input, shares.Reverse().ToArray(), output)),
            ("PRT-CRY-0063", (_function, _input, forged, Combine(forged))),
            ("PRT-CRY-0064", (_function, _input, shares, new byte[Dvrf.OutputSize])));
        Assert.Equal("PRT-CRY-0061", _function.Refusal(_input, _shares[..2], output));
    }

    [Fact]
    public void A_share_has_98_bytes_and_one_encoding()
    {
        var encoded = _shares[4].Encode();
        Assert.Equal(98, encoded.Length);
        Assert.True(DvrfShare.TryDecode(encoded, out var decoded));
        Assert.Equal(_shares[4], decoded);
        Assert.False(DvrfShare.TryDecode([.. encoded, 0], out _));
    }

    private byte[] Combine(DvrfShare[] shares) => _function.Combine(_input, [.. shares.Select(share => (share.Index, share.Value))]);
}
