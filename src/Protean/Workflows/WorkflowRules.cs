using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Workflows;

/// <summary>What the units of one class publish.</summary>
public sealed record PublishedUnit(string Class, IReadOnlyList<Transaction> Transactions)
{
    public Transaction? Find(string function) => Transactions.FirstOrDefault(transaction => transaction.Name == function);
}

/// <summary>Where in a workflow a rule is broken.</summary>
/// <param name="Step">Position of the step.</param>
/// <param name="Part">What of the step: an input's name, or "run", "when", "auth", "scope", "after"; empty for the step itself.</param>
/// <param name="Refusal">The rule and what was found.</param>
public sealed record Violation(int Step, string Part, Refusal Refusal);

/// <summary>The rules that every workflow keeps: types (paper 3.2) and what once-only operations and barriers need (protocols 8.1). Authors
/// see them with file
/// and line, the compiler refuses what breaks them: one list for both.</summary>
public static class WorkflowRules
{
    /// <summary>The class of units that keep a beacon.</summary>
    public const string RandomnessClass = "randomness";

    /// <summary>Every rule in order; the Finding's place names the part of the step.</summary>
    public static Requirements<StepCase> Rules { get; } = new(
        new("PRT-CMP-0001", "the unit must exist", "Name a class of units that the network has.", TypeRules.Unit),
        new("PRT-CMP-0002", "the unit must publish the transaction", "Name one of the unit's transactions.", TypeRules.Transaction),
        new("PRT-CMP-0003", "an argument must be an input of the transaction", "Name one of its inputs.", TypeRules.UnknownInput),
        new("PRT-CMP-0004", "an input must have one value, a repeated one any number", "Bind every input once.", TypeRules.MissingInput),
        new("PRT-CMP-0005", "a value must be of its input's kind", "Bind a value of that kind.", TypeRules.WrongKind),
        new("PRT-CMP-0006", "an output must be one that the earlier step publishes", "Name one of that step's outputs.",
            TypeRules.UnknownOutput),
        new("PRT-CMP-0007", "bounds and keys must be parameters of their kind", "Declare the parameter with that kind.",
            TypeRules.WrongParameter),
        new("PRT-CMP-0008", "state is read of state units, and beacons of randomness units", "Name a unit of that class.",
            TypeRules.WrongSourceUnit),
        new("PRT-CMP-0009", "a step that failed has no outputs to use", "Bind something else.", SafetyRules.OutputOfFailure),
        new("PRT-CMP-0010", "a transaction whose result must not be asked for twice is used once per instance", "Say scope: instance.",
            SafetyRules.OnceOnlyScope),
        new("PRT-CMP-0011", "what happens once for all takes nothing that one client chose",
            "Bind parameters and state, or say auth: keys.", SafetyRules.ClientChoosesOnceOnly),
        new("PRT-CMP-0012", "what happens once for all builds on what happened once for all", "Give the earlier step scope: instance.",
            SafetyRules.OnceOnlyOnRepeatable),
        new("PRT-CMP-0013", "what happens once for all reads state of a moment that nobody chooses", "Add an after barrier on that unit.",
            SafetyRules.OnceOnlyReadsAnyState),
        new("PRT-CMP-0014", "what anyone may ask for takes nothing from whoever asks", "Say auth: client, or bind something else.",
            SafetyRules.AnyoneGivesInputs),
        new("PRT-CMP-0015", "a deadline is kept by the unit whose state changes", "Put the before barrier on the step's own unit.",
            SafetyRules.DeadlineElsewhere),
        new("PRT-CMP-0016", "what happens once has nothing to make up for its failure",
            "Give the step scope: plan, or leave the failure out.", SafetyRules.OnceOnlyCompensated),
        new("PRT-CMP-0017", "what happens once for each client is the client's to ask for", "Say auth: client.",
            SafetyRules.PerClientAuthorization),
        new("PRT-CMP-0018", "a unit that acts for clients must be one that says so in its receipts", "Name a driver unit.", TypeRules.Driver));

    /// <summary>Every violation, in order of steps and rules: of each step the first broken type rule and every broken rule after it that
    /// still makes sense.</summary>
    public static IReadOnlyList<Violation> Check(Workflow workflow, IReadOnlyList<PublishedUnit> units)
    {
        var violations = new List<Violation>();
        for (var i = 0; i < workflow.Steps.Count; i++)
        {
            var subject = new StepCase(workflow, i, units);
            foreach (var rule in Rules)
                if (rule.Look(subject) is { } finding)
                    violations.Add(new Violation(i, finding.Where, new Refusal(
                        rule.Code, rule.What, $"step {subject.Step.Name} of {workflow.Name}{(finding.Where.Length > 0
                            ? $", {finding.Where}" : "")}",
                        finding.Expected, finding.Got, rule.Retry, rule.Advice)));
        }
        return violations;
    }
}

/// <summary>A step with what it is judged by.</summary>
public sealed record StepCase(Workflow Workflow, int Index, IReadOnlyList<PublishedUnit> Units)
{
    public Step Step => Workflow.Steps[Index];

    /// <summary>Null where unit or transaction is unknown.</summary>
    public Transaction? Transaction => TransactionOf(Step);

    public Transaction? TransactionOf(Step step) => UnitOf(step.Unit)?.Find(step.Function);
    public PublishedUnit? UnitOf(ushort unit) => Units.FirstOrDefault(published => published.Class == Workflow.Units[unit].Class);
    public IEnumerable<Barrier> Barriers => Step.Barrier?.All() ?? [];
}
