using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;
using Protean.Workflows;

namespace Protean.Runtime;

/// <summary>Executes one final block over the unit's state: duties first, then entries in log order (protocols 0.4). A function of the block and the state alone.</summary>
internal sealed class BlockExecution(UnitLogic logic, BlockEdits edits, Block block, IReadOnlyList<ExpiredResult> expired)
{
    private readonly List<ResultLeaf> _leaves = [];
    private readonly List<(Entry Entry, Refusal Refusal)> _refused = [];
    private readonly List<(LeafPlace Place, Outputs Outputs)> _outputs = [];
    private readonly List<ReplayEntry> _begun = [];
    private readonly List<ReplayEntry> _ended = [];
    private readonly List<ReplayEntry> _placed = [];

    /// <summary>Results in the order in which they came to be.</summary>
    public IReadOnlyList<ResultLeaf> Leaves => _leaves;

    /// <summary>Requests that were not admitted, for whoever submitted them.</summary>
    public IReadOnlyList<(Entry Entry, Refusal Refusal)> Refused => _refused;

    /// <summary>Outputs of the results found by execution itself.</summary>
    public IReadOnlyList<(LeafPlace Place, Outputs Outputs)> Outputs => _outputs;

    /// <summary>Results that members now have to find together.</summary>
    public IReadOnlyList<ReplayEntry> Begun => _begun;

    /// <summary>What was pending until a quorum had found it, by this block.</summary>
    public IReadOnlyList<ReplayEntry> Ended => _ended;

    /// <summary>Replay entries whose result stands in this block, those ended among them.</summary>
    public IReadOnlyList<ReplayEntry> Placed => _placed;

    /// <summary>The link into the next epoch, where this block is the last of its own.</summary>
    public EpochLink? Link { get; private set; }

    public void Run()
    {
        foreach (var result in expired) edits.Replay.Delete(new Bytes(result.ReplayKey.Span));
        Quotas.Prune(edits.Replay, logic.Epoch);
        if (logic.Due is { } due && due.Next(edits.Data) <= block.Header.TimeMs)
            due.Execute(new DueCall(edits.Data, block.Header.Height, block.Header.TimeMs, BeginDuty, Seal, new BegunKeys(edits.Keys)));
        foreach (var entry in block.Entries) Execute(entry);
        logic.KeyGenerations.Advance(edits.Keys, block.Header.TimeMs, Seal);
    }

    private void Execute(Entry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.Request:
                Execute(entry, logic.Decoded.Request(entry));
                break;
            case EntryKind.Contribution:
                Apply(logic.Decoded.Contribution(entry));
                break;
            case EntryKind.Epoch:
                End(logic.Decoded.Link(entry));
                break;
        }
    }

    private void Execute(Entry entry, Request request)
    {
        switch (logic.Admit(request, edits.Replay, block.Header.Height, block.Header.TimeMs))
        {
            case AdmissionDecision.Admitted admitted:
                Execute(entry, admitted.Request);
                break;
            case AdmissionDecision.Refused refused:
                _refused.Add((entry, refused.Refusal));
                break;
        }
    }

    private void Execute(Entry entry, AdmittedRequest admitted)
    {
        if (admitted.Cancels)
        {
            Finish(admitted, ResultStatus.Cancelled, Reason(Refusals.Cancelled.Code, Refusals.Cancelled.Meaning));
            return;
        }
        var (edit, keys) = (edits.Data.Begin(), edits.Keys.Begin());
        var outcome = logic.Handlers[admitted.Transaction.Name](
            new Call(admitted, edit, block.Header.Height, block.Header.TimeMs, _leaves.Count, new BegunKeys(keys)));
        switch (outcome)
        {
            case Outcome.Ok ok:
                edit.Merge();
                keys.Merge();
                Finish(admitted, ResultStatus.Ok, ok.Outputs);
                break;
            case Outcome.Failed failed:
                if (failed.Recorded) edit.Merge();
                Finish(admitted, ResultStatus.Failed, Reason(failed.Code, failed.Message));
                break;
            case Outcome.Stale stale:
                Finish(admitted, ResultStatus.Stale, Reason(stale.Code, stale.Message));
                break;
            case Outcome.Pending pending:
                edit.Merge();
                Begin(new ReplayEntry(admitted.LastReplayEpoch, admitted.Leaf(ResultStatus.Ok, Digest.Zero), null, new PendingState(pending.About, [])));
                break;
            case Outcome.Refused refused:
                _refused.Add((entry, refused.Refusal));
                if (!refused.Refusal.Retry) CountRefused(admitted);
                return;
        }
        if (admitted.Plan is null) Quotas.CountDone(edits.Replay, admitted.Quota, block.Header.Height, block.Header.TimeMs);
    }

    private void CountRefused(AdmittedRequest admitted) =>
        Quotas.CountRefused(edits.Replay, admitted.Quota, admitted.RequestDigest, block.Header.Height, block.Header.TimeMs);

    private void Finish(AdmittedRequest admitted, ResultStatus status, Outputs outputs)
    {
        var leaf = admitted.Leaf(status, outputs.Digest);
        var place = Add(leaf, outputs);
        // An operation that is done once per instance may fail and be tried again; a step of one plan or a direct call may not (protocols 8.4).
        if (status == ResultStatus.Ok || admitted.Scope is null or Scope.Plan)
            Place(new ReplayEntry(admitted.LastReplayEpoch, leaf, place, null));
    }

    private void BeginDuty(string function, Bytes subject)
    {
        var leaf = DutyLeaf(function, subject);
        if (ReplayCache.Find(edits.Replay, leaf.ReplayKey) is not null) return;
        // A plan that builds on it may be as old as any that still runs.
        Begin(new ReplayEntry(logic.Epoch + Limits.PlanEpochs + 1, leaf, null, new PendingState(subject, [])));
    }

    private void Begin(ReplayEntry entry)
    {
        ReplayCache.Put(edits.Replay, entry, block.Header.Height);
        _begun.Add(entry);
    }

    /// <summary>A result that the log alone makes: a generated key. It is kept for good.</summary>
    private void Seal(string function, Bytes subject, Outputs outputs)
    {
        var leaf = DutyLeaf(function, subject) with { OutputDigest = outputs.Digest };
        Place(new ReplayEntry(ulong.MaxValue, leaf, Add(leaf, outputs), null));
    }

    private void Place(ReplayEntry entry)
    {
        ReplayCache.Put(edits.Replay, entry, block.Header.Height);
        _placed.Add(entry);
    }

    private static ResultLeaf DutyLeaf(string function, Bytes subject) => new(
        Digest.Zero, 0, RequestDigests.Duty(function, subject), Digest.Zero, RequestDigests.Inputs([new NamedValue("subject", subject)]), function, ResultStatus.Ok, Digest.Zero);

    private void Apply(Contribution contribution)
    {
        if (!logic.IsSigned(contribution)) return;
        if (contribution.Topic == UnitLogic.DoneTopic) CountDone(contribution);
        else logic.KeyGenerations.Apply(edits.Keys, contribution);
    }

    /// <summary>Rule P: the result stands in the block that finalises the q-th equal word for it.</summary>
    private void CountDone(Contribution contribution)
    {
        if (contribution.Payload.Length != Digest.Size) return;
        if (ReplayCache.Find(edits.Replay, contribution.Subject) is not { Pending: { } pending } entry) return;
        if (pending.Dones.Any(done => done.Member == contribution.Member.Index)) return;
        var digest = new Digest(contribution.Payload.Span);
        DoneVote[] dones = [.. pending.Dones, new DoneVote(contribution.Member.Index, digest)];
        if (dones.Count(done => done.OutputDigest == digest) < logic.Committee.Quorum)
        {
            ReplayCache.Put(edits.Replay, entry with { Pending = pending with { Dones = dones } }, block.Header.Height);
            return;
        }
        var leaf = entry.Request with { OutputDigest = digest };
        _leaves.Add(leaf);
        var place = new LeafPlace(block.Header.Height, (uint)(_leaves.Count - 1));
        // Epochs may have passed since it began: entries end no earlier than they can be looked for.
        var ended = entry with { LastEpoch = Math.Max(entry.LastEpoch, logic.Epoch), Request = leaf, Place = place, Pending = null };
        Place(ended);
        _ended.Add(ended);
        if (logic.Done.TryGetValue(leaf.Function, out var execute))
            execute(new DoneCall(pending.About, edits.Data, block.Header.Height, new BegunKeys(edits.Keys)));
    }

    /// <summary>The epoch ends with this block.</summary>
    private void End(EpochLink link)
    {
        if (Link is not null) return;
        Link = link;
        edits.Keys.Put(new MapEntry(UnitState.EpochKey, block.Header.Height, Bytes.Empty, Bytes.Wrap(new Encoder().U64(link.Record.Epoch).ToArray())));
    }

    private LeafPlace Add(ResultLeaf leaf, Outputs outputs)
    {
        _leaves.Add(leaf);
        var place = new LeafPlace(block.Header.Height, (uint)(_leaves.Count - 1));
        _outputs.Add((place, outputs));
        return place;
    }

    private static Outputs Reason(string code, string message) => new([new NamedValue("code", Bytes.Of(code)), new NamedValue("message", Bytes.Of(message))]);
}
