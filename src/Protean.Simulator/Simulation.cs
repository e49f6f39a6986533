using Protean.Codec;
using Protean.Consensus;
using Protean.Runtime;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator;

/// <summary>How a member comes to life: what its store holds and whether it lost one.</summary>
/// <param name="Restarts">0 for the first start.</param>
/// <param name="LostDisk">Its store is empty though it has run before.</param>
public sealed record Incarnation(MemberId Member, IStore Store, int Restarts, bool LostDisk);

/// <summary>Runs the members of one protocol in virtual time over a network drawn from a seed. The same seed gives the same run.</summary>
/// <remarks>Messages cross as canonical bytes. An input's writes become durable, and then its messages leave, as <see cref="IStore"/>
/// promises;
/// a crash in between loses both, or keeps some of the writes.</remarks>
public sealed class Simulation<TMessage, TOutput> where TMessage : class, ICanonical<TMessage>
{
    private readonly PriorityQueue<Action, (ulong Time, ulong Sequence)> _events = new();
    private readonly SimulatedMember<TMessage, TOutput>[] _members;
    private ulong _sequence;

    /// <param name="build">Makes a member's state machine, at the start and after every crash.</param>
    public Simulation(ulong seed, int members, Func<Incarnation, IProtocol<TMessage, TOutput>> build, ulong startMs = 1_800_000_000_000)
    {
        Seed = seed;
        Dice = new Dice(seed);
        Time = StartTime = startMs;
        _members =
            [.. Enumerable.Range(1, members).Select(i => new SimulatedMember<TMessage, TOutput>(this, new MemberId((ushort)i), build))];
    }

    public ulong Seed { get; }
    public Dice Dice { get; }
    public ulong StartTime { get; }

    /// <summary>Virtual milliseconds since 1970.</summary>
    public ulong Time { get; private set; }

    /// <summary>Virtual milliseconds since the start.</summary>
    public ulong Elapsed => Time - StartTime;

    public Trace Trace { get; } = new();

    /// <summary>Messages by type under "message/", faults under "fault/": a campaign looks here whether all of them happened.</summary>
    public Counters Counters { get; } = new();

    public NetworkConditions Conditions { get; set; } = NetworkConditions.Calm;
    public Link Link { get; set; } = Links.All;

    /// <summary>Jobs take up to this many milliseconds; 0 runs them at once.</summary>
    public int MaxJobDelay { get; set; }

    /// <summary>Inputs, per thousand, in whose midst the member crashes; it starts again after <see cref="RestartDelay"/>.</summary>
    public int CrashPerMille { get; set; }

    /// <summary>Crashes amidst an input may tear what it wrote.</summary>
    public bool TearsWrites { get; set; }

    /// <summary>Milliseconds, at most.</summary>
    public int RestartDelay { get; set; } = 1000;

    /// <summary>Called with every output: member, its restarts so far, output.</summary>
    public Action<MemberId, int, TOutput>? OnOutput { get; set; }

    /// <summary>Called with every message that leaves a member, whether it arrives or not.</summary>
    public Action<MemberId, TMessage>? OnSent { get; set; }

    /// <summary>Called with every frame before the network has its way with it.</summary>
    public Action<MemberId, byte[]>? OnFrame { get; set; }

    /// <summary>Senders whose messages travel as fast as any can.</summary>
    public IReadOnlySet<MemberId> Hurried { get; set; } = new HashSet<MemberId>();

    /// <summary>What a message is counted as: its type, and of one that carries another, the other's.</summary>
    internal static string NameOf(TMessage message) =>
        message is UnitMessage.Ordering ordering ? ordering.Message.GetType().Name : message.GetType().Name;

    public IReadOnlyList<MemberId> Ids => [.. _members.Select(member => member.Id)];
    public SimulatedMember<TMessage, TOutput> this[MemberId id] => _members[id.Index - 1];
    public SimulatedMember<TMessage, TOutput> this[int index] => _members[index - 1];

    public void Start()
    {
        foreach (var member in _members) member.Start();
    }

    /// <summary>Does something at a virtual time from now.</summary>
    public void After(int milliseconds, Action action) => Schedule((ulong)milliseconds, action);

    public void RunFor(TimeSpan span)
    {
        var end = Time + (ulong)span.TotalMilliseconds;
        while (_events.TryPeek(out _, out var next) && next.Time <= end) Step();
        Time = end;
    }

    /// <returns>Whether the condition came true within the span.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan atMost)
    {
        var end = Time + (ulong)atMost.TotalMilliseconds;
        while (!condition())
        {
            if (!_events.TryPeek(out _, out var next) || next.Time > end)
            {
                Time = end;
                return condition();
            }
            Step();
        }
        return true;
    }

    internal void Schedule(ulong delay, Action action) => _events.Enqueue(action, (Time + delay, _sequence++));

    /// <summary>Puts bytes on the wire, whatever they are.</summary>
    internal void Transmit(MemberId from, MemberId to, byte[] bytes)
    {
        OnFrame?.Invoke(from, bytes);
        if (!Link(from, to))
        {
            Counters.Add("fault/cut");
            return;
        }
        if (Dice.Chance(Conditions.LossPerMille))
        {
            Counters.Add("fault/" + Faults.Loss);
            return;
        }
        Post(from, to, bytes);
        if (!Dice.Chance(Conditions.DuplicatePerMille)) return;
        Counters.Add("fault/" + Faults.Duplicate);
        Post(from, to, bytes);
    }

    private void Post(MemberId from, MemberId to, byte[] bytes)
    {
        var delay = Hurried.Contains(from) ? Conditions.MinDelay : Conditions.Delay(Dice);
        if (delay > Conditions.MaxDelay) Counters.Add("fault/" + Faults.Delay);
        Schedule((ulong)delay, () => this[to].Deliver(from, bytes));
    }

    private void Step()
    {
        if (!_events.TryDequeue(out var action, out var at)) return;
        Time = at.Time;
        action();
    }
}
