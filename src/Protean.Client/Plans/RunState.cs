using Protean.Sealing;
using Protean.Workflows;

namespace Protean.Client.Plans;

/// <summary>How far a run is: which steps ended how, and which can be run now. A function of the outcomes alone, so a journal restores
/// it.</summary>
public sealed class RunState
{
    /// <summary>What the client reruns after a stale commit; others' changes to the same keys may be many.</summary>
    public const int MaxAttempts = 64;

    private readonly StepOutcome?[] _outcomes;
    private readonly Receipt?[] _stale;
    private readonly ushort[] _attempts;

    public RunState(Plan plan)
    {
        Plan = plan;
        (_outcomes, _stale, _attempts) = (new StepOutcome?[Steps.Count], new Receipt?[Steps.Count], new ushort[Steps.Count]);
    }

    public Plan Plan { get; }

    /// <summary>The outcomes that count, by step; null where a step has none yet, or never will.</summary>
    public IReadOnlyList<StepOutcome?> Outcomes => _outcomes;

    private IReadOnlyList<Step> Steps => Plan.Workflow.Steps;

    /// <summary>The attempt that a step is at.</summary>
    public ushort AttemptOf(ushort step) => _attempts[step];

    /// <summary>The stale result that makes this attempt necessary; null for the first.</summary>
    public Receipt? StaleBefore(ushort step) => _stale[step];

    /// <summary>Steps that have no outcome and whose dependencies ended as they need.</summary>
    public IReadOnlyList<ushort> Ready =>
    [
        .. Enumerable.Range(0, Steps.Count).Select(static step => (ushort)step).Where(step =>
            _outcomes[step] is null && Steps[step].Dependencies.All(on => Satisfies(on, step))),
    ];

    /// <summary>Every step happened, but for those that were to make up for failures that did not occur.</summary>
    public bool Succeeded =>
        Enumerable.Range(0, Steps.Count).All(step => _outcomes[step]?.Status == ResultStatus.Ok || IsForFailure((ushort)step));

    /// <summary>The first step that ended in failure.</summary>
    public StepOutcome? Failed => _outcomes.FirstOrDefault(static outcome => outcome is { Status: not ResultStatus.Ok });

    /// <summary>Takes a result in. A stale one sends back to the start whatever it was computed from.</summary>
    /// <exception cref="RefusedException">PRT-CLI-0009: stale too often.</exception>
    public void Apply(StepOutcome outcome)
    {
        if (outcome.Attempt != _attempts[outcome.Step]) return;
        if (outcome.Status != ResultStatus.Stale || Steps[outcome.Step].Scope != Scope.Plan)
        {
            _outcomes[outcome.Step] = outcome;
            return;
        }
        if (outcome.Attempt + 1 >= MaxAttempts) throw new RefusedException(ClientRefusals.StaleTooOften(outcome.Name, MaxAttempts));
        foreach (var step in ComputedFrom(outcome.Step))
        {
            _outcomes[step] = null;
            _attempts[step] = (ushort)(outcome.Attempt + 1);
            _stale[step] = outcome.Result.Receipt;
        }
    }

    private bool Satisfies(ushort dependency, ushort step) => _outcomes[dependency] is { } outcome
        && (Steps[dependency].OnFailure == step ? outcome.Status is ResultStatus.Failed or ResultStatus.Cancelled
            : outcome.Status == ResultStatus.Ok);

    private bool IsForFailure(ushort step) => Steps.Any(other => other.OnFailure == step);

    /// <summary>The step, and the steps whose outputs it was computed from: but none that happens once for all, and no commit, whose
    /// effects are made.</summary>
    private SortedSet<ushort> ComputedFrom(ushort stale)
    {
        var steps = new SortedSet<ushort>();
        var open = new Stack<ushort>([stale]);
        while (open.TryPop(out var step))
        {
            if (!steps.Add(step)) continue;
            foreach (var source in Steps[step].Arguments.Select(static argument => argument.Source).OfType<Source.Output>())
                if (Steps[source.Step].Scope == Scope.Plan
                    && Plan.Workflow.Units[Steps[source.Step].Unit].Class != PlanVerifier.StateClass) open.Push(source.Step);
        }
        return steps;
    }
}
