using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;
using Protean.Units.Contracts;
using Protean.Workflows;

namespace Protean.Units.State;

/// <summary>Keeps what applications remember, each entry with its owner, under one authenticated root (paper 3.2; protocols 8.6).</summary>
/// <remarks>Reads are proofs at sealed heights and pass through no log. Entries: <c>w/</c> workflows, <c>i/</c> instances, <c>u/</c>
/// users',
/// <c>c/</c> contracts', <c>applied/</c> which effects were made.</remarks>
public sealed class StateUnit : IFunctionalUnit
{
    internal static readonly (string Code, string Meaning) MalformedEffects = ("PRT-STA-0119", "the effects are not canonical");

    /// <summary>Results of one block stand below this in a version, its height above.</summary>
    private const int PositionBits = 20;

    public string Name => PlanVerifier.StateClass;
    public IReadOnlyList<Transaction> Transactions => StateTransactions.All;

    public void Join(IMembership membership)
    {
        var unit = membership.Context;
        membership.Handle(StateTransactions.Publish.Name, Publish);
        membership.Handle(StateTransactions.Create.Name, call => Create(call, unit));
        membership.Handle(StateTransactions.Write.Name, Write);
        membership.Handle(StateTransactions.Commit.Name, call => Commit(call, unit));
    }

    private static Outcome Publish(Call call)
    {
        var text = call.Bytes("workflow");
        try
        {
            var workflow = Canonical.Decode<Workflow>(text.Span);
            Freeze(call, WorkflowKeys.Workflow(workflow.CodeHash), text);
            return CallOutcomes.Ok(CallOutcomes.Output("codeHash", workflow.CodeHash));
        }
        catch (MalformedException malformed)
        {
            return CallOutcomes.Malformed("PRT-STA-0101", "the workflow is malformed", malformed);
        }
    }

    private static Outcome Create(Call call, UnitContext unit)
    {
        var text = call.Bytes("instance");
        try
        {
            var instance = Canonical.Decode<Instance>(text.Span);
            var asked = new InstanceCase(instance, call.Admitted.Caller, unit, call.State);
            if (InstanceRules.Checks.FirstRefusal(asked, instance.Name) is { } refusal) return CallOutcomes.Failed(refusal);
            Freeze(call, WorkflowKeys.Instance(instance.Id), text);
            return CallOutcomes.Ok(CallOutcomes.Output("instanceId", instance.Id));
        }
        catch (MalformedException malformed)
        {
            return CallOutcomes.Malformed("PRT-STA-0102", "the instance is malformed", malformed);
        }
    }

    private static Outcome Write(Call call)
    {
        try
        {
            var changes = call.All("change").Select(static bytes => Canonical.Decode<Change>(bytes.Span)).ToArray();
            Ascending.Require(changes, static change => change.Key, "changes");
            foreach (var change in changes)
            {
                var write = new WriteCase(change, call.Admitted.Signers, call.State.Get(change.Key));
                if (WriteRules.Checks.FirstRefusal(write, static write => write.Change.Key.ToString()) is { } refusal)
                    return WriteRules.IsStale(refusal) ? CallOutcomes.Stale(refusal) : CallOutcomes.Failed(refusal);
                Apply(call, write);
            }
            return CallOutcomes.Ok(CallOutcomes.Output("version", VersionOf(call)));
        }
        catch (MalformedException malformed)
        {
            return CallOutcomes.Malformed("PRT-STA-0108", "the changes are malformed", malformed);
        }
    }

    private static void Apply(Call call, WriteCase write)
    {
        if (write.Change.Value is not { } value)
        {
            call.State.Delete(write.Change.Key);
            return;
        }
        var owner = write.Change.Owner ?? new Owner.Keys(write.Needed!);
        call.State.Put(new MapEntry(write.Change.Key, VersionOf(call), owner.ToBytes(), value));
    }

    private static Outcome Commit(Call call, UnitContext unit)
    {
        var request = call.Admitted;
        CommittedCall[] calls;
        try
        {
            calls = [.. request.All("effects").Select(input => CommittedCall.Of(input, request.Plan!))];
        }
        catch (MalformedException malformed)
        {
            return new Outcome.Failed(MalformedEffects.Code, $"{MalformedEffects.Meaning}: {malformed.Message}");
        }
        var commit = new CommitCase(calls, unit.UnitId, request.Plan!.Instance.StateUnit, call.State);
        if (CommitRules.Checks.FirstRefusal(commit, "commit") is { } refusal)
            return CommitRules.IsStale(refusal) ? CallOutcomes.Stale(refusal) : CallOutcomes.Failed(refusal);
        foreach (var made in calls) Apply(call, made);
        AppliedEffects.Prune(call.State, unit.Epoch, calls.Length);
        return CallOutcomes.Ok(CallOutcomes.Output("version", VersionOf(call)));
    }

    private static void Apply(Call call, CommittedCall made)
    {
        AppliedEffects.Record(call.State, made, VersionOf(call));
        foreach (var write in made.Effects.Writes)
        {
            var owner = new Owner.Contract(made.ExecutionUnit, write.Contract);
            if (write.Value is { } value) call.State.Put(new MapEntry(write.Key, VersionOf(call), owner.ToBytes(), value));
            else call.State.Delete(write.Key);
        }
    }

    // An equal entry stays as it is, with the version of the first time, so that publishing twice changes nothing.
    private static void Freeze(Call call, Bytes key, Bytes value)
    {
        if (call.State.Get(key) is null) call.State.Put(new MapEntry(key, VersionOf(call), Owner.None.ToBytes(), value));
    }

    /// <summary>No other call of this unit ever has the same, so a key that was deleted and made again, or changed twice in one block,
    /// shows it.</summary>
    private static ulong VersionOf(Call call) => (call.Height << PositionBits) | (uint)call.Position;
}
