using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Sealing;
using Protean.Sync;

namespace Protean.Runtime;

/// <summary>One node's member of one unit: the machine that every unit is (protocols 0.4). Requests are ordered by consensus, executed by
/// every member in log order, and each block's results are sealed by a quorum.</summary>
/// <remarks>Public calls are inputs like messages and timers: one at a time, on the loop that drives the member.</remarks>
public sealed partial class UnitMember : IProtocol<UnitMessage, UnitEvent>, IApplication
{
    private static readonly TimeSpan RepeatDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimerId RepeatTimer = new("repeat");

    private readonly UnitLogic _logic;
    private readonly UnitState _state;
    private readonly Sealer _sealer;
    private readonly SharedResults _shared;
    private readonly OutputStore _outputs;
    private readonly Checkpoints _checkpoints;
    private readonly Retention _retention;
    private readonly SnapshotServer _snapshots;
    private readonly StateSync _sync;
    private readonly Postings _postings;
    private readonly StoredResults _results;
    private readonly ClientRequests _clients;
    private readonly SimplexMember _consensus;
    private readonly IStore _store;
    private readonly AwaitedTimes _awaited = new();
    private readonly Queue<FinalizedBlock> _final = [];
    private ulong? _unitDue;
    private (ulong Height, EpochLink Link)? _boundary;
    private Refusal? _halted;
    private DivergenceException? _divergence;
    private bool _repeating;

    public UnitMember(UnitMemberParts parts)
    {
        _store = parts.Store;
        _state = new UnitState(parts.Store);
        _logic = new UnitLogic(parts);
        _sealer = new Sealer(parts.Context, parts.Committee, parts.Self, parts.ConsensusKey, parts.Scheme, parts.Store);
        _shared = new SharedResults(parts.Context, parts.Committee, parts.ConsensusKey, parts.Scheme);
        _outputs = new OutputStore(parts.Store);
        _results = new StoredResults(_state, _sealer, _outputs);
        _clients = new ClientRequests(_state, _results, _logic.UnitName);
        _consensus = new SimplexMember(parts.ToConsensus(_state.Executed), parts.ConsensusKey, parts.Scheme, this, parts.Store);
        _checkpoints = new Checkpoints(parts.Store, _state, parts.CheckpointHeights);
        _retention = new Retention(_state, _outputs, _checkpoints);
        _snapshots = new SnapshotServer(parts, _state, _sealer, _checkpoints, _consensus);
        _sync = new StateSync(parts, _state, now => _consensus.WaitingNow(now).For == Consensus.WaitingFor.Blocks);
        _postings = new Postings(_logic, _consensus);
        Reads = new UnitReads(_state, _sealer, _logic, _results, _outputs, _consensus, _shared);
    }

    public ulong Epoch => _logic.Epoch;

    /// <summary>Signs nothing in this epoch: its disk is not the one that it had.</summary>
    public bool IsSilent => _consensus.IsSilent;

    // Halted, or replaced by a member that goes on from a fetched state.
    private bool IsOver => _halted is not null || _sync.Installed is not null;

    /// <summary>What this member can show to readers.</summary>
    public UnitReads Reads { get; }

    public void Start(IEffects<UnitMessage, UnitEvent> effects)
    {
        _sealer.Silent = _consensus.IsSilent;
        _sealer.Open();
        _boundary = UnitEpochs.BoundaryInto(_store, _logic.Epoch + 1);
        RefreshDuties();
        foreach (var entry in _state.Pending()) BeginShared(entry, effects);
        _consensus.Start(new ConsensusEffects(this, effects));
        _postings.Owed(_state.Keys, new ConsensusEffects(this, effects));
        _sync.Start(effects);
        Settle(effects);
    }

    public void Receive(MemberId from, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (IsOver) return;
        switch (message)
        {
            case UnitMessage.Ordering ordering:
                _consensus.Receive(from, ordering.Message, new ConsensusEffects(this, effects));
                break;
            case UnitMessage.SealVote vote:
                if (_sealer.Receive(from, vote) is { } seal) effects.Send(from, new UnitMessage.Sealed(seal));
                break;
            case UnitMessage.Sealed certified:
                _sealer.Accept(certified.Header);
                break;
            case UnitMessage.WantSeal want:
                if (_sealer.At(want.Height) is { } held) effects.Send(from, new UnitMessage.Sealed(held));
                break;
            case UnitMessage.Share share:
                if (_shared.Receive(from, share) is { } own) effects.Send(from, own);
                break;
            case UnitMessage.WantResult want:
                if (_results.At(want.Place) is { } done) effects.Send(from, new UnitMessage.HaveResult(done.Receipt, done.Outputs, done.Record));
                break;
            case UnitMessage.HaveResult have:
                if (_outputs.Arrived(have.Receipt, have.Outputs, have.Record, _logic.Holds))
                    foreach (var answer in _clients.AnswerAll()) effects.Output(answer);
                break;
            case UnitMessage.Await wait:
                if (_awaited.Add(wait.TimeMs)) _consensus.ApplicationChanged(new ConsensusEffects(this, effects));
                break;
            case UnitMessage.Sync sync:
                if (_snapshots.Answer(from, sync.Message, effects.Now) is { } given) effects.Send(from, new UnitMessage.Sync(given));
                else _sync.Receive(from, sync.Message, effects);
                break;
        }
        Settle(effects);
    }

    public void TimeOut(TimerId timer, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (IsOver) return;
        if (timer == RepeatTimer) Repeat(effects);
        else if (timer == StateSync.StandingTimer || timer == StateSync.FetchTimer) _sync.TimeOut(timer, effects);
        else _consensus.TimeOut(timer, new ConsensusEffects(this, effects));
        Settle(effects);
    }

    /// <summary>A client's request reached this member.</summary>
    /// <returns>What <see cref="UnitEvent.Answered"/> will name. An answer known at once is given at once.</returns>
    public Digest Submit(Bytes requestBytes, IEffects<UnitMessage, UnitEvent> effects)
    {
        var entry = new Entry(EntryKind.Request, requestBytes);
        if (Judge(entry, effects.Now) is { } refusal)
        {
            effects.Output(new UnitEvent.Answered(entry.Hash, new Reply.Refused(refusal)));
            return entry.Hash;
        }
        foreach (var answer in _clients.AnswerNow(entry.Hash)) effects.Output(answer);
        if (_clients.Waits(entry.Hash)) _consensus.Submit(entry, new ConsensusEffects(this, effects));
        Settle(effects);
        return entry.Hash;
    }

    /// <summary>The directory has made the next epoch's record: this unit's log is to end its own with it.</summary>
    public void Submit(EpochLink link, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (IsOver) return;
        _consensus.Submit(new Entry(EntryKind.Epoch, Bytes.Wrap(Canonical.Encode(link))), new ConsensusEffects(this, effects));
        Settle(effects);
    }

    /// <summary>The client no longer waits.</summary>
    public void Forget(Digest request) => _clients.Forget(request);

    /// <summary>A client waits for a sealed height at or after this time: the members see to it that there will be one.</summary>
    public void Await(ulong timeMs, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (IsOver || _sealer.Last?.Header.TimeMs >= timeMs || !_awaited.Add(timeMs)) return;
        effects.Broadcast(new UnitMessage.Await(timeMs));
        _consensus.ApplicationChanged(new ConsensusEffects(this, effects));
        Settle(effects);
    }

    // The own judgement at the current state saves the log what would be refused anyway; the log's judgement is the one that counts.
    private Refusal? Judge(Entry entry, UnixMs now)
    {
        if (_halted is not null) return _halted;
        if (IsOver) return Refusals.Busy(_logic.UnitName);
        try
        {
            var request = _logic.Decoded.Request(entry);
            var executed = _state.Executed;
            var verdict = _logic.Admit(request, _state.Replay, (executed?.Height ?? 0) + 1, Math.Max(now.Value, executed?.TimeMs ?? 0));
            return verdict switch
            {
                AdmissionDecision.Admitted admitted => _clients.Wait(entry.Hash, admitted.Request.ReplayKey, admitted.Request.Asker),
                AdmissionDecision.AlreadyDone done => _clients.Wait(entry.Hash, done.ReplayKey, done.ReplayKey),
                AdmissionDecision.Refused refused => refused.Refusal,
                _ => throw new InvalidOperationException("a request that was judged in no way"),
            };
        }
        catch (MalformedException malformed)
        {
            return Refusals.Malformed(_logic.UnitName, malformed.Message);
        }
    }

    /// <summary>Consensus made a block final: execute, make durable, seal.</summary>
    private void Execute(FinalizedBlock final, IEffects<UnitMessage, UnitEvent> effects)
    {
        var block = final.Block;
        var edits = _state.Edit();
        var expired = _state.Results.Expired(_logic.Epoch);
        var execution = new BlockExecution(_logic, edits, block, expired);
        execution.Run();
        var batch = new StoreBatch();
        Keep(execution, batch);
        var executed = new ExecutedBlock(block.Header.Height, block.Id, block.Header.TimeMs);
        var root = _state.Commit(executed, edits, execution.Leaves, batch);
        var checkpoint = _checkpoints.Executed(final, execution.Link is not null, batch);
        _retention.Executed(block.Height, expired, checkpoint, batch);
        _state.Scope.DeleteOthers(_store, _sync.Fetches, batch);
        if (execution.Link is { } link)
        {
            UnitEpochs.MarkBoundary(link, block.Header.Height, batch);
            _boundary = (block.Header.Height, link);
        }
        var vote = _sealer.Seal(HeaderOf(block, root, execution.Leaves), batch);
        _store.Write(batch);
        if (_checkpoints.Served is { } served) _consensus.ForgetBlocks(served);
        if (vote is not null) effects.Broadcast(vote);
        _awaited.Reached(block.Header.TimeMs);
        RefreshDuties();
        foreach (var (entry, refusal) in execution.Refused)
        {
            _consensus.Refused(entry.Hash);
            if (_clients.Refuse(entry.Hash, refusal) is { } answer) effects.Output(answer);
        }
        foreach (var entry in execution.Ended) _shared.End(entry.Request.ReplayKey);
        foreach (var entry in execution.Begun) BeginShared(entry, effects);
        _postings.Owed(_state.Keys, new ConsensusEffects(this, effects));
    }

    private void Keep(BlockExecution execution, StoreBatch batch)
    {
        foreach (var (place, outputs) in execution.Outputs) _outputs.Put(place, new StoredOutputs(outputs, Bytes.Empty, null), batch);
        foreach (var entry in execution.Begun) _state.Results.Begun(entry.Request.ReplayKey, batch);
        foreach (var entry in execution.Ended)
        {
            _outputs.Place(entry, batch);
            _state.Results.Ended(entry.Request.ReplayKey, batch);
        }
        _state.Results.Placed(execution.Placed, batch);
    }

    private SealHeader HeaderOf(Block block, Digest stateRoot, IReadOnlyList<ResultLeaf> leaves) => new(
        _logic.Context, block.Header.Height, block.Id, block.Header.TimeMs, _sealer.LastHeader?.Hash ?? Digest.Zero, stateRoot,
        MerkleTree.Root([.. leaves.Select(Canonical.Encode)]), (uint)leaves.Count);

    private void BeginShared(ReplayEntry entry, IEffects<UnitMessage, UnitEvent> effects)
    {
        var request = entry.Request;
        var pending = new PendingResult(request.ReplayKey, request.InputsDigest, request.Function, entry.Pending!.About, _state.Data);
        if (_shared.Begin(pending, _logic.BeginPending(pending), IsSilent) is { } share) effects.Broadcast(share);
    }

    /// <summary>After every input: what has become possible is done at once.</summary>
    private void Settle(IEffects<UnitMessage, UnitEvent> effects)
    {
        if (IsOver) return;
        _sealer.Silent = IsSilent;
        _postings.Held(new ConsensusEffects(this, effects));
        try
        {
            while (_halted is null && (ExecuteNext(effects) | TellFound(effects) | TellSealed(effects)))
            {
                // Each of the three may make another possible.
            }
        }
        catch (DivergenceException divergence)
        {
            _divergence = divergence;
            Halt(Refusals.Halted(_logic.UnitName) with { Got = divergence.Message }, effects);
        }
        if (_halted is null && _consensus.Halted is { } fork) Halt(Refusals.Forked(_logic.UnitName) with { Got = fork }, effects);
        if (_repeating || !NeedsRepeat(effects.Now)) return;
        _repeating = true;
        effects.SetTimer(RepeatTimer, RepeatDelay);
    }

    private void Halt(Refusal why, IEffects<UnitMessage, UnitEvent> effects)
    {
        _halted = why;
        effects.Output(new UnitEvent.Halted(why));
    }

    private bool ExecuteNext(IEffects<UnitMessage, UnitEvent> effects)
    {
        if (!_final.TryDequeue(out var final)) return false;
        Execute(final, effects);
        return true;
    }

    private bool TellFound(IEffects<UnitMessage, UnitEvent> effects)
    {
        var found = _shared.Found();
        foreach (var (subject, outputs, record) in found)
        {
            var batch = new StoreBatch();
            OutputStore.PutFound(subject, outputs, record, batch);
            _store.Write(batch);
            _postings.Post(new Posting(UnitLogic.DoneTopic, subject, new Bytes(outputs.Digest.Span)), new ConsensusEffects(this, effects));
        }
        return found.Count > 0;
    }

    private bool TellSealed(IEffects<UnitMessage, UnitEvent> effects)
    {
        var seals = _sealer.Settle();
        foreach (var seal in seals)
        {
            effects.Output(new UnitEvent.SealedHeight(seal));
            foreach (var answer in _clients.AnswerHeight(seal.Header.Height)) effects.Output(answer);
        }
        if (_boundary is { } boundary && _sealer.At(boundary.Height) is { } last)
        {
            _boundary = null;
            UnitEpochs.Begin(_store, boundary.Link, _state.Executed!, last.Header.Hash);
            effects.Output(new UnitEvent.EpochEnded(boundary.Link));
        }
        // Proposals may have waited for a seal (protocols 1.3 R1, back-pressure).
        if (seals.Count > 0) _consensus.ApplicationChanged(new ConsensusEffects(this, effects));
        return seals.Count > 0;
    }

    private ulong? AwaitedTime => _awaited.After(_state.Executed?.TimeMs ?? 0);

    private bool NeedsRepeat(UnixMs now) => _sealer.Waiting is not null || _shared.Any || _outputs.WantsAny || AwaitedTime <= now.Value;

    /// <summary>Messages may be lost: what is still waited for is said again, and asked for again.</summary>
    private void Repeat(IEffects<UnitMessage, UnitEvent> effects)
    {
        _repeating = false;
        foreach (var vote in _sealer.OwnOpenVotes()) effects.Broadcast(vote);
        foreach (var height in _sealer.UnsignedOpen()) effects.Broadcast(new UnitMessage.WantSeal(height));
        foreach (var share in _shared.Unanswered()) effects.Broadcast(share);
        foreach (var place in _outputs.Ask()) effects.Broadcast(new UnitMessage.WantResult(place));
        if (AwaitedTime is { } time && time <= effects.Now.Value) effects.Broadcast(new UnitMessage.Await(time));
    }

    bool IApplication.IsValid(Entry entry) => _logic.Decoded.IsValid(entry);

    UnixMs? IApplication.NextDue
    {
        get
        {
            ulong?[] times = [_unitDue, AwaitedTime];
            return times.Min() is { } due ? new UnixMs(due) : null;
        }
    }

    private void RefreshDuties()
    {
        _logic.KeyGenerations.Refresh(_state.Keys);
        // What the last block left undone, however long due, takes a block after it.
        var earliest = (_state.Executed?.TimeMs ?? _logic.Genesis.TimeMs) + 1;
        ulong?[] times = [_logic.KeyGenerations.NextDue(_state.Keys, earliest), _logic.Due?.Next(_state.Data), FirstOfEpoch(earliest)];
        _unitDue = times.Min() is { } due ? Math.Max(due, earliest) : null;
    }

    // An epoch after the first begins with a block of its own: sealed by its committee, it makes the keys of the epoch before worthless
    // (protocols 1.5), however little there is to do.
    private ulong? FirstOfEpoch(ulong earliest) =>
        _logic.Epoch > 0 && _sealer.LastHeader?.Context.Epoch != _logic.Epoch ? earliest : null;

    SealedHeader? IApplication.LastSeal => _sealer.Last is { } last && last.Header.Context == _logic.Context ? last : null;

    bool IApplication.SealHolds(SealedHeader seal) => _sealer.Holds(seal);

    /// <summary>Effects of consensus, as effects of the member around it.</summary>
    private sealed class ConsensusEffects(UnitMember member, IEffects<UnitMessage, UnitEvent> effects) : IEffects<ConsensusMessage, FinalizedBlock>
    {
        public UnixMs Now => effects.Now;
        public void Send(MemberId to, ConsensusMessage message) => effects.Send(to, new UnitMessage.Ordering(message));
        public void Broadcast(ConsensusMessage message) => effects.Broadcast(new UnitMessage.Ordering(message));
        public void SetTimer(TimerId timer, TimeSpan delay) => effects.SetTimer(timer, delay);
        public void Run(Job job) => effects.Run(job);

        // Executed once consensus has returned: execution submits to consensus in its turn.
        public void Output(FinalizedBlock output) => member._final.Enqueue(output);
    }
}
