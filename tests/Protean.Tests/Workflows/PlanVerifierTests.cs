using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Workflows;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Workflows;

[LeavesOut(typeof(PlanVerifier), nameof(PlanVerifier.ContentChecks))]
[LeavesOut(typeof(PlanVerifier), nameof(PlanVerifier.SealChecks))]
public sealed class PlanVerifierTests
{
    private readonly TestNetwork _network = new();

    [Fact]
    public void A_plan_of_the_compiler_holds() => Assert.Null(Verify(_network.Seal(Good())));

    [Fact]
    public void A_plan_or_instance_of_another_network_is_refused()
    {
        RefusedOnlyBy("PRT-PLN-0001", Good() with { ChainId = Hash.H("other", []) });
        RefusedOnlyBy("PRT-PLN-0001", Good() with { Instance = Good().Instance with { ChainId = Hash.H("other", []) } });
    }

    [Fact]
    public void A_plan_sealed_by_another_unit_is_refused() =>
        RefusedOnlyBy("PRT-PLN-0002", Good() with { CompilerUnit = _network.Id("execution") });

    [Fact]
    public void A_plan_whose_compiler_signs_for_itself_is_refused()
    {
        var plan = Good();
        var sealedPlan = _network.Seal(plan);
        var keys = TestNetwork.Sealed(sealedPlan.Receipt.Header, keysOf: 6);
        RefusedOnlyBy("PRT-RCT-0005", sealedPlan with { Receipt = sealedPlan.Receipt with { Seal = keys } });
        var invented = sealedPlan.Receipt.Header with
        {
            Context = sealedPlan.Receipt.Header.Context with { UnitId = Hash.H("my unit", []) }
        };
        var self = new SealedHeader(invented,
            QuorumSignature.Of(1, [KeyValuePair.Create(new MemberId(1), TestNetwork.Client.Sign(invented.SignedPayload()))]));
        Assert.Equal("PRT-PLN-0002",
            Verify(_network.Seal(plan) with
            {
                Plan = plan with { CompilerUnit = invented.Context.UnitId },
                Receipt = sealedPlan.Receipt with { Seal = self }
            })?.Code);
    }

    [Fact]
    public void A_workflow_that_the_instance_does_not_pin_is_refused()
    {
        var plan = Good();
        RefusedOnlyBy("PRT-PLN-0003",
            plan with { Instance = plan.Instance with { Workflows = [new WorkflowPin("join", Hash.H("other", []))] } });
        RefusedOnlyBy("PRT-PLN-0003", plan with { Instance = plan.Instance with { Workflows = [] } });
    }

    [Fact]
    public void An_instance_that_stays_open_too_long_or_closes_before_it_opens_is_refused()
    {
        RefusedOnlyBy("PRT-PLN-0004", Good() with { Instance = Good().Instance with { CloseEpoch = 5 + Limits.MaxInstanceEpochs } });
        var shut = Good().Instance with { OpenEpoch = 5, CloseEpoch = 4 };
        Assert.Equal("PRT-PLN-0004", Verify(_network.Seal(Good() with { Instance = shut }))?.Code);
    }

    [Fact]
    public void A_plan_outside_its_dates_is_refused()
    {
        RefusedOnlyBy("PRT-PLN-0005", Good() with { Instance = Good().Instance with { OpenEpoch = 6 } });
        RefusedOnlyBy("PRT-PLN-0006", Good() with { NotBeforeEpoch = 4 });
        RefusedOnlyBy("PRT-PLN-0007", Good() with { ExpiryEpoch = 8 });
        RefusedOnlyBy("PRT-PLN-0008", Good() with { Instance = Good().Instance with { CloseEpoch = 6 } });
    }

    [Fact]
    public void Units_other_than_the_directorys_are_refused()
    {
        var plan = Good();
        RefusedOnlyBy("PRT-PLN-0009", plan with { Units = [plan.Units[0] with { UnitId = _network.Id("execution", 1) }, plan.Units[1]] });
        RefusedOnlyBy("PRT-PLN-0009", plan with { Units = [plan.Units[0] with { CommitteeHash = Hash.H("mine", []) }, plan.Units[1]] });
    }

    [Fact]
    public void A_once_only_step_that_the_instance_does_not_pin_is_refused()
    {
        var reveal = Plan("reveal");
        RefusedOnlyBy("PRT-PLN-0010", reveal with { Instance = reveal.Instance with { Operations = [] } });
        var pin = reveal.Instance.Operations[0];
        RefusedOnlyBy("PRT-PLN-0010",
            reveal with { Instance = reveal.Instance with { Operations = [pin with { CodeHash = Hash.H("another workflow", []) }] } });
    }

    [Fact]
    public void A_parameter_without_a_value_of_its_kind_is_refused()
    {
        RefusedOnlyBy("PRT-PLN-0011", Good() with { Instance = Good().Instance with { Parameters = [] } });
        RefusedOnlyBy("PRT-PLN-0011",
            Good() with
            {
                Instance = Good().Instance with { Parameters = [new("endOfSale", Values.OfU64(1)), new("price", Bytes.Of("ten"))] },
            });
    }

    [Fact]
    public void A_receipt_for_another_plan_is_refused()
    {
        RefusedOnlyBy("PRT-PLN-0013", _network.Seal(Good()) with { Plan = Good() with { ClientNonce = 99 } });
        var other = _network.Seal(Good());
        var forged = other.Opening with
        {
            Value = new NamedValue(SealedPlan.Output, new Bytes((Good() with { ClientNonce = 99 }).Digest.Span))
        };
        RefusedOnlyBy("PRT-RCT-0014", other with { Plan = Good() with { ClientNonce = 99 }, Opening = forged });
    }

    [Fact]
    public void The_receipt_of_another_epoch_or_function_is_no_plan()
    {
        var plan = Good() with { NotBeforeEpoch = 6 };
        RefusedOnlyBy("PRT-RCT-0008", _network.Seal(plan) with
        {
            Receipt = _network.Seal(plan with { CompilerEpoch = 6 }).Receipt,
            Opening = _network.Seal(plan).Opening
        }, "PRT-PLN-0012");
        var leaf = _network.Seal(plan).Receipt.Leaf with { Function = "publish" };
        RefusedOnlyBy("PRT-RCT-0009", _network.Seal(plan) with { Receipt = _network.Receipt(plan.CompilerUnit, leaf) });
    }

    [Fact]
    public void Two_ways_to_cut_the_same_letters_into_names_hash_differently()
    {
        var (first, second) = (Good().Instance with { Name = "ab" }, Good().Instance with { Name = "a" });
        Assert.NotEqual(first.Id, second.Id);
        Assert.NotEqual(
            RequestDigests.Inputs([new NamedValue("a", Bytes.Of("bc"))]), RequestDigests.Inputs([new NamedValue("ab", Bytes.Of("c"))]));
    }

    private Plan Good() => Plan("join");

    private Plan Plan(string workflow) => Assert.IsType<Compilation.Compiled>(Compiler.Compile(
        new CompileRequest(TestNetwork.Lottery.Workflows.Single(one => one.Name == workflow), _network.LotteryInstance, 90,
            TestNetwork.Client.PublicKey, 1), _network.Compiler())).Plan;

    private Refusal? Verify(SealedPlan plan, string? without = null) =>
        new PlanVerifier(new ReceiptVerifier(_network, Ed25519Scheme.Instance, new VerifiedSeals(), without), without).Verify(plan);

    private void RefusedOnlyBy(string code, Plan plan) => RefusedOnlyBy(code, _network.Seal(plan));

    private void RefusedOnlyBy(string code, SealedPlan plan, string? check = null)
    {
        Assert.Equal(code, Verify(plan)?.Code);
        Assert.Null(Verify(plan, check ?? code)?.ToString());
    }
}
