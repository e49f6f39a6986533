using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Units.State;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.Units;

public sealed class ExecutionUnitTests
{
    private readonly TestNetwork _network = new();
    private readonly TestUnit _execution;
    private readonly TestUnit _state;
    private readonly Digest _contract;
    private readonly Application _application;

    public ExecutionUnitTests()
    {
        _execution = new TestUnit(_network, new ExecutionUnit(new ScriptedEngine()));
        _state = new TestUnit(_network, new StateUnit());
        _contract = Publish(ScriptedEngine.Code).Digest("contractId");
        _application = new Application(_network, _contract);
    }

    [Fact]
    public void A_contract_is_named_by_unit_and_code_and_publishing_it_again_changes_nothing()
    {
        var root = _execution.State.Root;
        Assert.Equal(PublishedContracts.IdOf(_network.IdOf("execution"), ScriptedEngine.Code.Span), _contract);
        Assert.Equal(_contract, Publish(ScriptedEngine.Code).Digest("contractId"));
        Assert.Equal(root, _execution.State.Root);
    }

    [Fact]
    public void A_malformed_contract_is_refused_with_code_and_place()
    {
        var refusal = Assert.IsType<Outcome.Refused>(Publish(Bytes.Of("bad"))).Refusal;
        Assert.Equal(("PRT-WSM-0001", "byte 0"), (refusal.Code, refusal.Where));
        Assert.Equal("PRT-EXE-0101", Publish(new Bytes(new byte[Limits.MaxContractCode + 1])).Code());
    }

    [Fact]
    public void A_call_runs_on_proven_state_and_its_effects_commit()
    {
        Assert.Equal(5ul, Run("add", 5));
        Assert.Equal(3ul, Run("spend", 2));
        Assert.Equal(Values.OfU64(3), _state.State.Get(Sum)!.Value);
    }

    [Fact]
    public void Too_little_money_is_the_contracts_failure_with_its_code_and_message()
    {
        var failed = Assert.IsType<Outcome.Failed>(Call("spend", 1, _state.Prove([Sum])));
        Assert.Equal("PRT-EXE-0110", failed.Code);
        Assert.Contains("not enough coins", failed.Message);
        Assert.Contains("code 7", failed.Message);
    }

    [Fact]
    public void A_read_outside_the_witness_is_refused_naming_the_key_and_uses_nothing_up()
    {
        Run("add", 5);
        var refusal = Assert.IsType<Outcome.Refused>(Call("add", 1, _state.Prove([]))).Refusal;
        Assert.True(refusal.Code == "PRT-EXE-0103" && !refusal.Retry);
        Assert.Contains(Sum.ToString(), refusal.Expected);
        Assert.Equal("PRT-EXE-0103", Call("add", 1, null).Code());
    }

    [Fact]
    public void A_trap_is_a_failure_with_a_code_of_its_own()
    {
        var other = Assert.IsType<Outcome.Failed>(_execution.Step(_application.Plan, 0, Inputs(Digest.Zero, "add", 1)));
        Assert.Equal("PRT-EXE-0129", other.Code);
        Assert.Contains(ExecutionTransactions.CallContract.Errors, error => error.Code == other.Code);
    }

    [Fact]
    public void No_client_moves_the_borders_of_arguments_that_the_workflow_fixes()
    {
        var open = Application.Spend(_contract,
            new Argument("argument", new Source.Client("note")), new Argument("argument", new Source.Constant(Values.OfU64(5))));
        var application = new Application(_network, workflow: open);
        Assert.Equal("PRT-EXE-0104", _execution.Step(application.Plan, 0, Inputs(_contract, "add", 1), _state.Prove([Sum])).Code());
        var safe = Application.Spend(_contract,
            new Argument("argument", new Source.Constant(Values.OfU64(5))), new Argument("argument", new Source.Client("note")));
        Assert.Null(CallInput.Ambiguous(safe, safe.Steps[0]));
    }

    [Fact]
    public void A_dry_run_names_what_it_lacks_until_the_witness_is_whole()
    {
        Run("add", 5);
        var keys = new List<Bytes>();
        DryRunAnswer answer;
        while ((answer = DryRun("spend", keys, [])) is DryRunAnswer.Wanted wanted) keys.Add(wanted.Key);
        Assert.Equal([Sum], keys);
        Assert.Equal(Values.OfU64(3), Assert.IsType<DryRunAnswer.Completed>(answer).Effects.Output);
        var list = Assert.IsType<DryRunAnswer.Wanted>(DryRun("list", [], []));
        Assert.True(list.IsPrefix);
        Assert.Equal(Values.OfU64(1), Assert.IsType<DryRunAnswer.Completed>(DryRun("list", [], [list.Key])).Effects.Output);
        Assert.Throws<MalformedException>(() => _execution.Ask("dry-run", Bytes.Of("?")));
    }

    private DryRunAnswer DryRun(string method, IReadOnlyList<Bytes> keys, IReadOnlyList<Bytes> prefixes)
    {
        var question = new DryRun(_contract, method, [Values.OfU64(2)], _application.Client.PublicKey, _application.Instance.Id,
            _state.Prove(keys, prefixes).Witness!.Proof);
        Assert.Equal(question, Canonical.Decode<DryRun>(Canonical.Encode(question)));
        return Canonical.Decode<DryRunAnswer>(_execution.Ask("dry-run", Bytes.Wrap(Canonical.Encode(question))).Span);
    }

    private ulong Run(string method, ulong amount)
    {
        var outcome = Call(method, amount, _state.Prove([Sum]));
        var effects = Canonical.Decode<Effects>(outcome.Output("effects").Span);
        Assert.IsType<Outcome.Ok>(_state.Step(_application.Plan, 1, [_application.Effects(effects)]));
        return BitConverter.ToUInt64(outcome.Output("output").Span);
    }

    private Bytes Sum => ContractKeys.Full(_network.IdOf("execution"), _contract, "sum"u8);

    private Outcome Publish(Bytes code) => _execution.Direct("publish", default, [new("code", code)]);

    private Outcome Call(string method, ulong amount, ProvenHeight? state) =>
        _execution.Step(_application.Plan, 0, Inputs(_contract, method, amount), state);

    private static AdmittedInput[] Inputs(Digest contract, string method, ulong amount) =>
    [
        new("argument", Values.OfU64(amount), null), new("contract", new Bytes(contract.Span), null), new("method", Bytes.Of(method), null),
    ];
}
