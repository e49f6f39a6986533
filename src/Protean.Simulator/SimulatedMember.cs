using Protean.Codec;
using Protean.Runtime;

namespace Protean.Simulator;

/// <summary>Sends bytes that need not be a message. What the simulator hands to members implements it, for those that misbehave.</summary>
public interface IRawSend
{
    void SendBytes(MemberId to, byte[] bytes);
}

/// <summary>A member in a simulation: its state machine, its disk, its clock, and whether it is up.</summary>
public sealed class SimulatedMember<TMessage, TOutput> where TMessage : class, ICanonical<TMessage>
{
    private readonly Simulation<TMessage, TOutput> _simulation;
    private readonly Func<Incarnation, IProtocol<TMessage, TOutput>> _build;
    private readonly Dictionary<TimerId, ulong> _timers = [];
    private FaultyStore _store = new(new InMemoryStore());
    private CollectedEffects? _effects;
    private ulong _timerSettings;
    private bool _lostDisk;

    internal SimulatedMember(
        Simulation<TMessage, TOutput> simulation, MemberId id, Func<Incarnation, IProtocol<TMessage, TOutput>> build) =>
        (_simulation, Id, _build) = (simulation, id, build);

    public MemberId Id { get; }

    /// <summary>The running state machine, or null while the member is down.</summary>
    public IProtocol<TMessage, TOutput>? Protocol { get; private set; }

    public int Restarts { get; private set; } = -1;

    /// <summary>Milliseconds by which this member's clock is ahead of virtual time.</summary>
    public long ClockSkew { get; set; }

    public IStore Store => _store;

    internal void Start()
    {
        Restarts++;
        _effects = new CollectedEffects(this);
        Protocol = _build(new Incarnation(Id, _store, Restarts, _lostDisk));
        Input("start", default, (protocol, effects) => protocol.Start(effects), mayCrash: false);
    }

    /// <summary>The member stops between two inputs; nothing durable is lost.</summary>
    public void Crash()
    {
        if (Protocol is null) return;
        _simulation.Counters.Add("fault/crash");
        Stop();
    }

    public void Restart(bool loseDisk = false)
    {
        if (Protocol is not null) throw new InvalidOperationException($"member {Id} runs");
        _simulation.Counters.Add(loseDisk ? "fault/lost-disk" : "fault/restart");
        if (loseDisk) _store = new FaultyStore(new InMemoryStore());
        _lostDisk |= loseDisk;
        Start();
    }

    /// <summary>Something from outside the network: a client's request, the application's news.</summary>
    public void Do(string what, Action<IProtocol<TMessage, TOutput>, IEffects<TMessage, TOutput>> input) => Input(what, default, input);

    /// <summary>A copy of the disk as it is now, to start from later: a restored backup.</summary>
    public IStore CopyDisk()
    {
        var copy = new InMemoryStore();
        var all = new StoreBatch();
        foreach (var (key, value) in _store.Scan(Bytes.Empty)) all.Put(key, value.ToArray());
        copy.Write(all);
        return copy;
    }

    /// <summary>Starts again on another disk, without knowing.</summary>
    public void RestartOn(IStore disk)
    {
        _simulation.Counters.Add("fault/older-disk");
        _store = new FaultyStore(disk);
        Start();
    }

    internal void Deliver(MemberId from, byte[] bytes)
    {
        if (Protocol is null) return;
        TMessage message;
        try
        {
            message = Canonical.Decode<TMessage>(bytes);
        }
        catch (MalformedException)
        {
            _simulation.Counters.Add("message/malformed");
            return;
        }
        var name = message.GetType().Name;
        _simulation.Counters.Add("message/" + name);
        _simulation.Trace.Note(() => $"{_simulation.Elapsed,8} {from} -> {Id} {message}");
        Input(name, bytes, (protocol, effects) => protocol.Receive(from, message, effects));
    }

    private void Input(
        string what, byte[]? detail, Action<IProtocol<TMessage, TOutput>, IEffects<TMessage, TOutput>> input, bool mayCrash = true)
    {
        if (Protocol is null || _effects is not { } effects) return;
        _simulation.Trace.Add(what, Id, _simulation.Time, detail);
        input(Protocol, effects);
        if (mayCrash && _simulation.Dice.Chance(_simulation.CrashPerMille)) CrashAmidst();
        else
        {
            _store.Sync();
            effects.Release();
        }
    }

    // The input's messages never leave; of its writes, a beginning may have reached the disk.
    private void CrashAmidst()
    {
        _simulation.Counters.Add("fault/crash-amidst");
        _store.LoseAllBut(_simulation.Dice.Between(0, _store.Undurable));
        Stop();
        _simulation.Schedule((ulong)_simulation.Dice.Between(1, _simulation.RestartDelay), () =>
        {
            if (Protocol is null) Restart();
        });
    }

    private void Stop()
    {
        Protocol = null;
        _effects = null;
        _timers.Clear();
        _simulation.Trace.Add("down", Id, _simulation.Time);
        _simulation.Trace.Note(() => $"{_simulation.Elapsed,8} {Id} down");
    }

    private void SetTimer(TimerId timer, TimeSpan delay)
    {
        if (delay < TimeSpan.Zero)
        {
            _timers.Remove(timer);
            return;
        }
        var setting = ++_timerSettings;
        _timers[timer] = setting;
        _simulation.Schedule((ulong)Math.Ceiling(delay.TotalMilliseconds), () =>
        {
            if (!_timers.TryGetValue(timer, out var current) || current != setting) return;
            _timers.Remove(timer);
            _simulation.Trace.Note(() => $"{_simulation.Elapsed,8} {Id} timer {timer.Kind}");
            Input(timer.Kind, default, (protocol, effects) => protocol.TimeOut(timer, effects));
        });
    }

    private void Run(Job job)
    {
        var incarnation = Restarts;
        var finish = job.Work();
        _simulation.Schedule((ulong)_simulation.Dice.Between(0, _simulation.MaxJobDelay), () =>
        {
            if (incarnation == Restarts) Input(job.Name, default, (_, _) => finish());
        });
    }

    /// <summary>What an input asks for, held back until its writes are durable. One object for a whole life, since jobs keep it.</summary>
    private sealed class CollectedEffects(SimulatedMember<TMessage, TOutput> member) : IEffects<TMessage, TOutput>, IRawSend
    {
        private readonly List<Action> _released = [];

        public UnixMs Now => new((ulong)((long)member._simulation.Time + member.ClockSkew));

        public void Send(MemberId to, TMessage message)
        {
            _released.Add(() => member._simulation.OnSent?.Invoke(member.Id, message));
            SendBytes(to, Canonical.Encode(message));
        }

        public void Broadcast(TMessage message)
        {
            _released.Add(() => member._simulation.OnSent?.Invoke(member.Id, message));
            var bytes = Canonical.Encode(message);
            foreach (var to in member._simulation.Ids)
                if (to != member.Id) SendBytes(to, bytes);
        }

        public void SendBytes(MemberId to, byte[] bytes) => _released.Add(() => member._simulation.Transmit(member.Id, to, bytes));
        public void SetTimer(TimerId timer, TimeSpan delay) => _released.Add(() => member.SetTimer(timer, delay));
        public void Run(Job job) => _released.Add(() => member.Run(job));

        public void Output(TOutput output) => _released.Add(() =>
        {
            member._simulation.Trace.Note(() => $"{member._simulation.Elapsed,8} {member.Id} outputs {output}");
            member._simulation.OnOutput?.Invoke(member.Id, member.Restarts, output);
        });

        public void Release()
        {
            foreach (var action in _released) action();
            _released.Clear();
        }
    }
}
