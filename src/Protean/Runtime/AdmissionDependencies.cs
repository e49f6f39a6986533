using Protean.Codec;
using Protean.Sealing;
using Protean.Workflows;

namespace Protean.Runtime;

/// <summary>What a step's dependencies, and the attempt before it, must be receipts of (protocols 8.2 C3, 8.3).</summary>
internal static class AdmissionDependencies
{
    public static Finding? WrongReceipt(AdmissionCase.Planned planned)
    {
        foreach (var shown in planned.Proofs.Dependencies)
            if (planned.Receipts.Verify(shown.Receipt,
                ClaimOf(planned.Plan, shown.Step, planned.Step, planned.Context.Epoch)) is { } refusal)
                return Finding.Of(refusal, $"dependency {planned.Workflow.Steps[shown.Step].Name}");
        return null;
    }

    public static Finding? WrongOutput(AdmissionCase.Planned planned)
    {
        foreach (var shown in planned.Proofs.Dependencies)
            foreach (var opening in shown.Openings)
                if (planned.Receipts.Verify(shown.Receipt, opening) is { } refusal)
                    return Finding.Of(refusal, $"output {opening.Value.Name} of {planned.Workflow.Steps[shown.Step].Name}");
        return null;
    }

    /// <summary>What the receipt of <paramref name="dependency"/> must be for <paramref name="step"/> to build on it.</summary>
    /// <remarks>Whoever performed a once-only operation first, everyone can go on from it: its plan is not compared, its replay key
    /// is.</remarks>
    public static ReceiptClaim ClaimOf(Plan plan, ushort dependency, ushort step, ulong epoch)
    {
        var subject = plan.Workflow.Steps[dependency];
        if (subject.Scope != Scope.Plan)
            return new ReceiptClaim(plan.UnitIdOf(subject), plan.Instance.OpenEpoch, epoch, subject.Function)
            {
                ReplayKey = RequestDigests.ReplayKey(plan, dependency, 0),
            };
        var (makesUp, last) = (subject.OnFailure == step, subject.OnFailure == step ? plan.LastEpoch : plan.LastEpochOf(dependency));
        return new ReceiptClaim(plan.UnitIdOf(subject), plan.NotBeforeEpoch, last, subject.Function)
        {
            PlanDigest = plan.Digest,
            Step = dependency,
            Statuses = makesUp ? [ResultStatus.Failed, ResultStatus.Cancelled] : [ResultStatus.Ok],
        };
    }

    /// <summary>Attempt k runs again what attempt k-1 of this step, or of one that builds on it, found stale.</summary>
    public static Finding? WrongAttempt(AdmissionCase.Planned planned)
    {
        if (planned.Attempt == 0) return planned.Proofs.Stale is null ? null : new Finding("a stale result with attempt 0", "none");
        if (planned.Subject.Scope != Scope.Plan) return new Finding($"attempt {planned.Attempt} of a once-only step", "attempt 0");
        if (planned.Proofs.Stale is not { } stale) return new Finding("nothing", $"a stale result of attempt {planned.Attempt - 1}");
        var index = stale.Leaf.TxIndex;
        if (!IsSelfOrAfter(planned.Workflow, index, planned.Step)) return new Finding($"a result of step {index}",
            $"of {planned.Subject.Name} or of a step that builds on it");
        var (plan, step) = (planned.Plan, planned.Workflow.Steps[index]);
        return Finding.Of(planned.Receipts.Verify(stale,
            new ReceiptClaim(plan.UnitIdOf(step), plan.NotBeforeEpoch, plan.LastEpochOf(index), step.Function)
            {
                PlanDigest = plan.Digest,
                ReplayKey = RequestDigests.ReplayKey(plan, index, (ushort)(planned.Attempt - 1)),
                Statuses = [ResultStatus.Stale],
            }), "stale result");
    }

    private static bool IsSelfOrAfter(Workflow workflow, ushort step, ushort origin)
    {
        if (step >= workflow.Steps.Count) return false;
        var reached = new bool[workflow.Steps.Count];
        reached[origin] = true;
        for (var i = origin + 1; i <= step; i++) reached[i] = workflow.Steps[i].Dependencies.Any(dependency => reached[dependency]);
        return reached[step];
    }
}
