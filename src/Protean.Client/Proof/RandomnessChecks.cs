using Protean.Client.Plans;
using Protean.Runtime;
using Protean.Units.Randomness;
using Protean.Workflows;

namespace Protean.Client.Proof;

/// <summary>Random values found again from members' shares, so that they rest on no quorum's word.</summary>
internal static class RandomnessChecks
{
    public static IReadOnlyList<ProofCheck> All { get; } =
    [
        new("PRT-PRF-0016", "every random value must follow from valid shares of enough members", static proof =>
            proof.StepsOf(WorkflowRules.RandomnessClass).Select(step => Recompute(proof, step))),
        new("PRT-PRF-0017", "only random values have a record of shares", static proof => proof.File.Steps.Select(step =>
            proof.UnitOf(step)!.Class == WorkflowRules.RandomnessClass || step.Result.Record.Length == 0
                ? null : new Finding($"{step.Result.Record.Length} bytes", "none", step.Name))),
    ];

    private static Finding? Recompute(ProofCase proof, StepOutcome step)
    {
        if (!proof.Keys.TryGetValue(proof.UnitIdOf(step), out var key)) return new Finding("no key",
            $"the key of unit {proof.UnitIdOf(step)}", step.Name);
        var refusal = RandomnessRecord.Verify(step.Result.Record, key, step.Result.Receipt.Leaf, step.Result.Outputs);
        if (refusal is null) proof.Recomputed.Add(step.Step);
        return Finding.Of(refusal, step.Name);
    }
}
