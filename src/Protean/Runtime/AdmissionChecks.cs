using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;
using Protean.Workflows;
using Planned = Protean.Runtime.AdmissionCase.Planned;

namespace Protean.Runtime;

/// <summary>The checks of admission, each with its code (protocols 8.2; C-numbers as there).</summary>
internal static class AdmissionChecks
{
    // C2
    public static readonly Requirement<AdmissionCase> OwnUnit =
        new("PRT-ADM-0001", "the request must be for this unit", "Send it to the unit that the step names.",
        static request => request.UnitId == request.Context.UnitId ? null
            : new Finding($"unit {request.UnitId}", $"unit {request.Context.UnitId}"));

    public static readonly Requirement<AdmissionCase> WithinPlan =
        new("PRT-ADM-0002", "the plan must be in force", "Ask the compiler for a new plan.",
        static request => request is Planned planned
            && (planned.Context.Epoch < planned.Plan.NotBeforeEpoch || planned.Context.Epoch > planned.Plan.LastEpochOf(planned.Step))
            ? new Finding($"epoch {planned.Context.Epoch}", $"{planned.Plan.NotBeforeEpoch} to {planned.Plan.LastEpochOf(planned.Step)}")
                : null);

    public static readonly Requirement<AdmissionCase> WithinLastEpoch =
        new("PRT-ADM-0003", "a direct request names a last epoch that is near", "Sign the request again with a later last epoch.",
        static request => request.Request is Request.Direct direct
            && (direct.LastEpoch < request.Context.Epoch || direct.LastEpoch - request.Context.Epoch > Limits.PlanEpochs)
            ? new Finding($"last epoch {direct.LastEpoch}", $"{request.Context.Epoch} to {request.Context.Epoch + Limits.PlanEpochs}")
                : null);

    public static readonly Requirement<AdmissionCase> Published =
        new("PRT-ADM-0004", "the unit must publish the transaction", "See which transactions the unit publishes.",
        static request => request.Transaction is null
            ? new Finding(request.Function, string.Join(", ", request.Context.Transactions.Select(static transaction => transaction.Name)))
                : null);

    public static readonly Requirement<AdmissionCase> MayBeDirect =
        new("PRT-ADM-0005", "the transaction must be one that needs no plan", "Call it as a step of a workflow.",
        static request => request.Transaction is { Direct: true } ? null : new Finding(request.Function, "a direct transaction"));

    public static readonly Requirement<AdmissionCase> OneState =
        new("PRT-ADM-0006", "a direct request shows the state of one state unit at most", "Leave out the other witnesses.",
        static request => request.Proofs.Heights.Count(static height => height.Witness is not null) <= 1
            && (request.State is null || request.Context.Directory.Find(request.State.UnitId)?.Class == PlanVerifier.StateClass)
            ? null : new Finding($"{request.Proofs.Heights.Count} heights", "one, of a state unit"));

    // C4
    public static readonly Requirement<AdmissionCase> AllClientArguments =
        new("PRT-ADM-0007", "the client gives the inputs that the step uses, and no others", "Give exactly these.",
        static request =>
        {
            if (request is not Planned planned) return null;
            var wanted = planned.Subject.Arguments.Select(static argument => argument.Source).OfType<Source.Client>()
                .Select(static client => client.Name).Distinct().Order(StringComparer.Ordinal);
            var given = planned.Request.ClientArguments.Select(static argument => argument.Name).ToArray();
            return wanted.SequenceEqual(given) ? null : new Finding(Names(given), Names(wanted));
        });

    public static readonly Requirement<AdmissionCase> ClientArgumentLengths =
        new("PRT-ADM-0008", "a client input is of its declared kind and no longer than declared", "Shorten it.",
        static request =>
        {
            if (request is not Planned planned) return null;
            foreach (var argument in planned.Request.ClientArguments)
                if (planned.Workflow.Input(argument.Name) is { } input
                    && (argument.Value.Length > input.MaxLength || !Values.IsOf(input.Kind, argument.Value.Span)))
                    return new Finding($"{argument.Value.Length} bytes", $"{Values.NameOf(input.Kind)} of at most {input.MaxLength}",
                        $"input {argument.Name}");
            return null;
        });

    // C3
    public static readonly Requirement<AdmissionCase> AllDependencies =
        new("PRT-ADM-0009", "every step that this one depends on is shown, and no other",
            "Run the steps before it and give their receipts.",
        static request => request is not Planned planned
            || planned.Subject.Dependencies.SequenceEqual(planned.Proofs.Dependencies.Select(static shown => shown.Step))
            ? null
            : new Finding(Names(planned.Proofs.Dependencies.Select(static shown => $"{shown.Step}")),
                Names(planned.Subject.Dependencies.Select(index => planned.Workflow.Steps[index].Name))));

    public static readonly Requirement<AdmissionCase> InputsHaveValues =
        new("PRT-ADM-0010", "every input has a value", "Give what is missing.", AdmissionInputs.Resolve);

    public static readonly Requirement<AdmissionCase> InputsAreOfTheirKinds =
        new("PRT-ADM-0011", "the inputs are those that the transaction publishes, each of its kind", "See the transaction's inputs.",
        WrongInput);

    // protocols 8.4
    public static readonly Requirement<AdmissionCase> WithinQuota =
        new("PRT-ADM-0027", "a client asks a unit directly no more than so often", "Wait for the next window of block time.",
        static request => request.Used.Done >= Limits.DirectPerWindow
            ? new Finding($"{request.Used.Done} requests", $"at most {Limits.DirectPerWindow} until {request.Quota.Until} ms of block time") : null,
            Retry: true);

    public static readonly Requirement<AdmissionCase> ClientNotRefusedTooOften =
        new("PRT-ADM-0028", "a client's direct requests are refused after their execution no more than so often",
            "Wait for the next window of block time, and see what the refusals said.", RefusedTooOften, Retry: true);

    public static readonly Requirement<AdmissionCase> StepNotRefusedTooOften =
        new("PRT-ADM-0029", "a step is refused after its execution no more than so often",
            "Sign the request as the plan's client, or ask the compiler for a new plan; see what the refusals said.", RefusedTooOften);

    // C6
    public static readonly Requirement<AdmissionCase> SignaturesHold =
        new("PRT-ADM-0012", "every signature holds", "Sign the request's digest with the key that is named.",
        static request =>
        {
            var payload = request.SignedPayload;
            var wrong = request.Request.Signatures.FirstOrDefault(signature =>
                !request.Scheme.Verify(signature.Key, payload, signature.Signature));
            return wrong is null ? null
                : new Finding($"a signature under {wrong.Key} that does not hold", $"one over request {request.RequestDigest}");
        });

    public static readonly Requirement<AdmissionCase> Authorized =
        new("PRT-ADM-0013", "those who may ask for it have signed", "Get the signatures that the step needs.",
        static request =>
        {
            PublicKey[] signers = [.. request.Request.Signatures.Select(static signature => signature.Key)];
            var enough = request switch
            {
                Planned { Subject.Authorization: Authorization.Anyone or Authorization.Unit } => true,
                Planned { Subject.Authorization: Authorization.Keys keys } planned => keys.Expression.IsMetBy(signers, planned.Instance),
                _ => request.Caller is { } client && signers.Contains(client),
            };
            return enough ? null : new Finding(signers.Length == 0 ? "no signature" : Names(signers.Select(static key => key.ToString())),
                $"{request.Caller?.ToString() ?? "the keys of the step"}");
        });

    // C0, C1
    public static readonly Requirement<AdmissionCase> PlanHolds = new("PRT-ADM-0014", "the plan holds", "Ask the compiler for a plan.",
        static request => request is Planned planned ? Finding.Of(planned.Plans.Verify(planned.Request.Plan)) : null);

    public static readonly Requirement<AdmissionCase> DriveHolds =
        new("PRT-ADM-0023", "a step that is a unit's to ask for comes with that unit's receipt", "Leave the step to the unit, or give its receipt.",
        static request => request is Planned planned ? Drive.WrongReceipt(planned) : null);

    // protocols 8.3
    public static readonly Requirement<AdmissionCase> NotTooLateToCancel =
        new("PRT-ADM-0024", "a step is cancelled in the epoch after its plan's last one at the latest", "Nothing of the plan can happen any more.",
        static request => request is Planned planned && planned.Context.Epoch > planned.Plan.LastEpoch
            ? new Finding($"epoch {planned.Context.Epoch}", $"at most {planned.Plan.LastEpoch}") : null);

    public static readonly Requirement<AdmissionCase> MayBeCancelled =
        new("PRT-ADM-0025", "only what happens once in its plan is cancelled", "Let it be: others may still perform the operation.",
        static request => request is Planned { Subject.Scope: not Scope.Plan } planned
            ? new Finding($"scope {SafetyRules.NameOf(planned.Subject.Scope)}", $"scope {SafetyRules.NameOf(Scope.Plan)}") : null);

    public static readonly Requirement<AdmissionCase> CanNoLongerRun =
        new("PRT-ADM-0026", "a step that can still run is not cancelled", "Wait until its deadline or its plan's last epoch is over.",
        static request => request is Planned planned && planned.Context.Epoch <= planned.Plan.LastEpochOf(planned.Step)
            && !(planned.Subject.Barrier is { } barrier && AdmissionBarrier.IsOver(planned, barrier))
            ? new Finding($"epoch {planned.Context.Epoch}, time {planned.Context.TimeMs}",
                $"epoch {planned.Plan.LastEpochOf(planned.Step) + 1}, or a time past the step's deadline") : null, Retry: true);

    public static readonly Requirement<AdmissionCase> AttemptIsDue =
        new("PRT-ADM-0015", "another attempt needs the stale result of the one before", "Give the stale receipt, or ask for attempt 0.",
        static request => request is Planned planned ? AdmissionDependencies.WrongAttempt(planned) : null);

    // C3
    public static readonly Requirement<AdmissionCase> DependenciesHold =
        new("PRT-ADM-0016", "the results that it depends on hold", "Give the receipts of the steps before it.",
        static request => request is Planned planned ? AdmissionDependencies.WrongReceipt(planned) : null);

    // C4
    public static readonly Requirement<AdmissionCase> OutputsHold =
        new("PRT-ADM-0017", "the outputs shown are the receipts'", "Give the outputs that the units returned.",
        static request => request is Planned planned ? AdmissionDependencies.WrongOutput(planned) : null);

    public static readonly Requirement<AdmissionCase> HeightsHold =
        new("PRT-ADM-0018", "the heights shown are sealed", "Ask the unit's members for a sealed height.",
        static request => FirstFinding(request.Proofs.Heights, height =>
            Finding.Of(request.Receipts.Verify(height.Seal), $"height {height.Header.Height} of unit {height.UnitId}")));

    public static readonly Requirement<AdmissionCase> WitnessesHold =
        new("PRT-ADM-0019", "the state shown is the sealed one", "Ask the state unit's members for the witness again.",
        static request => FirstFinding(request.Proofs.Heights, static height =>
            Finding.Of(height.Witness?.Verify(height.Header.StateRoot, new WitnessQuestion(ProvenHeight.DataMap, [], [])),
                $"height {height.Header.Height} of unit {height.UnitId}")));

    public static readonly Requirement<AdmissionCase> StateIsRecent =
        new("PRT-ADM-0020", "the state shown is no older than the plan", "Read the state again.",
        static request => request is Planned planned && planned.Proofs.HeightOf(planned.Instance.StateUnit) is { } height
            && height.Header.Height < planned.Plan.StateHeight
            ? new Finding($"height {height.Header.Height}", $"{planned.Plan.StateHeight} or later") : null);

    public static readonly Requirement<AdmissionCase> BeaconsHold =
        new("PRT-ADM-0021", "the beacon's rounds shown are true", "Ask the randomness unit for the round.",
        static request => FirstFinding(request.Proofs.Beacons, beacon => beacon.Holds(request.Receipts) ? null
            : new Finding($"round {beacon.Round} of unit {beacon.UnitId}")));

    // C5
    public static readonly Requirement<AdmissionCase> BarrierIsPassed =
        new("PRT-ADM-0022", "the barrier is passed", "Wait, and show a sealed height that is past it; what is too late stays too late.",
        static request => request is Planned { Subject.Barrier: { } barrier } planned ? AdmissionBarrier.Missing(planned, barrier) : null,
            Retry: true);

    private static Finding? RefusedTooOften(AdmissionCase request) => request.Used.Refused.Count >= request.Quota.MaxRefused
        ? new Finding($"{request.Used.Refused.Count} refused requests",
            $"at most {request.Quota.MaxRefused} until {(request.Quota.IsStep ? "epoch" : "time")} {request.Quota.Until}") : null;

    // Inputs stand in order of name, so those of one name stand together.
    private static Finding? WrongInput(AdmissionCase request)
    {
        if (request.Transaction is not { } transaction) return null;
        var inputs = request.Inputs;
        for (var i = 0; i < inputs.Count; i++)
        {
            var (name, value) = (inputs[i].Name, inputs[i].Value);
            if (transaction.Input(name) is not { } field) return new Finding(name, Names(transaction.Inputs.Select(static input => input.Name)));
            if (!field.Repeated && i > 0 && inputs[i - 1].Name == name) return new Finding($"{request.Inputs.Count(input => input.Name == name)} values", "one", $"input {name}");
            if (!Values.IsOf(field.Kind, value.Span)) return new Finding($"{value.Length} bytes", Values.NameOf(field.Kind), $"input {name}");
        }
        foreach (var field in transaction.Inputs)
            if (!field.Repeated && field.Name != Admission.StateInput && !Has(inputs, field.Name)) return new Finding("nothing", Values.NameOf(field.Kind), $"input {field.Name}");
        return null;
    }

    private static bool Has(IReadOnlyList<AdmittedInput> inputs, string name)
    {
        foreach (var input in inputs)
            if (input.Name == name) return true;
        return false;
    }

    private static Finding? FirstFinding<T>(IEnumerable<T> items, Func<T, Finding?> look) =>
        items.Select(look).FirstOrDefault(static finding => finding is not null);

    private static string Names(IEnumerable<string> names) => names.Any() ? string.Join(", ", names) : "none";
}
