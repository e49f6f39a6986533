using Protean.Runtime;

namespace Protean.Workflows;

/// <summary>The rules of <see cref="WorkflowRules"/> that keep once-only operations once-only, and deadlines where they can be kept
/// (protocols 8.1, 8.3, 8.5).</summary>
internal static class SafetyRules
{
    public static Finding? OutputOfFailure(StepCase step)
    {
        foreach (var argument in step.Step.Arguments)
            if (argument.Source is Source.Output output && step.Workflow.Steps[output.Step].OnFailure == step.Index)
                return new Finding($"output {output.Name} of {step.Workflow.Steps[output.Step].Name}", "no output of what failed",
                    argument.Name);
        return null;
    }

    public static Finding? OnceOnlyScope(StepCase step) => step.Transaction is { OnceOnly: true } && step.Step.Scope != Scope.Instance
        ? new Finding(NameOf(step.Step.Scope), NameOf(Scope.Instance), "scope") : null;

    public static Finding? ClientChoosesOnceOnly(StepCase step)
    {
        if (!IsOnceForAll(step.Step)) return null;
        var argument = step.Step.Arguments.FirstOrDefault(static argument => argument.Source is Source.Client);
        return argument is null ? null
            : new Finding($"client input {((Source.Client)argument.Source).Name}", "a parameter, state, or an earlier output",
            argument.Name);
    }

    // With the rule before, by induction over the steps: no client input anywhere that a once-only step's values come from.
    public static Finding? OnceOnlyOnRepeatable(StepCase step)
    {
        if (!IsOnceForAll(step.Step)) return null;
        foreach (var argument in step.Step.Arguments)
            if (argument.Source is Source.Output output && step.Workflow.Steps[output.Step] is { Scope: not Scope.Instance } earlier)
                return new Finding($"output of {earlier.Name}, scope {NameOf(earlier.Scope)}", $"a step of scope {NameOf(Scope.Instance)}",
                    argument.Name);
        return null;
    }

    public static Finding? OnceOnlyReadsAnyState(StepCase step)
    {
        if (!IsOnceForAll(step.Step)) return null;
        var fixedUnits = Always(step.Step.Barrier).Where(static barrier => barrier is Barrier.AfterHeight or Barrier.AfterTime)
            .Select(static barrier => barrier.NamedUnit).ToList();
        foreach (var argument in step.Step.Arguments)
            if (UnitRead(argument.Source) is { } unit && !fixedUnits.Contains(unit))
                return new Finding($"state of {step.Workflow.Units[unit]} at any height",
                    $"an after barrier on {step.Workflow.Units[unit]}", argument.Name);
        return null;
    }

    public static Finding? AnyoneGivesInputs(StepCase step)
    {
        if (step.Step.Authorization is not Authorization.Anyone) return null;
        var argument = step.Step.Arguments.FirstOrDefault(static argument => argument.Source is Source.Client);
        return argument is null ? null : new Finding($"client input {((Source.Client)argument.Source).Name}", "auth: client",
            argument.Name);
    }

    public static Finding? DeadlineElsewhere(StepCase step)
    {
        var elsewhere = step.Barriers.FirstOrDefault(barrier => barrier is Barrier.BeforeHeight or Barrier.BeforeTime
            && barrier.NamedUnit != step.Step.Unit);
        return elsewhere is null ? null : new Finding(
            $"a deadline on {step.Workflow.Units[elsewhere.NamedUnit!.Value]}", $"one on {step.Workflow.Units[step.Step.Unit]}", "when");
    }

    public static Finding? OnceOnlyCompensated(StepCase step) => step.Step.Scope != Scope.Plan && step.Step.OnFailure is { } later
        ? new Finding($"{step.Workflow.Steps[later].Name} makes up for it", "nothing", "scope") : null;

    public static Finding? PerClientAuthorization(StepCase step) => step.Step.Scope == Scope.InstanceAndClient
        && step.Step.Authorization is not Authorization.Client
        ? new Finding("others may ask for it", "auth: client", "auth") : null;

    /// <summary>A scope as workflow files write it.</summary>
    public static string NameOf(Scope scope) => scope switch
    {
        Scope.Plan => "plan",
        Scope.Instance => "instance",
        _ => "client",
    };

    private static bool IsOnceForAll(Step step) => step.Scope == Scope.Instance && step.Authorization is not Authorization.Keys;

    // The barriers that hold whichever way "any" is met.
    private static IEnumerable<Barrier> Always(Barrier? barrier) => barrier switch
    {
        null or Barrier.Or => [],
        Barrier.And and => and.Terms.SelectMany(Always),
        _ => [barrier],
    };

    private static ushort? UnitRead(Source source) => source switch
    {
        Source.State state => state.Unit,
        Source.StatePrefix state => state.Unit,
        _ => null,
    };
}
