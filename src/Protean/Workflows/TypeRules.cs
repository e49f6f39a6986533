using Protean.Runtime;

namespace Protean.Workflows;

/// <summary>The rules of <see cref="WorkflowRules"/> about names and kinds. What rests on an unknown unit or transaction passes: that is
/// said once.</summary>
internal static class TypeRules
{
    public static Finding? Unit(StepCase step) => step.UnitOf(step.Step.Unit) is not null
        ? null : new Finding(step.Workflow.Units[step.Step.Unit].Class,
            Nearest.Of(step.Workflow.Units[step.Step.Unit].Class, step.Units.Select(static unit => unit.Class)), "run");

    public static Finding? Transaction(StepCase step) => step.UnitOf(step.Step.Unit) is { } unit && unit.Find(step.Step.Function) is null
        ? new Finding(step.Step.Function,
            Nearest.Of(step.Step.Function, unit.Transactions.Select(static transaction => transaction.Name)), "run") : null;

    public static Finding? Driver(StepCase step) => step.Step.Authorization is Authorization.Unit acting
        && step.UnitOf(acting.Index)?.Find(Drive.Function) is null
        ? new Finding($"{step.Workflow.Units[acting.Index]}", $"a unit that publishes {Drive.Function}", "auth") : null;

    public static Finding? UnknownInput(StepCase step)
    {
        if (step.Transaction is not { } transaction) return null;
        var open = transaction.Inputs.Where(static field => field.Name != Admission.StateInput).Select(static field => field.Name);
        var unknown = step.Step.Arguments.FirstOrDefault(argument =>
            argument.Name == Admission.StateInput || transaction.Input(argument.Name) is null);
        return unknown is null ? null : new Finding(unknown.Name, Nearest.Of(unknown.Name, open), unknown.Name);
    }

    public static Finding? MissingInput(StepCase step)
    {
        foreach (var field in step.Transaction?.Inputs ?? [])
        {
            var count = step.Step.Arguments.Count(argument => argument.Name == field.Name);
            if (!field.Repeated && field.Name != Admission.StateInput && count != 1) return new Finding($"{count} values", "one",
                field.Name);
        }
        return null;
    }

    public static Finding? WrongKind(StepCase step)
    {
        foreach (var argument in step.Step.Arguments)
        {
            if (step.Transaction?.Input(argument.Name) is not { } field) continue;
            var got = argument.Source is Source.Constant constant
                ? Values.IsOf(field.Kind, constant.Value.Span) ? field.Kind : ValueKind.Bytes
                : KindOf(step, argument.Source);
            if (got is { } kind && !Values.Fits(kind, field.Kind)) return new Finding(Values.NameOf(kind), Values.NameOf(field.Kind),
                argument.Name);
        }
        return null;
    }

    public static Finding? UnknownOutput(StepCase step)
    {
        foreach (var argument in step.Step.Arguments)
        {
            if (argument.Source is not Source.Output output
                || step.TransactionOf(step.Workflow.Steps[output.Step]) is not { } earlier) continue;
            if (earlier.Output(output.Name) is null)
                return new Finding(output.Name, Nearest.Of(output.Name, earlier.Outputs.Select(static field => field.Name)), argument.Name);
        }
        return null;
    }

    public static Finding? WrongParameter(StepCase step)
    {
        foreach (var (bound, part) in Bounds(step))
            if (bound is Bound.Parameter parameter && step.Workflow.Parameter(parameter.Name)!.Kind is var kind and not ValueKind.U64)
                return new Finding($"{parameter.Name}: {Values.NameOf(kind)}", Values.NameOf(ValueKind.U64), part);
        if (step.Step.Authorization is not Authorization.Keys keys) return null;
        foreach (var leaf in keys.Expression.All().OfType<KeyExpression.Parameter>())
            if (step.Workflow.Parameter(leaf.Name)!.Kind is var kind and not ValueKind.Key)
                return new Finding($"{leaf.Name}: {Values.NameOf(kind)}", Values.NameOf(ValueKind.Key), "auth");
        return null;
    }

    public static Finding? WrongSourceUnit(StepCase step)
    {
        foreach (var argument in step.Step.Arguments)
        {
            var finding = argument.Source switch
            {
                Source.State state => OfClass(step, state.Unit, PlanVerifier.StateClass),
                Source.StatePrefix state => OfClass(step, state.Unit, PlanVerifier.StateClass),
                Source.Beacon beacon => OfClass(step, beacon.Unit, WorkflowRules.RandomnessClass),
                _ => null,
            };
            if (finding is not null) return finding with { Where = argument.Name };
        }
        foreach (var barrier in step.Barriers)
            if (barrier is Barrier.BeaconDue due
                && OfClass(step, due.Unit, WorkflowRules.RandomnessClass) is { } finding) return finding with { Where = "when" };
            else if (barrier is Barrier.StateIs state
                && OfClass(step, state.Unit, PlanVerifier.StateClass) is { } other) return other with { Where = "when" };
        return null;
    }

    private static Finding? OfClass(StepCase step, ushort unit, string wanted) =>
        step.Workflow.Units[unit].Class == wanted ? null : new Finding(step.Workflow.Units[unit].Class, wanted);

    // Null: known only when it runs (a state entry), or reported by another rule.
    private static ValueKind? KindOf(StepCase step, Source source) => source switch
    {
        Source.Parameter parameter => step.Workflow.Parameter(parameter.Name)!.Kind,
        Source.Client client => step.Workflow.Input(client.Name)!.Kind,
        Source.Output output => step.TransactionOf(step.Workflow.Steps[output.Step])?.Output(output.Name)?.Kind,
        Source.StatePrefix => ValueKind.Entries,
        Source.Beacon => ValueKind.Bytes,
        _ => null,
    };

    private static IEnumerable<(Bound Bound, string Part)> Bounds(StepCase step)
    {
        foreach (var argument in step.Step.Arguments)
            if (argument.Source is Source.Beacon beacon) yield return (beacon.Round, argument.Name);
        foreach (var barrier in step.Barriers)
        {
            Bound? bound = barrier switch
            {
                Barrier.AfterHeight after => after.Height,
                Barrier.AfterTime after => after.Time,
                Barrier.BeforeHeight before => before.Height,
                Barrier.BeforeTime before => before.Time,
                Barrier.BeaconDue beacon => beacon.Round,
                _ => null,
            };
            if (bound is not null) yield return (bound, "when");
        }
    }
}
