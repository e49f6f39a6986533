using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Units.Contracts;
using Protean.Workflows;

namespace Protean.Units.Execution;

/// <summary>Runs contracts on state proven to it, and seals what they read and wrote (paper 3.2; protocols 8.6). Holds code, and no state
/// of contracts.</summary>
/// <param name="engine">The machine; the same on every member.</param>
public sealed class ExecutionUnit(IContractEngine engine) : IFunctionalUnit
{
    public string Name => "execution";
    public IReadOnlyList<Transaction> Transactions => ExecutionTransactions.All;

    public void Join(IMembership membership)
    {
        var unit = membership.Context.UnitId;
        membership.Handle(ExecutionTransactions.PublishContract.Name, call => Publish(call, unit));
        membership.Handle(ExecutionTransactions.CallContract.Name, call => Run(call, unit));
        membership.HandleQuery(DryRun.Name, query =>
            new Answer.Given(Bytes.Wrap(Canonical.Encode(Answer(Canonical.Decode<DryRun>(query.Input.Span), query.State, unit)))));
    }

    /// <summary>What a call would come to on the state that is shown.</summary>
    /// <param name="call">The call; its state is believed.</param>
    /// <param name="data">This unit's data.</param>
    /// <param name="unit">This unit.</param>
    /// <exception cref="MalformedException">The input is too large.</exception>
    public DryRunAnswer Answer(DryRun call, MapView data, Digest unit)
    {
        var input = CallInput.Of(call.Method, call.Arguments);
        if (input.Length > Limits.MaxCallInput) throw new MalformedException(
            $"input of {input.Length} bytes, at most {Limits.MaxCallInput}");
        var contractCall = ToContractCall(unit, call.Contract, input, call.Caller, call.Instance);
        return DryRunAnswer.Of(engine.Call(contractCall, new WitnessHost(data, call.State)));
    }

    private Outcome Publish(Call call, Digest unit)
    {
        var code = call.Bytes("code");
        if (code.Length > Limits.MaxContractCode)
            return new Outcome.Refused(new Refusal("PRT-EXE-0101", "the code is too large",
                Expected: $"at most {Limits.MaxContractCode} bytes", Got: $"{code.Length}"));
        var contract = PublishedContracts.IdOf(unit, code.Span);
        if (call.State.Get(PublishedContracts.Key(contract)) is null)
        {
            if (engine.Check(code.Span) is { } refusal) return new Outcome.Refused(refusal);
            call.State.Put(new MapEntry(PublishedContracts.Key(contract), call.Height, Bytes.Empty, code));
        }
        return CallOutcomes.Ok(CallOutcomes.Output("contractId", contract));
    }

    /// <summary>The machine's call that an admitted request stands for: whoever runs it again on the request's witness gets the same
    /// result.</summary>
    public static ContractCall CallOf(AdmittedRequest request, Digest unit) => ToContractCall(
        unit, new Digest(request.Input("contract")!.Value.Span),
        CallInput.Of(request.Input("method")!.Value.ToText(),
            request.All(ExecutionTransactions.ArgumentInput).Select(static input => input.Value)),
        request.Caller, request.Instance?.Id);

    /// <summary>What the receipt of a completed call seals.</summary>
    public static Outputs OutputsOf(Effects effects) =>
        new([new(Effects.OutputName, Bytes.Wrap(Canonical.Encode(effects))), new("output", effects.Output)]);

    private Outcome Run(Call call, Digest unit)
    {
        var request = call.Admitted;
        var contractCall = CallOf(request, unit);
        if (RefusalOf(contractCall.Input, request.Plan!, request.Step) is { } refusal) return new Outcome.Refused(refusal);
        return engine.Call(contractCall, new WitnessHost(call.State, request.State?.Witness?.Proof)) switch
        {
            CallResult.Completed completed => new Outcome.Ok(OutputsOf(completed.Effects)),
            CallResult.Failed failed => CallFailures.ToOutcome(failed.Failure),
            CallResult.OutsideWitness outside => new Outcome.Refused(OutsideWitness(outside)),
            _ => throw new InvalidOperationException("a call that ended in no way"),
        };
    }

    private static ContractCall ToContractCall(Digest unit, Digest contract, Bytes input, PublicKey? caller, Digest? instance) =>
        new(unit, contract, input, caller is { } key ? new Caller.User(key) : Caller.None, Limits.CallFuel) { Instance = instance };

    private static Refusal? RefusalOf(Bytes input, Plan plan, ushort index)
    {
        if (input.Length > Limits.MaxCallInput)
            return new Refusal("PRT-EXE-0102", "the call's input is too large", Expected: $"at most {Limits.MaxCallInput} bytes",
                Got: $"{input.Length}");
        var (workflow, step) = (plan.Workflow, plan.Workflow.Steps[index]);
        if (CallInput.Ambiguous(workflow, step) is not { } argument) return null;
        return new Refusal(
            "PRT-EXE-0104", "an argument whose length the workflow does not fix must be the last", $"step {step.Name} of {workflow.Name}",
            Got: $"{argument.Source}", Advice: "Put it last, or give it a kind of fixed length.");
    }

    private static Refusal OutsideWitness(CallResult.OutsideWitness outside) => new(
        "PRT-EXE-0103", "the call reads state that the request does not show",
        Expected: $"{(outside.IsPrefix ? "prefix" : "key")} {outside.Key} in the witness",
        Advice: "Add it to the witness; a dry run names all that a call reads.");
}
