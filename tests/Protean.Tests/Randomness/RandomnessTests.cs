using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.KeyGeneration;
using Protean.Tests.Tidy;
using Protean.Units;
using Protean.Units.Randomness;
using Xunit;

namespace Protean.Tests.Randomness;

public sealed class RandomnessTests
{
    private static readonly Digest ReplayKey = Hash.H("test/replay", []);
    private static readonly Digest InputsDigest = Hash.H("test/inputs", []);
    private static readonly Lazy<ThresholdKey[]> Keys = new(() => KeysOf(members: 7, seed: 1));

    private static GeneratedKey Generated => Keys.Value[0].Generated;
    private static int Threshold => Generated.Key.Threshold;

    [Fact]
    public void Any_t_members_find_the_same_value() => Gen.Shuffle(Enumerable.Range(0, 7).ToArray()).Sample(
        order =>
        {
            var result = Draw(order[0]);
            foreach (var other in order[1..Threshold])
            {
                Assert.Null(result.Result);
                Assert.True(result.Accept(Id(other), ShareOf(other)));
            }
            Assert.Equal((Threshold, Threshold), result.Progress);
            Assert.Equal(Found(), result.Result);
        },
        iter: 10);

    [Fact]
    public void Wrong_shares_that_come_first_neither_count_nor_keep_valid_ones_out()
    {
        // N20.
        var result = Draw(0);
        for (var from = 1; from < Threshold; from++)
            Assert.False(result.Accept(Id(from), Changed(from, share => share with { Value = Point.Base })));
        Assert.Equal(1, result.Progress.Have);
        for (var from = 1; from < Threshold; from++) Assert.True(result.Accept(Id(from), ShareOf(from)));
        Assert.Equal(Found(), result.Result);
    }

    [Fact]
    public void A_share_counts_once_and_for_its_own_member_only()
    {
        // N21.
        var result = Draw(0);
        Assert.True(result.Accept(Id(1), ShareOf(1)));
        Assert.True(result.Accept(Id(1), ShareOf(1)));
        Assert.Equal(2, result.Progress.Have);
        Assert.False(result.Accept(Id(2), ShareOf(1)));
        foreach (var index in new ushort[] { 0, 4, 8, ushort.MaxValue })
            Assert.False(result.Accept(new MemberId(index), Changed(2, share => share with { Index = index })));
        Assert.Equal(2, result.Progress.Have);
    }

    [Fact]
    public void A_share_of_another_request_round_or_key_is_refused()
    {
        // N98: the key of another epoch is another key.
        var result = Draw(0);
        var random = new SeededRandom(5);
        Assert.False(result.Accept(Id(1), Draws.OfRequest(Keys.Value[1], Digest.Zero, InputsDigest, random).OwnShare!.Value));
        Assert.False(result.Accept(Id(1), Draws.OfRequest(Keys.Value[1], ReplayKey, Digest.Zero, random).OwnShare!.Value));
        Assert.False(result.Accept(Id(1), Draws.OfBeacon(Keys.Value[1], 1, random).OwnShare!.Value));
        var other = KeysOf(members: 7, seed: 1, epoch: 1)[1];
        Assert.False(result.Accept(Id(1), Draws.OfRequest(other, ReplayKey, InputsDigest, random).OwnShare!.Value));
    }

    [Fact]
    public void A_member_without_its_share_finds_the_value_from_others()
    {
        var result = Draws.OfRequest(new ThresholdKey(Generated, Id(0), share: null), ReplayKey, InputsDigest, new SeededRandom(1));
        Assert.Null(result.OwnShare);
        for (var from = 1; from <= Threshold; from++) Assert.True(result.Accept(Id(from), ShareOf(from)));
        Assert.Equal(Found(), result.Result);
    }

    [Fact]
    public void Different_requests_and_rounds_have_different_values()
    {
        Outputs[] values =
        [
            Found(),
            Complete(who => Draws.OfRequest(Keys.Value[who], Digest.Zero, InputsDigest, new SeededRandom(1))).Result!,
            Complete(who => Round(who, 1)).Result!,
            Complete(who => Round(who, 2)).Result!,
        ];
        Assert.Equal(values.Length, values.Select(outputs => outputs.Find("value")).Distinct().Count());
        Assert.All(values, outputs => Assert.Equal(Dvrf.OutputSize, outputs.Find("value")!.Value.Length));
    }

    [Fact]
    public void A_record_proves_a_draw_to_whoever_has_the_key()
    {
        var (claim, record) = Claimed();
        Assert.Null(RandomnessRecord.Verify(record, Generated, claim.Leaf, claim.Outputs));
        Assert.Equal(sizeof(uint) + Threshold * ProvenShare.Size, record.Length);
        Assert.Equal("PRT-RND-0001", RandomnessRecord.Verify(new Bytes(record.Span[1..]), Generated, claim.Leaf, claim.Outputs)?.Code);
        foreach (var flipped in Cryptography.Fixtures.BitFlips(record.ToArray(), stride: 251))
            Assert.NotNull(RandomnessRecord.Verify(Bytes.Wrap(flipped), Generated, claim.Leaf, claim.Outputs));
    }

    [Fact]
    public void A_record_proves_a_beacon_round_with_and_without_a_receipt()
    {
        var result = Complete(who => Round(who, 12));
        var (outputs, record) = (result.Result!, result.Record!.Value);
        var leaf = Claimed().Claim.Leaf with { Function = "beacon", OutputDigest = outputs.Digest };
        Assert.Null(RandomnessRecord.Verify(record, Generated, leaf, outputs));
        var value = outputs.Find("value")!.Value;
        Assert.True(RandomnessRecord.ProvesBeacon(record, Generated, 12, value));
        Assert.False(RandomnessRecord.ProvesBeacon(record, Generated, 13, value));
        Assert.False(RandomnessRecord.ProvesBeacon(record, Generated with { Purpose = "other" }, 12, value));
        Assert.False(RandomnessRecord.ProvesBeacon(Bytes.Empty, Generated, 12, value));
    }

    [Fact]
    [LeavesOut(typeof(RandomnessRecord), nameof(RandomnessRecord.Checks))]
    public void Each_check_of_a_record_is_needed()
    {
        var (good, _) = Claimed();
        var more = new Outputs([.. good.Outputs.Values, new("more", Bytes.Empty)]);
        var withMore = good with { Outputs = more, Leaf = good.Leaf with { OutputDigest = more.Digest } };
        Needed.EachIs(RandomnessRecord.Checks, good,
            ("PRT-RND-0002", good with { Key = Generated with { Purpose = "other" } }),
            ("PRT-RND-0003", good with { Leaf = good.Leaf with { OutputDigest = Digest.Zero } }),
            ("PRT-RND-0003", good with { Leaf = good.Leaf with { Status = ResultStatus.Failed } }),
            ("PRT-RND-0004", withMore),
            ("PRT-RND-0005", good with { Record = new ShareRecord([.. good.Record.Shares.Reverse()]) }),
            ("PRT-RND-0005", good with { Record = new ShareRecord([.. good.Record.Shares.Skip(1)]) }),
            ("PRT-RND-0005", good with { Leaf = good.Leaf with { ReplayKey = Digest.Zero } }));
        var round = good with { Leaf = good.Leaf with { Function = "beacon" } };
        Assert.Equal("PRT-RND-0004", RandomnessRecord.Checks.FirstRefusal(round)?.Code);
    }

    internal static ThresholdKey[] KeysOf(int members, ulong seed, ulong epoch = 0)
    {
        var log = new GenerationLog(members, seed, epoch: epoch);
        log.Run();
        return [.. log.Nodes.Select(node => node.Holder.Key(node.Keys)!)];
    }

    private static MemberId Id(int who) => new((ushort)(who + 1));
    private static ISharedResult Draw(int who) => Draws.OfRequest(Keys.Value[who], ReplayKey, InputsDigest, new SeededRandom((ulong)who));
    private static ISharedResult Round(int who, ulong round) => Draws.OfBeacon(Keys.Value[who], round, new SeededRandom((ulong)who));
    private static Bytes ShareOf(int who) => Draw(who).OwnShare!.Value;
    private static Outputs Found() => Complete(Draw).Result!;

    private static ISharedResult Complete(Func<int, ISharedResult> draw)
    {
        var result = draw(0);
        for (var from = 1; from < Threshold; from++) Assert.True(result.Accept(Id(from), draw(from).OwnShare!.Value));
        return result;
    }

    private static Bytes Changed(int who, Func<ProvenShare, ProvenShare> change)
    {
        Assert.True(ProvenShare.TryDecode(ShareOf(who).Span, out var share));
        return Bytes.Wrap(change(share).Encode());
    }

    private static (RandomnessRecord.Claim Claim, Bytes Record) Claimed()
    {
        var result = Complete(Draw);
        var leaf = new ResultLeaf(Digest.Zero, 0, ReplayKey, Digest.Zero, InputsDigest, "draw", ResultStatus.Ok, result.Result!.Digest);
        var record = result.Record!.Value;
        return (new RandomnessRecord.Claim(Generated, leaf, result.Result, Canonical.Decode<ShareRecord>(record.Span)), record);
    }
}
