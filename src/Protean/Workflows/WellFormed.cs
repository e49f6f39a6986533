using Protean.Codec;

namespace Protean.Workflows;

/// <summary>What every workflow holds to, whoever wrote its bytes: positions point at something, names are unique, lists are in order.
/// Type and safety rules are WorkflowRules.</summary>
internal static class WellFormed
{
    public static void Require(Workflow workflow)
    {
        Ascending.Require(workflow.Parameters, static parameter => parameter.Name, "parameters of a workflow");
        Ascending.Require(workflow.Inputs, static input => input.Name, "client inputs of a workflow");
        if (workflow.Units.Distinct().Count() != workflow.Units.Count) throw new MalformedException("a unit stands twice in a workflow");
        if (workflow.Steps.Count == 0) throw new MalformedException("a workflow without steps");
        if (workflow.Steps.DistinctBy(static step => step.Name).Count() != workflow.Steps.Count) throw new MalformedException("two steps of one name");
        for (var i = 0; i < workflow.Steps.Count; i++) RequireStep(workflow, i);
        RequireOneFailurePerCompensation(workflow);
    }

    private static void RequireStep(Workflow workflow, int index)
    {
        var step = workflow.Steps[index];
        RequireUnit(workflow, step.Unit);
        Ascending.Require(step.Dependencies, static dependency => dependency, $"dependencies of {step.Name}");
        if (step.Dependencies.Any(dependency => dependency >= index))
            throw new MalformedException($"{step.Name} depends on itself or on a later step");
        for (var i = 1; i < step.Arguments.Count; i++)
            if (string.CompareOrdinal(step.Arguments[i - 1].Name, step.Arguments[i].Name) > 0)
                throw new MalformedException($"arguments of {step.Name} not in order of name");
        foreach (var argument in step.Arguments) RequireSource(workflow, step, argument.Source);
        foreach (var barrier in step.Barrier?.All() ?? []) RequireBarrier(workflow, barrier);
        if (step.Authorization is Authorization.Keys keys)
            foreach (var part in keys.Expression.All())
                if (part is KeyExpression.Parameter parameter) RequireParameter(workflow, parameter.Name);
        if (step.Authorization is Authorization.Unit unit) RequireUnit(workflow, unit.Index);
        if (step.OnFailure is not { } later) return;
        if (later <= index || later >= workflow.Steps.Count) throw new MalformedException($"{step.Name} is made up for by no later step");
        if (!workflow.Steps[later].Dependencies.Contains((ushort)index))
            throw new MalformedException($"what makes up for {step.Name} does not depend on it");
    }

    private static void RequireSource(Workflow workflow, Step step, Source source)
    {
        switch (source)
        {
            case Source.Parameter parameter: RequireParameter(workflow, parameter.Name); break;
            case Source.Client client when workflow.Input(client.Name) is null:
                throw new MalformedException($"no client input {client.Name}");
            case Source.Output output when !step.Dependencies.Contains(output.Step):
                throw new MalformedException($"{step.Name} uses an output of step {output.Step} that it does not depend on");
            case Source.State state: RequireKey(workflow, state.Unit, state.Key); break;
            case Source.StatePrefix state: RequireKey(workflow, state.Unit, state.Prefix); break;
            case Source.Beacon beacon: RequireUnit(workflow, beacon.Unit); RequireBound(workflow, beacon.Round); break;
        }
    }

    private static void RequireBarrier(Workflow workflow, Barrier barrier)
    {
        switch (barrier)
        {
            case Barrier.AfterHeight after: RequireBound(workflow, after.Height); break;
            case Barrier.AfterTime after: RequireBound(workflow, after.Time); break;
            case Barrier.BeforeHeight before: RequireBound(workflow, before.Height); break;
            case Barrier.BeforeTime before: RequireBound(workflow, before.Time); break;
            case Barrier.StateIs state: RequireKey(workflow, state.Unit, state.Key); break;
            case Barrier.BeaconDue beacon: RequireBound(workflow, beacon.Round); break;
            case Barrier.And { Terms.Count: 0 } or Barrier.Or { Terms.Count: 0 }: throw new MalformedException("a barrier of no terms");
        }
        if (barrier.NamedUnit is { } unit) RequireUnit(workflow, unit);
    }

    // One status is needed of each dependency, so a step cannot be both what follows another and what makes up for it.
    private static void RequireOneFailurePerCompensation(Workflow workflow)
    {
        var targets = workflow.Steps.Select(static step => step.OnFailure).OfType<ushort>().ToArray();
        if (targets.Distinct().Count() != targets.Length) throw new MalformedException("one step makes up for two");
    }

    private static void RequireKey(Workflow workflow, ushort unit, KeyTemplate key)
    {
        RequireUnit(workflow, unit);
        if (key.Parts.Count == 0) throw new MalformedException("an empty state key");
        foreach (var part in key.Parts)
            switch (part)
            {
                case KeyPart.Parameter parameter: RequireParameter(workflow, parameter.Name); break;
                case KeyPart.Unit other: RequireUnit(workflow, other.Index); break;
            }
    }

    private static void RequireBound(Workflow workflow, Bound bound)
    {
        if (bound is Bound.Parameter parameter) RequireParameter(workflow, parameter.Name);
    }

    private static void RequireParameter(Workflow workflow, string name)
    {
        if (workflow.Parameter(name) is null) throw new MalformedException($"no parameter {name}");
    }

    private static void RequireUnit(Workflow workflow, ushort unit)
    {
        if (unit >= workflow.Units.Count) throw new MalformedException($"unit {unit} of {workflow.Units.Count}");
    }
}
