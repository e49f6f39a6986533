using Protean.Client.Plans;
using Protean.Codec;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Units.State;
using Protean.Workflows;

namespace Protean.Client.Proof;

/// <summary>Contracts run again on their recorded inputs, so that what they decided rests on no quorum's word.</summary>
internal static class ContractChecks
{
    private const string ExecutionClass = "execution";

    public static IReadOnlyList<ProofCheck> All { get; } =
    [
        new("PRT-PRF-0018", "a contract that is run again must give the sealed result", static proof =>
            proof.File.Contracts.Select(contract => Deployable(proof, contract)).Concat(proof.StepsOf(ExecutionClass)
                .Where(static step => step.Result.Receipt.Leaf.Function == Effects.Function && step.Status != ResultStatus.Cancelled)
                .Select(step => RunAgain(proof, step)))),
        new("PRT-PRF-0019", "every contract in the file must be one that the calls reach", static proof =>
            proof.File.Contracts.Select(contract =>
            proof.Called.Contains(contract.Id) ? null : new Finding($"contract {contract.Id}", "a contract that is called"))),
        new("PRT-PRF-0020", "what was committed must be what the contracts gave", static proof => proof.StepsOf(PlanVerifier.StateClass)
            .Where(static step => step.Result.Receipt.Leaf.Function == StateTransactions.Commit.Name).SelectMany(step =>
                Committed(proof, step))),
    ];

    // Code that no execution unit took was never run: the engine is made for what passed its check.
    private static Finding? Deployable(ProofCase proof, ContractCode contract) =>
        Finding.Of(proof.Engine.Check(contract.Code.Span), $"contract {contract.Id}");

    private static Finding? RunAgain(ProofCase proof, StepOutcome step)
    {
        var request = proof.Admitted[step.Step];
        var unit = proof.UnitIdOf(step);
        if (CallInput.Ambiguous(request.Plan!.Workflow, proof.StepOf(step)) is { } ambiguous)
            return new Finding($"{ambiguous.Source}", "an argument of fixed length, or the last one", step.Name);
        var result = proof.Engine.Call(
            ExecutionUnit.CallOf(request, unit), new WitnessHost(contract => proof.CodeOf(unit, contract), request.State?.Witness?.Proof));
        var finding = result switch
        {
            CallResult.Completed completed => Compare(ResultStatus.Ok, ExecutionUnit.OutputsOf(completed.Effects), step),
            CallResult.Failed failed => Compare(ResultStatus.Failed, OutputsOf(CallFailures.ToOutcome(failed.Failure)), step),
            CallResult.OutsideWitness outside =>
                new Finding($"a call that reads {outside.Key}", "one that reads what its request shows", step.Name),
            _ => throw new InvalidOperationException("a call that ended in no way"),
        };
        if (finding is not null) return finding;
        proof.Recomputed.Add(step.Step);
        if (result is CallResult.Completed { Effects: var effects }) proof.Effects.Add(step.Step, effects);
        return null;
    }

    private static Finding? Compare(ResultStatus status, Outputs outputs, StepOutcome step) =>
        step.Status == status && step.Result.Outputs.Equals(outputs)
        ? null
        : new Finding($"{step.Status}, outputs {step.Result.Outputs.Digest}", $"{status}, outputs {outputs.Digest}", step.Name);

    // As a unit's member seals a failure.
    private static Outputs OutputsOf(Outcome outcome) => outcome is Outcome.Failed failed
        ? new Outputs(
            [new Membership.NamedValue("code", Bytes.Of(failed.Code)), new Membership.NamedValue("message", Bytes.Of(failed.Message))])
        : throw new InvalidOperationException("a failed call that is no failure");

    private static IEnumerable<Finding?> Committed(ProofCase proof, StepOutcome step) =>
        from input in proof.Admitted[step.Step].All("effects")
        let call = proof.File.Steps.FirstOrDefault(other => other.Result.Receipt.Leaf == input.Origin?.Leaf)
        select call is not null && proof.Effects.TryGetValue(call.Step, out var effects)
            && Canonical.Encode(effects).AsSpan().SequenceEqual(input.Value.Span)
            ? null
            : new Finding("other effects", "the effects of a call in the file", step.Name);
}
