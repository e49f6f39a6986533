using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.State;
using Protean.Tests.State;
using Protean.Tests.Workflows;
using Protean.Workflows;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Runtime;

[LeavesOut(typeof(Admission), nameof(Admission.PlannedChecks))]
[LeavesOut(typeof(Admission), nameof(Admission.DirectChecks))]
[LeavesOut(typeof(Admission), nameof(Admission.CancellationChecks))]
public sealed class AdmissionTests
{
    private readonly Requests _requests = new();
    private TestNetwork Network => _requests.Network;

    [Fact]
    public void A_step_of_the_client_is_admitted_with_the_state_it_reads()
    {
        var context = _requests.Context("execution");
        var request = _requests.Pay();
        var admitted = Requests.Admitted(_requests.Sign(request, context), context);
        Assert.Equal(["@state", "argument", "argument", "argument", "contract", "method"], admitted.Inputs.Select(input => input.Name));
        Assert.Equal([new Bytes(Requests.ContractId("lottery").Span), Values.OfU64(10), Bytes.Of("join")],
            admitted.All("argument").Select(input => input.Value));
        Assert.Equal(new Bytes(request.Proofs.Heights[0].Header.Hash.Span), admitted.Input("@state"));
        Assert.Equal(TestNetwork.Client.PublicKey, admitted.Caller);
        Assert.Equal(request.Plan.Plan.ExpiryEpoch + 1, admitted.LastReplayEpoch);
        Assert.Equal(admitted.InputsDigest, admitted.Leaf(ResultStatus.Ok, default).InputsDigest);
    }

    [Fact]
    public void A_step_that_builds_on_another_knows_which_result_its_input_came_from()
    {
        var context = _requests.Context("state");
        var admitted = Requests.Admitted(_requests.Sign(_requests.Commit(), context), context);
        var origin = Assert.Single(admitted.All("effects")).Origin!;
        Assert.Equal((Network.Id("execution"), "call", "effects"), (origin.UnitId, origin.Leaf.Function, origin.Output));
    }

    [Fact]
    public void Anyone_may_ask_for_the_draw_and_it_is_over_all_tickets()
    {
        var admitted = Requests.Admitted(_requests.Draw(), _requests.Context("randomness"));
        Assert.Null(admitted.Caller);
        Assert.Equal(["alice", "bob"], Values.ReadEntries(admitted.Input("about")!.Value.Span).Select(entry => entry.Value.ToText()));
        Assert.Equal(_requests.Instance.CloseEpoch, admitted.LastReplayEpoch);
    }

    [Fact]
    public void A_direct_request_is_admitted_without_a_plan()
    {
        var context = _requests.Context("state");
        var admitted = Requests.Admitted(_requests.Sign(_requests.Write(), context), context);
        Assert.Null(admitted.Plan);
        Assert.Equal((TestNetwork.Client.PublicKey, Requests.Epoch + 1), (admitted.Caller!.Value, admitted.LastReplayEpoch));
    }

    [Fact]
    public void A_repeated_request_gets_the_stored_result_whatever_its_inputs()
    {
        var draw = _requests.Draw();
        var key = RequestDigests.ReplayKey(draw.Plan.Plan, 0, 0);
        var context = _requests.Context("randomness") with { Replay = Knowing(key) };
        Assert.Equal(new AdmissionDecision.AlreadyDone(key), Requests.Judge(draw with { Proofs = Proofs.None }, context));
        var another = _requests.Draw(_requests.Plan("reveal", nonce: 2));
        Assert.Equal(new AdmissionDecision.AlreadyDone(key), Requests.Judge(another, context));
    }

    [Fact]
    public void A_request_for_another_unit_is_refused()
    {
        var context = _requests.Context("execution") with { UnitId = Network.Id("execution", 1) };
        Requests.RefusedOnlyBy("PRT-ADM-0001", _requests.Sign(_requests.Pay(), context), context);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void A_plan_that_is_not_in_force_is_refused(ulong epoch)
    {
        var context = _requests.Context("execution", epoch: epoch);
        Requests.RefusedOnlyBy("PRT-ADM-0002", _requests.Sign(_requests.Pay(), context), context);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void A_direct_request_with_a_far_or_past_last_epoch_is_refused(ulong last)
    {
        var context = _requests.Context("state");
        Requests.RefusedOnlyBy("PRT-ADM-0003", _requests.Sign(_requests.Write() with { LastEpoch = last }, context), context);
    }

    [Fact]
    public void A_transaction_that_the_unit_does_not_publish_is_refused()
    {
        var request = _requests.Sign(_requests.Write(), _requests.Context("state"));
        Requests.RefusedOnlyBy("PRT-ADM-0004", _requests.Draw(), _requests.Context("randomness") with { Transactions = [] });
        Assert.Equal("PRT-ADM-0004",
            Assert.IsType<AdmissionDecision.Refused>(Requests.Judge(request, _requests.Context("state") with { Transactions = [] }))
            .Refusal.Code);
    }

    [Fact]
    public void A_transaction_that_needs_a_plan_is_refused_without_one()
    {
        var context = _requests.Context("state");
        Requests.RefusedOnlyBy("PRT-ADM-0005", _requests.Sign(_requests.Write() with { Function = "commit", Arguments = [] }, context),
            context);
    }

    [Fact]
    public void A_direct_request_that_shows_the_state_of_what_is_no_state_unit_is_refused()
    {
        var context = _requests.Context("state");
        var proofs = Proofs.None with { Heights = [_requests.Height(unitClass: "execution", witness: _requests.Witness([], []))] };
        Requests.RefusedOnlyBy("PRT-ADM-0006", _requests.Sign(_requests.Write() with { Proofs = proofs }, context), context);
    }

    [Fact]
    public void Client_inputs_that_the_step_does_not_use_are_refused()
    {
        var context = _requests.Context("execution");
        Requests.RefusedOnlyBy("PRT-ADM-0007", _requests.Sign(_requests.Pay() with { ClientArguments = [new("amount", Values.OfU64(1))] },
            context), context);
    }

    [Fact]
    public void A_client_input_of_another_kind_than_declared_is_refused()
    {
        var context = _requests.Context("execution");
        var transfer = _requests.Pay(_requests.Plan("transfer")) with
        {
            ClientArguments = [new("amount", Values.OfU64(1)), new("to", Bytes.Of("short"))]
        };
        Requests.RefusedOnlyBy("PRT-ADM-0008", _requests.Sign(transfer, context), context);
        var good = transfer with
        {
            ClientArguments = [new("amount", Values.OfU64(1)), new("to", new Bytes(TestNetwork.Other.PublicKey.Span))]
        };
        Requests.Admitted(_requests.Sign(good, context), context);
    }

    [Fact]
    public void A_result_of_a_step_that_is_not_depended_on_is_refused()
    {
        var plan = _requests.Plan("join");
        var context = _requests.Context("execution");
        var pay = _requests.Pay(plan);
        Requests.RefusedOnlyBy("PRT-ADM-0009",
            _requests.Sign(pay with { Proofs = pay.Proofs with { Dependencies = [_requests.Result(plan, 0)] } }, context), context);
    }

    // Without a value there is nothing to go on with, so this check cannot be left out.
    [Fact]
    public void A_skipped_step_a_missing_output_or_an_unproven_state_is_refused()
    {
        var commit = _requests.Commit();
        var state = _requests.Context("state");
        Assert.Equal("PRT-ADM-0009", Code(commit with { Proofs = Proofs.None }, state));
        Assert.Equal("PRT-ADM-0010",
            Code(commit with { Proofs = Proofs.None with { Dependencies = [commit.Proofs.Dependencies[0] with { Openings = [] }] } },
            state));
        var draw = _requests.Draw();
        Assert.Equal("PRT-ADM-0010", Code(draw with { Proofs = Proofs.None with { Heights = [_requests.Height()] } },
            _requests.Context("randomness")));
        var partial = _requests.Witness([_requests.Tickets("1")], []);
        Assert.Equal("PRT-ADM-0010", Code(draw with { Proofs = Proofs.None with { Heights = [_requests.Height(witness: partial)] } },
            _requests.Context("randomness")));
    }

    [Fact]
    public void Contract_state_cannot_be_fed_as_an_argument()
    {
        var context = _requests.Context("state");
        var write = _requests.Write();
        Assert.Equal("PRT-ADM-0010",
            Code(write with { Arguments = [new("@state", new Bytes(Hash.H("lie", []).Span)), .. write.Arguments] }, context));
    }

    [Theory]
    [InlineData("key", "k", "unknown", "v")]
    [InlineData("key", "k", "key", "v")]
    public void Inputs_other_than_the_published_ones_are_refused(string first, string one, string second, string two)
    {
        var context = _requests.Context("state");
        var write = _requests.Write() with { Arguments = [new(first, Bytes.Of(one)), new(second, Bytes.Of(two))] };
        Requests.RefusedOnlyBy("PRT-ADM-0011", Signed(write), context);
    }

    [Fact]
    public void An_input_of_another_kind_is_refused()
    {
        var context = _requests.Context("state") with
        {
            Transactions =
                [TestNetwork.TransactionsOf("state")[1] with { Inputs = [new("key", ValueKind.U64, ""), new("value", ValueKind.Bytes, "")] }]
        };
        Requests.RefusedOnlyBy("PRT-ADM-0011", Signed(_requests.Write()), context);
    }

    [Fact]
    public void A_signature_over_anything_else_is_refused()
    {
        var context = _requests.Context("execution");
        var signed = _requests.Sign(_requests.Pay(), context);
        var wrong = signed.With(new KeySignature(TestNetwork.Client.PublicKey, TestNetwork.Client.Sign([1])));
        Requests.RefusedOnlyBy("PRT-ADM-0012", wrong, context);
        var later = (Request.Planned)signed with
        {
            Proofs = Proofs.None with { Heights = [_requests.Height(height: 101, witness: _requests.Witness([], []))] }
        };
        Requests.RefusedOnlyBy("PRT-ADM-0012", later, context);
    }

    [Fact]
    public void A_request_that_its_client_did_not_sign_is_refused()
    {
        var context = _requests.Context("execution");
        Requests.RefusedOnlyBy("PRT-ADM-0013", _requests.Pay(), context);
        Requests.RefusedOnlyBy("PRT-ADM-0013", _requests.Sign(_requests.Pay(), context, TestNetwork.Other), context);
        Requests.RefusedOnlyBy("PRT-ADM-0013", _requests.Write(), _requests.Context("state"));
    }

    [Fact]
    public void The_signature_of_a_direct_request_covers_its_function()
    {
        var twin = TestNetwork.TransactionsOf("state")[1] with { Name = "erase" };
        var context = _requests.Context("state");
        context = context with { Transactions = [.. context.Transactions, twin] };
        var signed = (Request.Direct)_requests.Sign(_requests.Write(), context);
        Requests.RefusedOnlyBy("PRT-ADM-0012", signed with { Function = "erase" }, context);
    }

    [Fact]
    public void A_second_attempt_needs_the_stale_result_of_the_first()
    {
        var plan = _requests.Plan("join");
        var (execution, stale) = (_requests.Context("execution"), _requests.Result(plan, 1, ResultStatus.Stale).Receipt);
        var again = _requests.Pay(plan) with { Attempt = 1 };
        Requests.Admitted(_requests.Sign(again with { Proofs = again.Proofs with { Stale = stale } }, execution), execution);
        Requests.RefusedOnlyBy("PRT-ADM-0015", _requests.Sign(again, execution), execution);
        Requests.RefusedOnlyBy("PRT-ADM-0015", _requests.Sign(_requests.Pay(plan) with { Proofs = again.Proofs with { Stale = stale } },
            execution), execution);
        var third = again with { Attempt = 2, Proofs = again.Proofs with { Stale = stale } };
        Requests.RefusedOnlyBy("PRT-RCT-0013", _requests.Sign(third, execution), execution);
        var fine = again with { Proofs = again.Proofs with { Stale = _requests.Result(plan, 1).Receipt } };
        Requests.RefusedOnlyBy("PRT-RCT-0010", _requests.Sign(fine, execution), execution);
        var draw = _requests.Draw() with { Attempt = 1 };
        Requests.RefusedOnlyBy("PRT-ADM-0015", draw, _requests.Context("randomness"));
    }

    [Fact]
    public void Receipts_of_another_unit_epoch_function_end_plan_or_step_are_refused()
    {
        var plan = _requests.Plan("join");
        RefusedCommit("PRT-RCT-0007", plan, _requests.Result(plan, 0, unit: "randomness"));
        RefusedCommit("PRT-RCT-0008", plan, _requests.Result(plan, 0, epoch: 4));
        RefusedCommit("PRT-RCT-0009", plan, _requests.Result(plan, 0, spoil: leaf => leaf with { Function = "other" }));
        RefusedCommit("PRT-RCT-0010", plan, _requests.Result(plan, 0, ResultStatus.Failed));
        RefusedCommit("PRT-RCT-0011", plan, _requests.Result(_requests.Plan("join", nonce: 2), 0));
        RefusedCommit("PRT-RCT-0012", plan, _requests.Result(plan, 0, spoil: leaf => leaf with { TxIndex = 1 }));
    }

    [Fact]
    public void A_swapped_output_is_refused()
    {
        var plan = _requests.Plan("join");
        var result = _requests.Result(plan, 0);
        var swapped = result.Openings[0] with { Value = new NamedValue("effects", Bytes.Of("more")) };
        RefusedCommit("PRT-RCT-0014", plan, result with { Openings = [swapped, result.Openings[1]] });
    }

    [Fact]
    public void Whoever_drew_first_everyone_goes_on_from_that_draw()
    {
        var context = _requests.Context("execution");
        var (mine, theirs) = (_requests.Plan("reveal"), _requests.Plan("reveal", nonce: 2));
        var pick = new Request.Planned(Network.Seal(mine), 1, 0, [], [], Proofs.None with { Dependencies = [_requests.Result(theirs, 0)] });
        Requests.Admitted(pick, context);
        var foreign = _requests.Result(theirs, 0, spoil: leaf => leaf with { ReplayKey = Hash.H("another instance", []) });
        Requests.RefusedOnlyBy("PRT-RCT-0013", pick with { Proofs = Proofs.None with { Dependencies = [foreign] } }, context);
    }

    [Fact]
    public void A_height_that_is_not_sealed_is_refused()
    {
        var draw = _requests.Draw();
        var height = draw.Proofs.Heights[0];
        var forged = height with { Seal = height.Seal with { Header = height.Header with { TimeMs = 7000 } } };
        Requests.RefusedOnlyBy("PRT-RCT-0005", draw with { Proofs = Proofs.None with { Heights = [forged] } },
            _requests.Context("randomness"));
    }

    [Fact]
    public void A_witness_of_another_state_is_refused()
    {
        var draw = _requests.Draw();
        var other = draw.Proofs.Heights[0] with
        {
            Seal = TestNetwork.Sealed(draw.Proofs.Heights[0].Header with { StateRoot = Hash.H("other", []) })
        };
        Requests.RefusedOnlyBy("PRT-STA-0002", draw with { Proofs = Proofs.None with { Heights = [other] } },
            _requests.Context("randomness"), admissionCode: "PRT-ADM-0019");
    }

    [Fact]
    public void State_older_than_the_plan_is_refused()
    {
        var context = _requests.Context("execution");
        var pay = _requests.Pay() with
        {
            Proofs = Proofs.None with { Heights = [_requests.Height(height: 89, witness: _requests.Witness([], []))] }
        };
        Requests.RefusedOnlyBy("PRT-ADM-0020", _requests.Sign(pay, context), context);
    }

    [Fact]
    public void A_beacon_round_that_is_not_true_is_refused()
    {
        var context = _requests.Context("execution");
        var round = _requests.Beacon(1, Bytes.Of("v"));
        Requests.Admitted(Showing(round), context);
        Requests.RefusedOnlyBy("PRT-ADM-0021", Showing(round with { Round = 2 }), context);
        Requests.RefusedOnlyBy("PRT-ADM-0021", Showing(round with { Value = Bytes.Of("chosen") }), context);
        Requests.RefusedOnlyBy("PRT-ADM-0021", Showing(round with { UnitId = Network.Id("state") }), context);
        Requests.RefusedOnlyBy("PRT-ADM-0021", Showing(round with { Receipt = _requests.Pay().Plan.Receipt }), context);

        Request Showing(BeaconRecord beacon)
        {
            var pay = _requests.Pay();
            return _requests.Sign(pay with { Proofs = pay.Proofs with { Beacons = [beacon] } }, context);
        }
    }

    [Fact]
    public void An_early_ticket_list_is_refused_because_one_height_serves_state_and_barrier()
    {
        var early = _requests.Draw() with
        {
            Proofs =
                Proofs.None with { Heights = [_requests.Height(timeMs: 4999, witness: _requests.Witness([], [_requests.Tickets("")]))] }
        };
        Requests.RefusedOnlyBy("PRT-ADM-0022", early, _requests.Context("randomness"));
        var both = early.Proofs.Heights[0];
        var late = _requests.Height(height: 101);
        Assert.Throws<MalformedException>(() =>
            Requests.Judge(early with { Proofs = Proofs.None with { Heights = [both, late] } }, _requests.Context("randomness")));
    }

    [Fact]
    public void A_ticket_bought_after_the_end_of_sale_is_refused()
    {
        var context = _requests.Context("state", timeMs: 5000);
        Requests.RefusedOnlyBy("PRT-ADM-0022", _requests.Sign(_requests.Commit(), context), context);
    }

    [Fact]
    public void What_makes_up_for_a_failure_runs_only_after_that_failure_and_one_epoch_longer()
    {
        var join = Requests.Workflow("join");
        var mend = join.Steps[1] with { Name = "mend", Arguments = [], Barrier = null };
        var workflow = new Workflow("join", join.Parameters, join.Inputs, join.Units, [join.Steps[0] with { OnFailure = 1 }, mend]);
        _requests.Instance = Network.Instance([workflow], ("price", Values.OfU64(10)), ("endOfSale", Values.OfU64(5000)));
        var plan = Assert.IsType<Compilation.Compiled>(Compiler.Compile(
            new CompileRequest(workflow, _requests.Instance, 90, TestNetwork.Client.PublicKey, 1), Network.Compiler())).Plan;
        var late = _requests.Context("state", epoch: plan.ExpiryEpoch + 1);
        var failed = new Request.Planned(Network.Seal(plan), 1, 0, [], [], Proofs.None with
        {
            Dependencies = [_requests.Result(plan, 0, ResultStatus.Failed)],
        });
        Requests.Admitted(_requests.Sign(failed, late), late);
        var cancelled = failed with
        {
            Proofs = Proofs.None with { Dependencies = [_requests.Result(plan, 0, ResultStatus.Cancelled, epoch: plan.LastEpoch)] },
        };
        Requests.Admitted(_requests.Sign(cancelled, late), late);
        var well = failed with { Proofs = Proofs.None with { Dependencies = [_requests.Result(plan, 0)] } };
        Requests.RefusedOnlyBy("PRT-RCT-0010", _requests.Sign(well, late), late);
    }

    [Fact]
    public void A_step_whose_deadline_is_over_is_cancelled_by_anyone_and_one_that_can_still_run_by_nobody()
    {
        var plan = _requests.Plan("join");
        var request = Cancellation(plan, 1);
        var admitted = Requests.Admitted(request, _requests.Context("state", timeMs: 5000));
        Assert.True(admitted.Cancels);
        Assert.Equal((RequestDigests.ReplayKey(plan, 1, 0), plan.LastEpoch), (admitted.ReplayKey, admitted.LastReplayEpoch));
        var early = _requests.Context("state", timeMs: 4999);
        Requests.RefusedOnlyBy("PRT-ADM-0026", request, early);
        Assert.True(Assert.IsType<AdmissionDecision.Refused>(Requests.Judge(request, early)).Refusal.Retry);
        var done = _requests.Context("state", timeMs: 5000) with { Replay = Knowing(RequestDigests.ReplayKey(plan, 1, 0)) };
        Assert.IsType<AdmissionDecision.AlreadyDone>(Requests.Judge(request, done));
    }

    [Fact]
    public void A_step_without_a_deadline_is_cancelled_in_the_epoch_after_its_plan()
    {
        var plan = _requests.Plan("join");
        Requests.RefusedOnlyBy("PRT-ADM-0026", Cancellation(plan, 0), _requests.Context("execution", timeMs: 9000, epoch: plan.ExpiryEpoch));
        Requests.Admitted(Cancellation(plan, 0), _requests.Context("execution", epoch: plan.LastEpoch));
        Requests.RefusedOnlyBy("PRT-ADM-0001", Cancellation(plan, 0), _requests.Context("execution", epoch: plan.LastEpoch, ordinal: 1));
        Requests.RefusedOnlyBy("PRT-ADM-0004", Cancellation(plan, 0), _requests.Context("execution", epoch: plan.LastEpoch) with { Transactions = [] });
        Requests.RefusedOnlyBy("PRT-ADM-0024", Cancellation(plan, 0), _requests.Context("execution", epoch: plan.LastEpoch + 1));
    }

    [Fact]
    public void What_happens_once_for_all_is_not_cancelled()
    {
        var plan = _requests.Plan("reveal");
        Requests.RefusedOnlyBy("PRT-ADM-0025", Cancellation(plan, 0), _requests.Context("randomness", epoch: plan.LastEpoch));
    }

    [Fact]
    public void A_cancellation_is_of_a_plan_of_the_compiler_and_of_an_attempt_that_is_due()
    {
        var (plan, late) = (_requests.Plan("join"), _requests.Context("state", timeMs: 5000));
        var forged = Network.Seal(plan) with { Plan = _requests.Plan("join", nonce: 2) };
        Requests.RefusedOnlyBy("PRT-PLN-0013", Request.Planned.Cancellation(forged, 1, 0, null), late);
        Requests.RefusedOnlyBy("PRT-ADM-0015", Request.Planned.Cancellation(Network.Seal(plan), 1, 1, null), late);
        var stale = _requests.Result(plan, 1, ResultStatus.Stale).Receipt;
        Requests.Admitted(Request.Planned.Cancellation(Network.Seal(plan), 1, 1, stale), late);
    }

    [Fact]
    public void A_step_that_a_unit_acts_in_needs_that_units_receipt_of_this_step_and_these_inputs()
    {
        var (join, other) = (Requests.Workflow("join"), _requests.Plan("join"));
        var driver = (ushort)join.Units.ToList().FindIndex(static unit => unit.Class == "state");
        var workflow = new Workflow("join", join.Parameters, join.Inputs, join.Units,
            [join.Steps[0] with { Authorization = new Authorization.Unit(driver) }, join.Steps[1]]);
        _requests.Instance = Network.Instance([workflow], ("price", Values.OfU64(10)), ("endOfSale", Values.OfU64(5000)));
        var request = new CompileRequest(workflow, _requests.Instance, 90, TestNetwork.Client.PublicKey, 1);
        Assert.Equal("PRT-CMP-0018", Assert.IsType<Compilation.Refused>(Compiler.Compile(request, Network.Compiler())).Refusals[0].Code);
        var drives = TestNetwork.Published.Select(static unit => unit.Class != "state" ? unit
            : new PublishedUnit(unit.Class, [.. unit.Transactions, unit.Transactions[0] with { Name = Drive.Function }]));
        var plan = Assert.IsType<Compilation.Compiled>(Compiler.Compile(request, Network.Compiler() with { Units = [.. drives] })).Plan;
        var context = _requests.Context("execution");

        var good = _requests.Pay(plan) with { Drive = Driven(plan, 0) };
        Assert.Null(Requests.Admitted(good, context).Caller);
        Requests.RefusedOnlyBy("PRT-ADM-0023", good with { Drive = null }, context);
        Requests.RefusedOnlyBy("PRT-ADM-0023", good with { Drive = Driven(plan, 1) }, context);
        Requests.RefusedOnlyBy("PRT-ADM-0023", good with { Drive = Driven(other, 0) }, context);
        Requests.RefusedOnlyBy("PRT-ADM-0023", good with { Drive = Driven(plan, 0, new NamedValue("seed", Bytes.Of("other"))) }, context);
        Requests.RefusedOnlyBy("PRT-RCT-0007", good with { Drive = Driven(plan, 0, unit: "randomness") }, context);
        Requests.RefusedOnlyBy("PRT-RCT-0009", good with { Drive = Driven(plan, 0, function: "call") }, context);
        var unasked = _requests.Commit(plan) with { Drive = Driven(plan, 1) };
        var state = _requests.Context("state");
        Requests.RefusedOnlyBy("PRT-ADM-0023", _requests.Sign(unasked, state), state);
    }

    private static MapEdit Knowing(Digest replayKey)
    {
        var replay = new StateMap(new InMemoryStore(), UnitState.ReplayMap).Edit();
        replay.Put(new MapEntry(new Bytes(replayKey.Span), 1, Bytes.Empty, Bytes.Empty));
        return replay;
    }

    private Receipt Driven(Plan plan, ushort step, NamedValue? argument = null, string unit = "state", string function = Drive.Function)
    {
        var outputs = Drive.OutputsOf(plan.Digest, step, argument is null ? [] : [argument]);
        var leaf = new ResultLeaf(default, 0, Hash.H("drive", []), default, default, function, ResultStatus.Ok, outputs.Digest);
        return Network.Receipt(Network.Id(unit), leaf, Requests.Epoch);
    }

    private Request.Planned Cancellation(Plan plan, ushort step) => Request.Planned.Cancellation(Network.Seal(plan), step, 0, null);

    private void RefusedCommit(string code, Plan plan, Dependency shown)
    {
        var context = _requests.Context("state");
        Requests.RefusedOnlyBy(code, _requests.Sign(_requests.Commit(plan) with { Proofs = Proofs.None with { Dependencies = [shown] } },
            context), context);
    }

    private static string Code(Request request, AdmissionContext context) =>
        Assert.IsType<AdmissionDecision.Refused>(Requests.Judge(request, context)).Refusal.Code;

    // For requests whose inputs are wrong, which the signing of clients would catch.
    private Request Signed(Request.Direct request)
    {
        var inputs = RequestDigests.Inputs([.. request.Arguments.OrderBy(argument => argument.Name, StringComparer.Ordinal)]);
        var digest = RequestDigests.Request(request.UnitId, RequestDigests.Direct(Network.ChainId, request), 0, 0, inputs);
        return request.With(new KeySignature(request.Client,
            TestNetwork.Client.Sign(RequestDigests.DirectPayload(Network.ChainId, digest))));
    }
}
