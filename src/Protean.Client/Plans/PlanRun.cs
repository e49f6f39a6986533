using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Client.Plans;

/// <summary>How a run ended.</summary>
/// <param name="Outcomes">By step of the plan's workflow; null where a step did not run.</param>
/// <param name="Failure">Null where all went well.</param>
public sealed record RunResult(Workflows.SealedPlan Plan, IReadOnlyList<StepOutcome?> Outcomes, Refusal? Failure)
{
    public bool Succeeded => Failure is null;

    /// <summary>The outcome of a step by its name.</summary>
    public StepOutcome? Find(string step) => Outcomes.FirstOrDefault(outcome => outcome?.Name == step);

    /// <exception cref="RefusedException">The step's failure.</exception>
    public RunResult RequireSuccess() => Failure is null ? this : throw new RefusedException(Failure);
}

/// <summary>Runs a plan's steps as their receipts allow, independent ones together, and reruns what went stale (protocols 8.3). What
/// happened is in the journal, so a run that was cut short is continued by another one on the same journal.</summary>
public sealed class PlanRun
{
    /// <summary>A call's witness may be found incomplete when the request is executed: it is built anew so often.</summary>
    private const int MaxRebuilds = 8;

    /// <summary>The execution unit's refusal of a call that reads beyond its witness.</summary>
    private const string OutsideWitness = "PRT-EXE-0103";

    private readonly Session _session;
    private readonly RunJournal _journal;
    private readonly RunState _state;
    private readonly RequestBuilder _builder;

    internal PlanRun(Session session, RunJournal journal, IReadOnlyList<Identity> cosigners)
    {
        (_session, _journal, _state) = (session, journal, new RunState(journal.Plan.Plan));
        foreach (var outcome in journal.Outcomes) _state.Apply(outcome);
        _builder = new RequestBuilder(session, journal, _state, cosigners);
    }

    /// <summary>Runs until nothing is left to run.</summary>
    /// <param name="cancel">Stops waiting; what was sent may still happen, and the journal knows of it.</param>
    /// <exception cref="RefusedException">A step was refused: nothing of it happened, and the run can be resumed.</exception>
    public async Task<RunResult> Complete(CancellationToken cancel = default)
    {
        while (_state.Ready is { Count: > 0 } ready)
            foreach (var outcome in await Task.WhenAll(ready.Select(step => Perform(step, cancel)))) _state.Apply(outcome);
        return new RunResult(_journal.Plan, _state.Outcomes, _state.Succeeded ? null : FailureOf(_state.Failed));
    }

    /// <summary>Ends a step that can no longer run, so that what makes up for it may: with <see cref="Complete"/>. Where the step has happened after all,
    /// its own result counts.</summary>
    /// <exception cref="RefusedException">PRT-ADM-0026: it can still run.</exception>
    public async Task<StepOutcome> Cancel(string step, CancellationToken cancel = default)
    {
        var index = _journal.Plan.Plan.Workflow.IndexOf(step)
            ?? throw new RefusedException(ClientRefusals.NoStep(step, _journal.Plan.Plan.Workflow));
        var attempt = _state.AttemptOf(index);
        var cancellation = Request.Planned.Cancellation(_journal.Plan, index, attempt, _state.StaleBefore(index));
        var result = await _session.Network.Submit(cancellation, cancel);
        var outcome = OutcomeOf(_journal.Sent(index, attempt) ?? cancellation, result);
        _journal.Ended(outcome);
        _state.Apply(outcome);
        return outcome;
    }

    // Whoever cancelled a step, what stands in the log is the cancellation.
    private static StepOutcome OutcomeOf(Request.Planned request, Result result) => result.Status != ResultStatus.Cancelled
        ? new StepOutcome(request, result)
        : new StepOutcome(Request.Planned.Cancellation(request.Plan, request.StepIndex, request.Attempt, request.Proofs.Stale), result);

    private static Refusal? FailureOf(StepOutcome? failed) =>
        failed is null ? null : failed.Result.Failure with { Where = $"step {failed.Name}" };

    private async Task<StepOutcome> Perform(ushort step, CancellationToken cancel)
    {
        var outcome = await Repeat(step, cancel) ?? await Ask(step, cancel);
        _journal.Ended(outcome);
        return outcome;
    }

    /// <summary>Sends again what was on its way when the run was cut short.</summary>
    /// <returns>Null where nothing was, or where it is refused by now: then it never happened.</returns>
    private async Task<StepOutcome?> Repeat(ushort step, CancellationToken cancel)
    {
        if (_journal.Sent(step, _state.AttemptOf(step)) is not { } sent) return null;
        try
        {
            return OutcomeOf(sent, await _session.Network.Submit(sent, cancel));
        }
        catch (RefusedException refused) when (refused.Refusal.Code != ClientRefusals.NoAnswerCode)
        {
            return null;
        }
    }

    private async Task<StepOutcome> Ask(ushort step, CancellationToken cancel)
    {
        for (var left = MaxRebuilds; ; left--)
        {
            var request = await _builder.Build(step, cancel);
            _journal.Sending(request);
            try
            {
                return OutcomeOf(request, await _session.Network.Submit(request, cancel));
            }
            catch (RefusedException refused) when (refused.Refusal.Code == OutsideWitness && left > 1)
            {
                _session.Network.TurnFrom(_journal.Plan.Plan.UnitIdOf(_journal.Plan.Plan.Workflow.Steps[step]));
            }
        }
    }
}
