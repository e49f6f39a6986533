using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.KeyGeneration;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Workflows;

public sealed class ReceiptVerifierTests
{
    private static readonly ResultLeaf Leaf = new(Hash.H("plan", []), 3, Hash.H("replay", []), default, default, "call", ResultStatus.Ok,
        Outputs.None.Digest);
    private readonly TestNetwork _network = new();

    private Receipt Good => _network.Receipt(_network.Id("execution"), Leaf);
    private SealHeader Header => Good.Header;

    [Fact]
    public void A_sealed_result_holds() => Assert.Null(Verify(Good));

    [Fact]
    [LeavesOut(typeof(ReceiptVerifier), nameof(ReceiptVerifier.SealChecks))]
    public void A_seal_of_another_network_is_refused() =>
        RefusedOnlyBy("PRT-RCT-0001", Header with { Context = Header.Context with { ChainId = Hash.H("other", []) } });

    [Fact]
    public void A_seal_of_an_unknown_epoch_is_refused() =>
        RefusedOnlyBy("PRT-RCT-0002", Header with { Context = Header.Context with { Epoch = 77 } });

    [Fact]
    public void A_seal_bound_to_another_committee_is_refused() =>
        RefusedOnlyBy("PRT-RCT-0003", Header with { Context = Header.Context with { CommitteeHash = Hash.H("mine", []) } });

    [Fact]
    public void Fewer_signers_than_a_quorum_are_refused() =>
        RefusedOnlyBy("PRT-RCT-0004", Good with { Seal = TestNetwork.Sealed(Header, signers: 2) });

    [Fact]
    [LeavesOut(typeof(QuorumSignature), nameof(QuorumSignature.Form))]
    public void Each_check_of_a_quorums_form_is_needed()
    {
        var committee = _network.CommitteeOf(Header.Context.UnitId, Header.Context.Epoch)!;
        QuorumCase Of(byte[] bitmap, int signatures) => new(new QuorumSignature(new Bytes(bitmap), new Signature[signatures]), committee);
        Needed.EachIs(QuorumSignature.Form, Of([0x07], 3),
            ("PRT-RCT-0015", Of([0x07, 0x00], 3)),
            ("PRT-RCT-0016", Of([0x17], 4)),
            ("PRT-RCT-0017", Of([0x07], 4)),
            ("PRT-RCT-0017", Of([0x07], 2)),
            ("PRT-RCT-0004", Of([0x06], 2)));
    }

    [Fact]
    public void A_member_cannot_be_counted_twice()
    {
        var two = TestNetwork.Sealed(Header, signers: 2).Certificate;
        var twice = new QuorumSignature(two.Bitmap, [two.Signatures[0], two.Signatures[0], two.Signatures[1]]);
        Assert.Equal("PRT-RCT-0017", Verify(Good with { Seal = new SealedHeader(Header, twice) })?.Code);
    }

    [Fact]
    public void Signatures_with_the_keys_of_another_epoch_are_refused() =>
        RefusedOnlyBy("PRT-RCT-0005", Good with { Seal = TestNetwork.Sealed(Header, keysOf: 4) });

    [Fact]
    public void A_result_that_is_not_among_the_sealed_ones_is_refused()
    {
        RefusedOnlyBy("PRT-RCT-0006", Good with { Leaf = Leaf with { InputsDigest = Hash.H("others", []) } });
        RefusedOnlyBy("PRT-RCT-0006", Good with { Index = 2 });
        RefusedOnlyBy("PRT-RCT-0006", Good with { Path = [.. Good.Path, default] });
    }

    [Fact]
    [LeavesOut(typeof(ReceiptVerifier), nameof(ReceiptVerifier.ReceiptChecks))]
    public void A_receipt_is_only_of_what_it_says()
    {
        var claim = Claim;
        RefusedOnlyBy("PRT-RCT-0007", Good, claim with { UnitId = _network.Id("state") });
        RefusedOnlyBy("PRT-RCT-0008", Good, claim with { FirstEpoch = 6, LastEpoch = 7 });
        RefusedOnlyBy("PRT-RCT-0008", Good, claim with { LastEpoch = 4 });
        RefusedOnlyBy("PRT-RCT-0009", Good, claim with { Function = "draw" });
        RefusedOnlyBy("PRT-RCT-0010", Good, claim with { Statuses = [ResultStatus.Failed] });
        RefusedOnlyBy("PRT-RCT-0011", Good, claim with { PlanDigest = Hash.H("other", []) });
        RefusedOnlyBy("PRT-RCT-0012", Good, claim with { Step = 2 });
        RefusedOnlyBy("PRT-RCT-0013", Good, claim with { ReplayKey = Hash.H("other", []) });
    }

    [Fact]
    [LeavesOut(typeof(ReceiptVerifier), nameof(ReceiptVerifier.OpeningChecks))]
    public void An_output_is_only_the_one_that_was_sealed()
    {
        var outputs = new Outputs([new NamedValue("a", Bytes.Of("1")), new NamedValue("b", Bytes.Of("2"))]);
        var receipt = _network.Receipt(_network.Id("execution"), Leaf with { OutputDigest = outputs.Digest });
        Assert.Null(Verifier().Verify(receipt, outputs.Open("a")));
        var swapped = outputs.Open("a") with { Value = new NamedValue("a", Bytes.Of("2")) };
        Assert.Equal("PRT-RCT-0014", Verifier().Verify(receipt, swapped)?.Code);
        Assert.Null(Verifier("PRT-RCT-0014").Verify(receipt, swapped));
    }

    [Fact]
    public void A_verified_seal_is_remembered_only_with_the_certificate_it_came_with()
    {
        var seals = new VerifiedSeals();
        var verifier = new ReceiptVerifier(_network, Ed25519Scheme.Instance, seals);
        Assert.Null(verifier.Verify(Good.Seal));
        Assert.Null(verifier.Verify(Good.Seal));
        Assert.Equal("PRT-RCT-0004", verifier.Verify(TestNetwork.Sealed(Header, signers: 2))?.Code);
    }

    [Fact]
    public void Every_check_has_a_code_of_its_own()
    {
        string[] codes = [.. ReceiptVerifier.SealChecks.Select(check => check.Code), .. ReceiptVerifier.ReceiptChecks.Select(check =>
            check.Code),
            .. ReceiptVerifier.OpeningChecks.Select(check => check.Code),
                .. Admission.PlannedChecks.Concat(Admission.DirectChecks).Distinct().Select(check => check.Code),
            .. Protean.Workflows.PlanVerifier.ContentChecks.Select(check => check.Code),
                .. Protean.Workflows.PlanVerifier.SealChecks.Select(check => check.Code),
            .. Protean.Workflows.WorkflowRules.Rules.Select(check => check.Code), .. Protean.Workflows.Compiler.Checks.Select(check =>
                check.Code)];
        Assert.Equal(codes.Length, codes.Distinct().Count());
    }

    private ReceiptClaim Claim =>
        new(_network.Id("execution"), 5, 5, "call") { PlanDigest = Leaf.PlanDigest, Step = 3, ReplayKey = Leaf.ReplayKey };

    private ReceiptVerifier Verifier(string? without = null) => new(_network, Ed25519Scheme.Instance, new VerifiedSeals(), without);

    private Refusal? Verify(Receipt receipt, ReceiptClaim? claim = null, string? without = null) =>
        Verifier(without).Verify(receipt, claim ?? Claim with { LastEpoch = 99 });

    private void RefusedOnlyBy(string code, SealHeader header) =>
        RefusedOnlyBy(code, Good with { Seal = TestNetwork.Sealed(header, keysOf: 5) });

    private void RefusedOnlyBy(string code, Receipt receipt, ReceiptClaim? claim = null)
    {
        Assert.Equal(code, Verify(receipt, claim)?.Code);
        Assert.Null(Verify(receipt, claim, code));
    }
}
