using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Workflows;

/// <summary>Verifies plans for anyone who knows the directory (protocols 8.2, C0 and C1). The compiler and its keys come from the
/// directory, never from the plan.</summary>
/// <param name="receipts">Verifies the compiler's receipt.</param>
/// <param name="without">For tests: the code of a check to leave out.</param>
public sealed class PlanVerifier(ReceiptVerifier receipts, string? without = null)
{
    /// <summary>The class of the unit that makes plans.</summary>
    public const string CompilerClass = "compiler";

    /// <summary>The class of the units that hold applications' state.</summary>
    public const string StateClass = "state";

    /// <summary>What the plan says; the compiler refuses to make a plan that fails one of these.</summary>
    public static Requirements<PlanCase> ContentChecks { get; } = new(
        new("PRT-PLN-0001", "the plan must be of this network", "Ask this network's compiler for a plan.", static plan =>
            plan.Plan.ChainId == plan.Directory.ChainId && plan.Instance.ChainId == plan.Directory.ChainId ? null : new Finding(
                $"plan of {plan.Plan.ChainId}, instance of {plan.Instance.ChainId}", plan.Directory.ChainId.ToString())),
        new("PRT-PLN-0002", "the plan must come from the directory's compiler", "Ask the compiler that the directory lists.", static plan =>
            plan.Directory.Find(plan.Plan.CompilerUnit)?.Class == CompilerClass ? null
                : new Finding($"unit {plan.Plan.CompilerUnit}", "a compiler unit")),
        new("PRT-PLN-0003", "the workflow must be the one that the instance pins", "Use the workflow's text as it was deployed.",
            static plan =>
            plan.Instance.CodeHashOf(plan.Workflow.Name) == plan.Workflow.CodeHash ? null : new Finding(
                plan.Workflow.CodeHash.ToString(), plan.Instance.CodeHashOf(plan.Workflow.Name)?.ToString()
                    ?? $"an instance with {plan.Workflow.Name}")),
        new("PRT-PLN-0004", "an instance is open for a bounded time", "Make an instance with a close epoch that is nearer.", static plan =>
            plan.Instance.OpensProperly ? null : new Finding(
                $"epochs {plan.Instance.OpenEpoch} to {plan.Instance.CloseEpoch}", $"at most {Limits.MaxInstanceEpochs} epochs")),
        new("PRT-PLN-0005", "a plan is made while its instance is open", "Wait until the instance opens.", static plan =>
            plan.Plan.CompilerEpoch >= plan.Instance.OpenEpoch ? null
                : new Finding($"epoch {plan.Plan.CompilerEpoch}", $"{plan.Instance.OpenEpoch} or later"), Retry: true),
        new("PRT-PLN-0006", "a plan begins no earlier than it was made", "Ask for a new plan.", static plan =>
            plan.Plan.NotBeforeEpoch >= plan.Plan.CompilerEpoch ? null
                : new Finding($"epoch {plan.Plan.NotBeforeEpoch}", $"{plan.Plan.CompilerEpoch} or later")),
        new("PRT-PLN-0007", "a plan ends soon after it was made", "Ask for a new plan.", static plan =>
            plan.Plan.ExpiryEpoch <= plan.Plan.CompilerEpoch + Limits.PlanEpochs ? null : new Finding(
                $"epoch {plan.Plan.ExpiryEpoch}", $"at most {plan.Plan.CompilerEpoch + Limits.PlanEpochs}")),
        new("PRT-PLN-0008", "a plan ends no later than its instance", "Ask for a new plan.", static plan =>
            plan.Plan.ExpiryEpoch <= plan.Instance.CloseEpoch ? null
                : new Finding($"epoch {plan.Plan.ExpiryEpoch}", $"at most {plan.Instance.CloseEpoch}")),
        new("PRT-PLN-0009", "the plan's units must be the directory's", "Ask for a new plan.", static plan => plan.WrongUnit()),
        new("PRT-PLN-0010", "a once-only step must be the one that the instance pins",
            "Run the operation from the workflow that the instance names.", static plan =>
            plan.UnpinnedOperation()),
        new("PRT-PLN-0011", "every parameter must have a value of its kind", "Make an instance that gives the parameter.", static plan =>
            plan.WrongParameter()));

    /// <summary>The compiler's word for it.</summary>
    public static Requirements<SealedPlanCase> SealChecks { get; } = new(
        new("PRT-PLN-0012", "the plan must be sealed by the compiler", "Ask the compiler for the plan's receipt.", static plan =>
            Finding.Of(plan.ReceiptRefusal())),
        new("PRT-PLN-0013", "the compiler's receipt must be of this plan", "Give the plan that the compiler returned.", static plan =>
            plan.Sealed.Opening.Value == new NamedValue(SealedPlan.Output, new Bytes(plan.Plan.Digest.Span)) ? null : new Finding(
                $"{plan.Sealed.Opening.Value.Name} {plan.Sealed.Opening.Value.Value}", $"{SealedPlan.Output} {plan.Plan.Digest}")));

    /// <summary>Null, or the first check that fails.</summary>
    public Refusal? Verify(SealedPlan plan)
    {
        var where = $"plan for {plan.Plan.Workflow.Name}";
        return ContentChecks.FirstRefusal(new PlanCase(plan.Plan, receipts.Directory), where, without)
            ?? SealChecks.FirstRefusal(new SealedPlanCase(plan, receipts), where, without);
    }
}

/// <summary>A plan with what it is judged by.</summary>
public sealed record PlanCase(Plan Plan, IDirectory Directory)
{
    public Instance Instance => Plan.Instance;
    public Workflow Workflow => Plan.Workflow;

    internal Finding? WrongUnit()
    {
        for (var i = 0; i < Plan.Units.Count; i++)
        {
            var (name, unit) = (Workflow.Units[i], Plan.Units[i]);
            if (Directory.Find(name.Class, name.Ordinal)?.UnitId != unit.UnitId) return new Finding($"unit {unit.UnitId}",
                $"the directory's {name}");
            if (Directory.CommitteeOf(unit.UnitId, unit.Epoch)?.Hash != unit.CommitteeHash)
                return new Finding($"committee {unit.CommitteeHash}", $"the directory's committee of {name} in epoch {unit.Epoch}");
        }
        return null;
    }

    internal Finding? UnpinnedOperation()
    {
        for (var i = 0; i < Workflow.Steps.Count; i++)
        {
            var step = Workflow.Steps[i];
            if (step.Scope == Scope.Plan) continue;
            var wanted = new OperationPin(Workflow.OperationOf(i), Plan.UnitIdOf(step), step.Function, Workflow.CodeHash);
            if (Instance.Operation(wanted.Name) is not { } pin) return new Finding($"no pin for {wanted.Name}",
                $"{step.Function} of unit {wanted.UnitId}");
            if (pin != wanted) return new Finding($"{wanted.Function} of unit {wanted.UnitId}",
                $"{pin.Function} of unit {pin.UnitId} in workflow {pin.CodeHash}");
        }
        return null;
    }

    internal Finding? WrongParameter()
    {
        foreach (var parameter in Workflow.Parameters)
            if (Instance.Parameter(parameter.Name) is not { } value || !Values.IsOf(parameter.Kind, value.Span))
                return new Finding($"parameter {parameter.Name}: {Instance.Parameter(parameter.Name)?.ToString() ?? "nothing"}",
                    Values.NameOf(parameter.Kind));
        return null;
    }
}

/// <summary>A plan with its receipt and what that is judged by.</summary>
public sealed record SealedPlanCase(SealedPlan Sealed, ReceiptVerifier Receipts)
{
    public Plan Plan => Sealed.Plan;

    internal Refusal? ReceiptRefusal() =>
        Receipts.Verify(Sealed.Receipt, new ReceiptClaim(Plan.CompilerUnit, Plan.CompilerEpoch, Plan.CompilerEpoch, SealedPlan.Function))
        ?? Receipts.Verify(Sealed.Receipt, Sealed.Opening);
}
