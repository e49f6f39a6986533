using Protean.Client.Plans;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Workflows;

namespace Protean.Client.Proof;

/// <summary>What was asked, by whom, on what grounds, and what the units sealed.</summary>
internal static class RunChecks
{
    public static IReadOnlyList<ProofCheck> All { get; } =
    [
        new("PRT-PRF-0008", "all steps must be of one plan", static proof => proof.File.Steps.Select(step =>
            Canonical.Encode(step.Request.Plan).AsSpan().SequenceEqual(Canonical.Encode(proof.File.Steps[0].Request.Plan))
                ? null : new Finding(step.Request.Plan.Plan.Digest.ToString(), proof.Plan.Digest.ToString(), step.Name))),
        new("PRT-PRF-0009", "the plan must be the compiler's, for a workflow that the instance pins", static proof =>
            [Finding.Of(new PlanVerifier(proof.Receipts).Verify(proof.File.Steps[0].Request.Plan))]),
        new("PRT-PRF-0010", "every receipt must be its step's, sealed by a quorum of its unit", static proof =>
            proof.File.Steps.Select(step =>
                Finding.Of(proof.Receipts.Verify(step.Result.Receipt, ReplyVerifier.ClaimOf(step.Request, proof.Directory)), step.Name))),
        new("PRT-PRF-0011", "the outputs must be the receipt's", static proof => proof.File.Steps.Select(static step =>
            Same(step.Result.Outputs.Digest, step.Result.Receipt.Leaf.OutputDigest, step))),
        new("PRT-PRF-0012", "every request must be admitted again, as of the block that sealed it", static proof =>
            proof.File.Steps.Select(step => Judge(proof, step))),
        new("PRT-PRF-0013", "the receipt must be of the inputs that the request resolves to", static proof =>
            proof.File.Steps.Select(step =>
            Same(step.Result.Receipt.Leaf.InputsDigest, proof.Admitted[step.Step].InputsDigest, step))),
        new("PRT-PRF-0014", "the receipt must be of the request, or of another one for the same once-only operation", static proof =>
            proof.File.Steps.Select(step =>
            step.Request.Cancels != (step.Status == ResultStatus.Cancelled) ? new Finding($"status {step.Status}",
                    step.Request.Cancels ? "a cancellation" : "a step that ran", step.Name)
                : step.Result.Receipt.Leaf.PlanDigest != proof.Plan.Digest ? null
                : Same(step.Result.Receipt.Leaf.RequestDigest, proof.Admitted[step.Step].RequestDigest, step))),
        new("PRT-PRF-0015", "a request must build on the steps that the file shows", static proof =>
            proof.File.Steps.SelectMany(step => Dependencies(proof, step))),
    ];

    private static Finding? Same(Digest got, Digest expected, StepOutcome step) =>
        got == expected ? null : new Finding(got.ToString(), expected.ToString(), step.Name);

    private static Finding? Judge(ProofCase proof, StepOutcome step)
    {
        var header = step.Result.Receipt.Header;
        var context = new AdmissionContext(
            header.Context.UnitId, header.Context.Epoch, header.Height, header.TimeMs, Session.TransactionsOf(proof.UnitOf(step)!.Class),
                proof.Directory,
            null);
        switch (new Admission(Ed25519Scheme.Instance, proof.Seals).Admit(step.Request, context))
        {
            case AdmissionDecision.Admitted admitted:
                proof.Admitted.Add(step.Step, admitted.Request);
                return null;
            case AdmissionDecision.Refused refused:
                return Finding.Of(refused.Refusal);
            default:
                throw new InvalidOperationException("a request that happened before, where nothing did");
        }
    }

    private static IEnumerable<Finding?> Dependencies(ProofCase proof, StepOutcome step) =>
        from dependency in step.Request.Proofs.Dependencies
        let shown = proof.File.Steps.FirstOrDefault(other => other.Step == dependency.Step)
        select shown is not null && shown.Result.Receipt.Leaf == dependency.Receipt.Leaf
            ? null
            : new Finding(shown is null ? "nothing" : shown.Result.Receipt.Leaf.Hash.ToString(), dependency.Receipt.Leaf.Hash.ToString(),
                step.Name);
}
