using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;
using Protean.Workflows;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Simulator.Runs;

/// <summary>Watches what a unit executes: only what was asked for, once, and after what it depends on.</summary>
/// <param name="unit">Who executes.</param>
/// <param name="barrierIsPassed">Whether a barrier is passed now, as the world around the unit knows it.</param>
public sealed class ResultWatch(Digest unit, Func<Barrier, bool> barrierIsPassed)
{
    private readonly Dictionary<Digest, Asked> _asked = [];
    private readonly Dictionary<Digest, (ulong Height, ResultLeaf Leaf)> _done = [];
    private readonly Dictionary<(Digest Plan, ushort Step), Outputs> _steps = [];

    /// <summary>Results so far, by replay key.</summary>
    public IReadOnlyDictionary<Digest, (ulong Height, ResultLeaf Leaf)> Done => _done;

    public void Expect(Asked asked) => _asked.TryAdd(asked.RequestDigest, asked);

    /// <param name="leaves">The results of one height.</param>
    /// <param name="outputs">What the executing member has of the result at an index.</param>
    public void Executed(ulong height, IReadOnlyList<ResultLeaf> leaves, Func<uint, Outputs?> outputs)
    {
        foreach (var (index, leaf) in leaves.Index())
        {
            Invariants.ExecutedOnce.Require(
                _done.TryAdd(leaf.ReplayKey, (height, leaf)),
                () => $"{leaf.Function} of replay key {leaf.ReplayKey} at height {height}, after height {_done[leaf.ReplayKey].Height}");
            if (leaf.RequestDigest == Digest.Zero) continue; // a duty
            Invariants.Agreement.Require(
                _asked.TryGetValue(leaf.RequestDigest, out var asked), () => $"{leaf.Function} at height {height} was asked for by nobody");
            asked!.Lie?.Require(false, () => $"{leaf.Function} at height {height} was executed for a lying client");
            Invariants.Agreement.Require(
                leaf.ReplayKey == asked.ReplayKey && leaf.InputsDigest == RequestDigests.Inputs([.. asked.Inputs]), () => $"{leaf.Function} at height {height} is not what was asked for");
            if (asked.Plan is { } plan) Follows(plan, asked, height);
            if (leaf.Status == ResultStatus.Ok && outputs((uint)index) is { } found) _steps[(leaf.PlanDigest, leaf.TxIndex)] = found;
        }
    }

    private void Follows(Plan plan, Asked asked, ulong height)
    {
        var step = plan.Workflow.Steps[asked.Step];
        foreach (var dependency in step.Dependencies)
            Invariants.DependenciesFirst.Require(
                plan.UnitIdOf(plan.Workflow.Steps[dependency]) != unit || _steps.ContainsKey((plan.Digest, dependency)),
                () => $"{step.Name} ran at height {height} before {plan.Workflow.Steps[dependency].Name}");
        foreach (var argument in step.Arguments)
            if (argument.Source is Source.Output source && _steps.TryGetValue((plan.Digest, source.Step), out var outputs))
                Invariants.DependenciesFirst.Require(
                    asked.Inputs.Any(input => input.Name == argument.Name && input.Value == outputs.Find(source.Name)),
                    () => $"{step.Name} ran at height {height} on another {argument.Name} than {plan.Workflow.Steps[source.Step].Name} gave");
        if (step.Barrier is { } barrier)
            Invariants.DependenciesFirst.Require(barrierIsPassed(barrier), () => $"{step.Name} ran at height {height} before its barrier was passed");
    }
}
