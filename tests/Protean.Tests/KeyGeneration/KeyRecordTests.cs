using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Cryptography;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.KeyGeneration;

public sealed class KeyRecordTests
{
    private static readonly Lazy<GenerationLog> Log = new(() =>
    {
        var log = new GenerationLog(4);
        log.Run();
        return log;
    });

    private static GeneratedKey Key => Log.Value.Key!;
    private static KeyRecord Record => Log.Value[1].Generator.Record(Log.Value[1].Keys)!;

    [Fact]
    public void A_record_shows_the_key_to_whoever_has_the_committee()
    {
        var decoded = Canonical.Decode<KeyRecord>(Canonical.Encode(Record));
        Assert.Equal(Record, decoded);
        Assert.Null(decoded.Verify(Key.ToOutputs(), Log.Value.Context, Log.Value.Committee, Ed25519Scheme.Instance, out var key));
        Assert.Equal(Key.KeyId, key!.KeyId);
    }

    [Fact]
    public void A_record_convinces_nobody_of_another_unit_epoch_or_chain()
    {
        var own = Log.Value.Context;
        foreach (var other in new[] { own with { UnitId = Digest.Zero }, own with { ChainId = Digest.Zero }, own with { Epoch = 1 } })
            Assert.Equal("PRT-KEY-0102", RefusalOf(Record, other));
    }

    [Fact]
    public void Outputs_of_a_key_have_one_form()
    {
        var outputs = Key.ToOutputs();
        Assert.Equal(outputs, GeneratedKey.FromOutputs(outputs).ToOutputs());
        foreach (var output in outputs.Values)
        {
            var others = outputs.Values.Where(other => other != output);
            Assert.Throws<MalformedException>(() => GeneratedKey.FromOutputs(new Outputs(others)));
            if (output.Name == "purpose") continue;
            var longer = output with { Value = new Bytes([.. output.Value.Span, 0]) };
            Assert.Throws<MalformedException>(() => GeneratedKey.FromOutputs(new Outputs([.. others, longer])));
        }
        Assert.Throws<MalformedException>(() => GeneratedKey.FromOutputs(new Outputs([.. outputs.Values, new("more", Bytes.Empty)])));
    }

    [Fact]
    public void A_record_with_a_dealing_of_another_shape_is_malformed()
    {
        var cut = Record.Dealings[0] with { Payload = new Bytes(Record.Dealings[0].Payload.Span[1..]) };
        Assert.Equal("PRT-KEY-0101", RefusalOf(new KeyRecord([cut, .. Record.Dealings.Skip(1)]), Log.Value.Context));
    }

    [Fact]
    [LeavesOut(typeof(KeyRecord), nameof(KeyRecord.Checks))]
    public void Each_check_of_a_record_is_needed()
    {
        var good = Record.Claimed(Key.ToOutputs(), Log.Value.Context, Log.Value.Committee, Ed25519Scheme.Instance)!;
        Assert.Null(ThresholdPublicKey.TryCreate(Key.Key.Polynomial, 5, out var ofFive));
        Assert.Null(ThresholdPublicKey.TryCreate(new PublicPolynomial(good.Dealings[0].Commitments), 4, out var ofOne));
        var unproven = good.Dealings[3] with { Proof = good.Dealings[3].Proof with { ConstantResponse = Scalar.One } };
        var byAnother = good.Contributions[0] with { Signature = good.Contributions[1].Signature };
        Needed.EachIs(KeyRecord.Checks, good,
            ("PRT-KEY-0102", good with { Key = Key with { Attempt = 1 } }),
            ("PRT-KEY-0103", good with { Key = Key with { Key = ofFive! } }),
            ("PRT-KEY-0104", Of(good, [good.Dealings[0]], good.Contributions.Take(1)) with
            {
                Key = Key with { Key = ofOne!, Qualified = new MemberSet(1), Dealings = DigestOf([good.Dealings[0]]) },
            }),
            ("PRT-KEY-0105", Of(good, [.. good.Dealings.Reverse()], good.Contributions.Reverse())),
            ("PRT-KEY-0106", good with { Contributions = [byAnother, .. good.Contributions.Skip(1)] }),
            ("PRT-KEY-0107", Of(
                good, [.. good.Dealings.Take(3), unproven], [.. good.Contributions.Take(3), Log.Value.Sign(4, Deeds.Dealt(unproven))])),
            ("PRT-KEY-0108", good with { Key = Key with { Key = ofOne! } }),
            ("PRT-KEY-0109", good with { Key = Key with { Dealings = Digest.Zero } }));
    }

    private static string? RefusalOf(KeyRecord record, UnitContext context) =>
        record.Verify(Key.ToOutputs(), context, Log.Value.Committee, Ed25519Scheme.Instance, out _)?.Code;

    private static KeyRecord.Claim Of(KeyRecord.Claim good, IReadOnlyList<Dealing> dealings, IEnumerable<Contribution> contributions) =>
        good with { Dealings = dealings, Contributions = [.. contributions], Key = Key with { Dealings = DigestOf(dealings) } };

    private static Digest DigestOf(IReadOnlyList<Dealing> dealings) =>
        GeneratedKey.DigestOf(Key.Sid, [.. dealings.Select(dealing => (dealing.Dealer, dealing.Id()))]);
}
