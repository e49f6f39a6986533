using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>One run: a unit's members, their clients, everything that the seed lets go wrong, and then a network that heals.</summary>
public sealed class UnitRun
{
    private const ulong ProbeNonce = 1_000_000;
    private const int Waits = 4;
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(2), Preparation = TimeSpan.FromSeconds(60);

    private readonly IWorkload _workload;
    private readonly ObservedUnit _unit;
    private readonly SecretWatch? _secrets;
    private readonly Chaos _chaos;
    private readonly Deeds _deeds;
    private readonly ChainWatch _chain;
    private readonly ResultWatch _results;
    private readonly SilenceWatch _silence;
    private readonly HashSet<MemberId> _replaced = [];
    private readonly Clients _clients;
    private readonly Simulation<UnitMessage, UnitEvent> _simulation;
    private readonly int _duration;

    private UnitRun(ulong seed, RunSettings settings, IWorkload workload, bool readable)
    {
        _workload = workload;
        _unit = new ObservedUnit(workload.Unit);
        var size = settings.MembersOf(seed);
        Network = new Surroundings(size, workload.Unit.Name, workload.Scheme, workload.Parameters);
        _simulation = new Simulation<UnitMessage, UnitEvent>(seed, size, Build, Network.Directory.Genesis.TimeMs + 1000);
        _simulation.Trace.Readable = readable;
        Dice = new Dice(seed ^ 0x5EED);
        _duration = Dice.Between(4000, 20_000);
        _chaos = new Chaos(settings, Dice, size, Network.Faulty, _duration, workload.Unit.KeyPurposes.Count > 0);
        _deeds = new Deeds(Network, () => _simulation.Dice, workload.Shared);
        _chain = new ChainWatch(Network) { OnExecuted = Executed };
        _results = new ResultWatch(Network.UnitId, workload.IsPassed);
        Answers = new AnswerWatch(Network, Dice);
        _silence = new SilenceWatch(Network);
        _clients = new Clients(this);
        Settings = settings;
        _simulation.OnSent = Sent;
        if (_unit.KeyPurposes.Count > 0) _secrets = new SecretWatch(_unit, Network, () => Judged, workload.Hidden);
        if (_secrets is not null) _simulation.OnFrame = (member, frame) => Framed(_secrets, member, frame);
        _simulation.OnOutput = Output;
    }

    public RunSettings Settings { get; }
    public Surroundings Network { get; }

    /// <summary>For what is drawn outside the members and their network.</summary>
    public Dice Dice { get; }

    public AnswerWatch Answers { get; }
    public Counters Counters => _simulation.Counters;

    /// <summary>Milliseconds in which things go wrong.</summary>
    public int Duration => _duration;

    /// <summary>What was executed, by replay key.</summary>
    public IReadOnlyDictionary<Digest, (ulong Height, ResultLeaf Leaf)> Done => _results.Done;

    public IEnumerable<MemberId> Judged => Network.Committee.Ids.Where(IsJudged);

    /// <summary>Not those who may contradict what they said before their disks forgot it.</summary>
    private IEnumerable<MemberId> Blameless => Judged.Where(id => !_chaos.Forgets(id));

    private IEnumerable<MemberId> Working => Network.Committee.Ids.Where(id => !_chaos.Faulty.ContainsKey(id));

    // Silent or not, who came back on a disk that works comes to the others' state.
    private IEnumerable<MemberId> Returning => Judged.Where(id => _chaos.Forgets(id));

    // A damaged disk stops its member when it is read, at the latest by a watch: judged once there is another one.
    private bool IsJudged(MemberId id) =>
        !_chaos.IsByzantine(id) && (_chaos.Faulty.GetValueOrDefault(id) != Faults.BitFlip || _replaced.Contains(id));

    /// <summary>Runs a seed. Where an invariant is violated, runs it again to tell how it came to that.</summary>
    /// <param name="workload">Made anew for each run.</param>
    public static RunReport Of(ulong seed, RunSettings settings, Func<IWorkload> workload, bool readable = false)
    {
        var run = new UnitRun(seed, settings, workload(), readable);
        var violation = run.Judge();
        if (violation is not null && !readable) return Of(seed, settings, workload, readable: true);
        var trace = run._simulation.Trace;
        return new RunReport(seed, run.Network.Committee.Size, trace.Hash, trace.Events, run.Counters.Counts, violation, [.. trace.Lines]);
    }

    /// <summary>Does something later.</summary>
    public void After(int milliseconds, Action action) => _simulation.After(milliseconds, action);

    /// <summary>An honest client asks, until it is answered.</summary>
    /// <param name="key">The client's; null is the client that all runs have.</param>
    public Asked Ask(Request request, Action<Reply.Done>? then = null, SigningKey? key = null)
    {
        var asked = Asked.Of(request, Network, _workload.Unit.Transactions, key ?? Surroundings.Client)
            ?? throw new InvalidOperationException("an honest request has all its inputs");
        _results.Expect(asked);
        _clients.Ask(asked, then ?? (static _ => { }));
        return asked;
    }

    /// <summary>A client asks for what it must not get; members that are Byzantine help it past the first judgement.</summary>
    public void Lie(string name, Request request, SigningKey? key, Invariant violated)
    {
        if (Asked.Of(request, Network, _workload.Unit.Transactions, key, violated) is not { } asked) return;
        Counters.Add("fault/" + Faults.LyingClient);
        Counters.Add("lie/" + name);
        _results.Expect(asked);
        var member = AnyMember();
        var entry = new Entry(EntryKind.Request, asked.Bytes);
        if (_chaos.IsByzantine(member))
            After(1, () => _simulation[member].Do("lie", (_, effects) => effects.Broadcast(new UnitMessage.Ordering(new Gossip(entry)))));
        else Submit(member, asked.Bytes);
    }

    /// <summary>A request that may be answered with another one's result, since both have one replay key.</summary>
    public void Contest(Request request)
    {
        var asked = Asked.Of(request, Network, _workload.Unit.Transactions, Surroundings.Client)!;
        _results.Expect(asked);
        Submit(AnyMember(), asked.Bytes);
    }

    /// <summary>A client waits for a sealed height at or after a time from now.</summary>
    public void Await(int milliseconds)
    {
        var time = _simulation.Time + (ulong)milliseconds;
        _simulation[AnyMember()].Do("await", (protocol, effects) => Deeds.Unwrap(protocol)?.Await(time, effects));
    }

    internal MemberId AnyMember() => new((ushort)Dice.Between(1, Network.Committee.Size));

    // A moment later: answers come in the midst of an input.
    internal void Submit(MemberId member, Bytes request) => After(1, () =>
        _simulation[member].Do("submit", (protocol, effects) => Deeds.Unwrap(protocol)?.Submit(request, effects)));

    /// <summary>What a member that is up shows to readers; null while none is.</summary>
    public UnitReads? Reads => Working.Select(id => this[id]).FirstOrDefault(static member => member is not null)?.Reads;

    /// <summary>What some member shows to readers; null where it is down, or may show anything.</summary>
    public UnitReads? ReadsOfAny()
    {
        var member = AnyMember();
        return IsJudged(member) ? this[member]?.Reads : null;
    }

    private (Invariant Invariant, string What)? Judge()
    {
        try
        {
            Execute();
            return null;
        }
        catch (InvariantViolatedException violation)
        {
            return (violation.Invariant, violation.What);
        }
        catch (Exception thrown)
        {
            return (Invariants.NothingThrown, thrown.ToString());
        }
    }

    private void Execute()
    {
        _chaos.Schedule(_simulation);
        _simulation.Start();
        _workload.Begin(this);
        _simulation.RunFor(TimeSpan.FromMilliseconds(_duration));
        Chaos.Heal(_simulation);
        _simulation.RunFor(Recovery); // whoever crashed last is up again
        AccusesNobodyHonest();
        Within(Preparation, () => Working.All(id => this[id] is { } member && _workload.IsReady(member.Reads)), "keys after the network has healed");
        AnswersProbe();
        CatchesUp(); // before there is something new for which members say everything again
        FindsTogether();
        CatchesUp();
        ReachesTimes();
        _secrets?.End(id => _simulation[id].Store);
        new EndCheck(_results, Answers, [.. Judged.Where(IsUp)], id => _simulation[id].Store).Run(_workload, this);
        AccusesNobodyHonest();
    }

    private void AccusesNobodyHonest()
    {
        foreach (var id in Judged.Where(IsUp))
            foreach (var (accused, deed) in this[id]!.Reads.Convicted)
                Invariants.CheatersNamed.Require(!Blameless.Contains(accused), () => $"member {id} holds evidence against honest member {accused}: {deed}");
    }

    private void AnswersProbe()
    {
        var asked = Ask(_workload.Probe(this, ProbeNonce));
        Submit(Working.First(), asked.Bytes);
        Within(Bound, () => _clients.IsAnswered(asked), "an answer after the network has healed");
    }

    // Those that say wrong shares are heard first.
    private void FindsTogether()
    {
        if (_workload.SharedProbe(this, ProbeNonce + 1) is not { } request) return;
        MemberId[] liars = [.. Network.Committee.Ids.Where(id => _chaos.Faulty.GetValueOrDefault(id) == Faults.WrongShare)];
        _simulation.Hurried = liars.ToHashSet();
        var asked = Ask(request);
        Submit(Working.First(), asked.Bytes);
        Within(Bound, () => _clients.IsAnswered(asked), "a result that members find together after the network has healed");
        foreach (var liar in liars)
            Invariants.CheatersNamed.Require(
                Working.Any(id => IsUp(id) && this[id]!.Reads.Convicted.Any(convicted => convicted.Member == liar)), () => $"member {liar} said wrong shares, and nobody names it");
    }

    private void CatchesUp()
    {
        _simulation[Working.First()].Do("audit", (_, effects) => effects.Broadcast(new UnitMessage.Ordering(new GetEvidence())));
        Within(TimeSpan.FromSeconds(10), HasCaughtUp, "everyone has caught up, and every honest request has its answer");
    }

    // Now that there is nothing else to do. Clients ask every member, some when the time is near, some when it has come.
    private void ReachesTimes()
    {
        for (var wait = 0; wait < Waits; wait++)
        {
            var time = _simulation.Time + 1;
            foreach (var id in Working.ToArray())
                After(Dice.Between(0, 100), () => _simulation[id].Do("await", (protocol, effects) => Deeds.Unwrap(protocol)?.Await(time, effects)));
            Within(Bound, () => Working.All(id => this[id]?.Reads.Head?.Header.TimeMs >= time), "a sealed block at a time that clients wait for");
        }
    }

    private bool HasCaughtUp() =>
        _clients.Waiting == 0 && Working.Concat(Returning).All(id => IsUp(id) && StatusOf(id).SealedHeight >= _chain.Height);

    private void Within(TimeSpan span, Func<bool> condition, string what) =>
        Invariants.Progress.Require(_simulation.RunUntil(condition, span), () => $"not within {span.TotalSeconds} s: {what}. {State()}");

    /// <summary>10 s for 4 members, 20 s from 10 on.</summary>
    private TimeSpan Bound => TimeSpan.FromSeconds(Math.Min(20, 10 + (5 * ((Network.Committee.Size - 1) / 3 - 1))));

    private UnitMember? this[MemberId id] => Deeds.Unwrap(_simulation[id].Protocol);
    private bool IsUp(MemberId id) => _simulation[id].Protocol is not null;
    private UnitStatus StatusOf(MemberId id) => this[id]!.Status(new UnixMs(_simulation.Time));

    private string State() => $"{_clients.Waiting} requests wait; " + string.Join(" | ", Network.Committee.Ids.Select(id =>
        $"{id}{(_chaos.Faulty.TryGetValue(id, out var fault) ? $" ({fault})" : "")}: "
        + (this[id] is null ? "down" : $"executed {StatusOf(id).ExecutedHeight} sealed {StatusOf(id).SealedHeight} {string.Join(", ", StatusOf(id).Waiting)}")));

    private UnitMember Member(Incarnation incarnation) => new(new UnitMemberParts(
        _unit, UnitEpochs.Open(incarnation.Store, Network.Directory.Genesis, Network.Scheme), Network.UnitId, incarnation.Member,
        Surroundings.ConsensusKey(incarnation.Member), Surroundings.EncryptionKey(incarnation.Member), Network.Scheme,
        new SeededRandom((_simulation.Seed * 1000) + (ulong)((incarnation.Member.Index * 50) + incarnation.Restarts)), incarnation.Store)
    {
        // In every other run blocks go soon, and who was away has to fetch the state.
        CheckpointHeights = _simulation.Seed % 2 == 0 ? 8 : Limits.CheckpointHeights,
        Silent = incarnation.LostDisk,
    });

    private IProtocol<UnitMessage, UnitEvent> Build(Incarnation incarnation)
    {
        var member = Member(incarnation);
        if (_chaos.Forgets(incarnation.Member)) Returned(incarnation, member);
        if (!_chaos.IsByzantine(incarnation.Member)) return member;
        var deed = _chaos.Faulty[incarnation.Member];
        Counters.Add("fault/" + deed);
        return _deeds.Disguise(deed, incarnation.Member, member, () => Member(incarnation with { Store = new InMemoryStore() }));
    }

    private void Returned(Incarnation incarnation, UnitMember member)
    {
        _chain.Forgot(incarnation.Member);
        if (member.IsSilent) _silence.Knows(incarnation.Member, _simulation.Time);
        if (incarnation.LostDisk) _replaced.Add(incarnation.Member);
    }

    private void Framed(SecretWatch secrets, MemberId member, byte[] frame)
    {
        if (!_chaos.IsByzantine(member)) secrets.Sent(member, frame);
    }

    private void Sent(MemberId member, UnitMessage message)
    {
        _chain.Seen(message);
        if (_chaos.Forgets(member)) Remembers(member, message);
        if (!IsJudged(member)) return;
        _chain.Sent(member, message, height => this[member]!.Reads.Executed(height));
        if (message is UnitMessage.Share share)
            Invariants.RandomnessFixed.Require(
                ReplayCache.Find(new UnitState(_simulation[member].Store).Replay, share.Subject) is not null,
                () => $"member {member} says its share of {share.Subject} before the request is final");
    }

    private void Remembers(MemberId member, UnitMessage message)
    {
        if (this[member]!.IsSilent) _silence.Knows(member, _simulation.Time);
        _silence.Sent(member, message, _simulation.Time);
    }

    private void Output(MemberId member, int restarts, UnitEvent output)
    {
        var judged = IsJudged(member);
        switch (output)
        {
            case UnitEvent.Answered answered:
                _clients.Answered(member, judged, answered.Request, answered.Reply);
                break;
            case UnitEvent.SealedHeight height when judged:
                _chain.Sealed(height.Header);
                break;
            case UnitEvent.Synced:
                Counters.Add("sync");
                After(0, () => Rebuild(member));
                break;
            case UnitEvent.Halted halted when judged:
                Invariants.SameState.Require(false, () => $"member {member} has stopped: {halted.Why}");
                break;
        }
    }

    // As a node does: a member of the state that was fetched takes the place of the one that fetched it.
    private void Rebuild(MemberId member)
    {
        if (!IsUp(member)) return;
        _simulation[member].Crash();
        _simulation[member].Restart();
    }

    private void Executed(MemberId member, SealHeader header)
    {
        var leaves = new UnitState(_simulation[member].Store).LeavesAt(header.Height);
        _results.Executed(header.Height, leaves, index => this[member]!.Reads.OutputsAt(new LeafPlace(header.Height, index)));
    }
}
