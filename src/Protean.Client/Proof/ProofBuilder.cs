using Protean.Client.Plans;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Units.Contracts;
using Protean.Units.Randomness;
using Protean.Workflows;

namespace Protean.Client.Proof;

/// <summary>Makes a run's proof file: gathers what the receipts alone do not say. A verifier needs nothing from the network
/// afterwards.</summary>
public static class ProofBuilder
{
    /// <param name="network">Where the run took place.</param>
    /// <param name="run">Complete.</param>
    /// <param name="contracts">The code of every contract that the run's calls reach, and of no other.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <exception cref="RefusedException">PRT-CLI-0013: something cannot be shown any more.</exception>
    public static async Task<ProofFile> Build(Network network, RunResult run, IReadOnlyList<ContractCode> contracts,
        CancellationToken cancel = default)
    {
        StepOutcome[] steps = [.. run.Outcomes.OfType<StepOutcome>()];
        if (steps.Length == 0) throw new RefusedException(ClientRefusals.Unproven("no step ran"));
        var plan = run.Plan.Plan;
        var units = steps.SelectMany(step =>
            step.Request.Proofs.Beacons.Select(static beacon => beacon.UnitId).Append(plan.UnitIdOf(plan.Workflow.Steps[step.Step])));
        var keys = units.Distinct().Order().Where(unit => network.Unit(unit).Class == WorkflowRules.RandomnessClass)
            .Select(unit => network.Key(unit, RandomnessUnit.KeyPurpose, cancel));
        return new ProofFile(
            network.Directory.Genesis, network.Directory.Links, await Task.WhenAll(keys),
                [.. contracts.OrderBy(static contract => contract.Id)], steps,
            await FinalState(network, plan, steps, cancel));
    }

    // What the last commit wrote: of it, what nobody has changed since.
    private static async Task<ProvenHeight?> FinalState(Network network, Plan plan, IReadOnlyList<StepOutcome> steps,
        CancellationToken cancel)
    {
        var commit = steps.LastOrDefault(step =>
            step.Status == Sealing.ResultStatus.Ok && step.Result.Receipt.Leaf.Function == Units.State.StateTransactions.Commit.Name);
        if (commit is null) return null;
        var unit = plan.UnitIdOf(plan.Workflow.Steps[commit.Step]);
        // What was deleted comes last, in case that not all fits one read.
        var writes = EffectsOf(commit).SelectMany(static effects => effects.Writes).OrderBy(static write => write.Value is null)
            .Take(Limits.MaxApiReads).ToArray();
        var version = FinalStateChecks.VersionOf(commit);
        for (var shown = writes; ;)
        {
            var state = await network.State(unit, [.. shown.Select(static write => write.Key).Order()], [], commit.Result.Height, cancel);
            var changed = writes.Where(write => !FinalStateChecks.StandsIfShown(state.Witness!.Proof, write, version)).ToArray();
            if (changed.Length == 0 || shown.Length == 0) return state;
            var rest = shown.Except(changed).ToArray();
            // A deleted entry's absence may be seen beside what was asked for; then nothing is asked for.
            shown = rest.Length < shown.Length ? rest : [];
        }
    }

    private static IEnumerable<Effects> EffectsOf(StepOutcome commit) =>
        from dependency in commit.Request.Proofs.Dependencies
        from opening in dependency.Openings
        where opening.Value.Name == Effects.OutputName
        select Canonical.Decode<Effects>(opening.Value.Value.Span);
}
