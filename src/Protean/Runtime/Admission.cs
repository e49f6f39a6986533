using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;
using Protean.Workflows;

namespace Protean.Runtime;

/// <summary>What a unit knows when it executes an entry: the block's position and the unit's replicated state, nothing else (protocols 8.2,
/// Rule D).</summary>
/// <param name="UnitId">The unit itself.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Height">Of the executing block.</param>
/// <param name="TimeMs">Of the executing block.</param>
/// <param name="Transactions">What the unit publishes.</param>
/// <param name="Directory">As the unit's own log has it.</param>
/// <param name="Replay">What was done and counted before; null for those who judge a request outside the log.</param>
public sealed record AdmissionContext(
    Digest UnitId, ulong Epoch, ulong Height, ulong TimeMs, IReadOnlyList<Transaction> Transactions, IDirectory Directory,
    MapView? Replay)
{
    /// <summary>Whether the replay cache holds a key.</summary>
    public bool IsKnown(Digest replayKey) => Replay?.Get(new Bytes(replayKey.Span)) is not null;

    public Usage Used(Quota quota) => Replay is null ? Usage.None : Quotas.Of(Replay, quota);

    public Transaction? Find(string function) => Transactions.FirstOrDefault(transaction => transaction.Name == function);
}

/// <summary>What becomes of a request.</summary>
public abstract record AdmissionDecision
{
    private AdmissionDecision()
    {
    }

    /// <summary>It executes.</summary>
    public sealed record Admitted(AdmittedRequest Request) : AdmissionDecision;

    /// <summary>It happened before: the stored result is the answer, whatever inputs came this time.</summary>
    public sealed record AlreadyDone(Digest ReplayKey) : AdmissionDecision;

    /// <summary>It does not execute and leaves no trace under its replay key.</summary>
    public sealed record Refused(Refusal Refusal) : AdmissionDecision;
}

/// <summary>Decides whether a request executes (protocols 8.2): a function of the request's bytes and of replicated state.</summary>
/// <param name="scheme">How signatures are checked.</param>
/// <param name="verified">Seals found good before; changes no verdict.</param>
/// <param name="without">For tests: the code of a check to leave out, here or in a verifier that this one calls.</param>
public sealed class Admission(ISignatureScheme scheme, VerifiedSeals verified, string? without = null)
{
    /// <summary>The input, published by transactions that read contracts' state, that binds the sealed height which the request's witness
    /// is of (protocols 8.6).</summary>
    public const string StateInput = "@state";

    /// <summary>The checks of a step of a plan, cheap ones first; replay (C7) comes before them all.</summary>
    public static Requirements<AdmissionCase> PlannedChecks { get; } = new(
        AdmissionChecks.OwnUnit, AdmissionChecks.WithinPlan, AdmissionChecks.StepNotRefusedTooOften, AdmissionChecks.Published, AdmissionChecks.AllClientArguments,
        AdmissionChecks.ClientArgumentLengths, AdmissionChecks.AllDependencies, AdmissionChecks.InputsHaveValues,
            AdmissionChecks.InputsAreOfTheirKinds,
        AdmissionChecks.SignaturesHold, AdmissionChecks.Authorized, AdmissionChecks.PlanHolds, AdmissionChecks.DriveHolds,
            AdmissionChecks.AttemptIsDue, AdmissionChecks.DependenciesHold,
        AdmissionChecks.OutputsHold, AdmissionChecks.HeightsHold, AdmissionChecks.WitnessesHold, AdmissionChecks.StateIsRecent,
            AdmissionChecks.BeaconsHold,
        AdmissionChecks.BarrierIsPassed);

    /// <summary>The checks of a direct request, cheap ones first.</summary>
    public static Requirements<AdmissionCase> DirectChecks { get; } = new(
        AdmissionChecks.OwnUnit, AdmissionChecks.WithinLastEpoch, AdmissionChecks.WithinQuota, AdmissionChecks.ClientNotRefusedTooOften,
            AdmissionChecks.Published, AdmissionChecks.MayBeDirect, AdmissionChecks.OneState,
        AdmissionChecks.InputsHaveValues, AdmissionChecks.InputsAreOfTheirKinds, AdmissionChecks.SignaturesHold, AdmissionChecks.Authorized,
        AdmissionChecks.HeightsHold, AdmissionChecks.WitnessesHold);

    /// <summary>The checks of what ends a step that can no longer run, cheap ones first: anyone may ask for it.</summary>
    public static Requirements<AdmissionCase> CancellationChecks { get; } = new(
        AdmissionChecks.OwnUnit, AdmissionChecks.NotTooLateToCancel, AdmissionChecks.Published, AdmissionChecks.MayBeCancelled,
        AdmissionChecks.CanNoLongerRun, AdmissionChecks.PlanHolds, AdmissionChecks.AttemptIsDue);

    public AdmissionDecision Admit(Request request, AdmissionContext context)
    {
        var subject = AdmissionCase.Of(request, context, scheme, new ReceiptVerifier(context.Directory, scheme, verified, without),
            without);
        if (context.IsKnown(subject.ReplayKey)) return new AdmissionDecision.AlreadyDone(subject.ReplayKey);
        var checks = request switch
        {
            Request.Planned { Cancels: true } => CancellationChecks,
            Request.Planned => PlannedChecks,
            _ => DirectChecks,
        };
        return checks.FirstRefusal(subject, static asked => asked.Name, without) is { } refusal
            ? new AdmissionDecision.Refused(refusal)
            : new AdmissionDecision.Admitted(subject.ToAdmitted());
    }
}

/// <summary>One value that an admitted request executes on.</summary>
/// <param name="Origin">The leaf that it is an output of; null for everything else.</param>
public sealed record AdmittedInput(string Name, Codec.Bytes Value, ResultOrigin? Origin);

/// <summary>Which result an input came out of.</summary>
/// <param name="UnitId">The unit that made it.</param>
/// <param name="Epoch">In which epoch.</param>
/// <param name="Leaf">The result; its <see cref="ResultLeaf.Hash"/> is what "applied once" is keyed by.</param>
/// <param name="Output">The output's name.</param>
public sealed record ResultOrigin(Digest UnitId, ulong Epoch, ResultLeaf Leaf, string Output);

/// <summary>A request that executes: everything in it is verified, and execution uses nothing else.</summary>
/// <param name="Transaction">What to do.</param>
/// <param name="Inputs">In order of name; values of a repeated input in their own order.</param>
/// <param name="Caller">The client, where the step or direct request is the client's; null otherwise (protocols 8.6).</param>
/// <param name="Signers">Whose signatures under it hold, the caller's among them; in order of key.</param>
/// <param name="ReplayKey">What it may do only once.</param>
/// <param name="PlanDigest">The plan's, or what stands for it in a direct request.</param>
/// <param name="Step">Position in the plan's workflow; 0 for direct requests.</param>
/// <param name="RequestDigest">Names it.</param>
/// <param name="InputsDigest">Binds <paramref name="Inputs"/>.</param>
/// <param name="LastReplayEpoch">Last epoch in which its replay entry must be kept (protocols 8.4).</param>
/// <param name="Plan">Null for direct requests.</param>
/// <param name="State">The state that the call may read, where the transaction publishes <see cref="Admission.StateInput"/> and the request
/// shows one.</param>
/// <param name="Proofs">Dependencies, heights and beacons, verified.</param>
public sealed record AdmittedRequest(
    Transaction Transaction, IReadOnlyList<AdmittedInput> Inputs, PublicKey? Caller, IReadOnlyList<PublicKey> Signers, Digest ReplayKey,
    Digest PlanDigest, ushort Step, Digest RequestDigest, Digest InputsDigest, ulong LastReplayEpoch, Plan? Plan, ProvenHeight? State, Proofs Proofs)
{
    /// <summary>What it is counted against.</summary>
    public required Quota Quota { get; init; }

    /// <summary>Whether it ends the step, which then does not run.</summary>
    public bool Cancels { get; init; }

    /// <summary>Who waits for its result: the client, or whoever holds the plan where nobody signed.</summary>
    public Digest Asker => Caller is { } caller ? new Digest(caller.Span) : Quota.Subject;

    /// <summary>How often it may happen; a direct request is once for its nonce.</summary>
    public Scope? Scope => Plan?.Workflow.Steps[Step].Scope;

    /// <summary>The run of the application that it belongs to; null for direct requests.</summary>
    public Instance? Instance => Plan?.Instance;

    public Codec.Bytes? Input(string name) => Inputs.FirstOrDefault(input => input.Name == name)?.Value;
    public IEnumerable<AdmittedInput> All(string name) => Inputs.Where(input => input.Name == name);

    /// <summary>The leaf that seals its end.</summary>
    public ResultLeaf Leaf(ResultStatus status, Digest outputDigest) =>
        new(PlanDigest, Step, ReplayKey, RequestDigest, InputsDigest, Transaction.Name, status, outputDigest);
}
