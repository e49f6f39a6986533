using Protean.Codec;
using Protean.Runtime;
using Protean.Simulator.Campaigns;

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
        try
        {
            Protocol = _build(new Incarnation(Id, _store, Restarts, _lostDisk));
        }
        catch (DiskFaultException fault)
        {
            // Found when the store was opened: as good as found later.
            StopBy(fault.Fault);
            return;
        }
        Input("start", default, (protocol, effects) => protocol.Start(effects), mayCrash: false);
    }

    /// <summary>The member stops between two inputs; nothing is lost that is durable, or that its disk called durable and was not.</summary>
    public void Crash(string fault = Faults.Crash)
    {
        if (Protocol is null) return;
        Fault(fault);
        if (_store.Lies) _store.LoseAllBut(_simulation.Dice.Between(0, _store.Undurable));
        _store.Lies = false;
        Stop();
    }

    public void Restart(bool loseDisk = false)
    {
        if (Protocol is not null) throw new InvalidOperationException($"member {Id} runs");
        Fault(loseDisk ? Faults.LostDisk : "restart");
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
        Fault(Faults.OlderDisk);
        _store = new FaultyStore(disk);
        Start();
    }

    /// <summary>From now on the disk says that writes are durable before they are.</summary>
    public void LetDiskLie()
    {
        Fault(Faults.LostFsync);
        _store.Lies = true;
    }

    /// <summary>A bit of one stored value flips.</summary>
    public void DamageDisk()
    {
        Fault(Faults.BitFlip);
        _store.Flip(_simulation.Dice);
    }

    /// <summary>The next write fails; when the member has stopped, there is room again.</summary>
    public void FillDisk() => _store.IsFull = true;

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
        var name = Simulation<TMessage, TOutput>.NameOf(message);
        _simulation.Counters.Add("message/" + name);
        _simulation.Trace.Note(() => $"{_simulation.Elapsed,8} {from} -> {Id} {message}");
        Input(name, bytes, (protocol, effects) => protocol.Receive(from, message, effects));
    }

    private void Input(
        string what, byte[]? detail, Action<IProtocol<TMessage, TOutput>, IEffects<TMessage, TOutput>> input, bool mayCrash = true)
    {
        if (Protocol is null || _effects is not { } effects) return;
        _simulation.Trace.Add(what, Id, _simulation.Time, detail);
        try
        {
            input(Protocol, effects);
        }
        catch (DiskFaultException fault)
        {
            StopBy(fault.Fault);
            return;
        }
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
        var (written, kept) = (_store.Undurable, _simulation.Dice.Between(0, _store.Undurable));
        Fault(kept < written && _simulation.TearsWrites ? Faults.TornWrite : Faults.CrashAmidst);
        _store.LoseAllBut(kept);
        Stop();
        ComeBack();
    }

    // A damaged disk is no use any more; a full one is cleared.
    private void StopBy(string diskFault)
    {
        Fault(diskFault == FaultyStore.Full ? Faults.FullDisk : "bit-flip-found");
        _store.LoseAllBut(_simulation.Dice.Between(0, _store.Undurable));
        _store.IsFull = false;
        Stop();
        if (diskFault == FaultyStore.Full) ComeBack();
    }

    private void ComeBack() => _simulation.Schedule((ulong)_simulation.Dice.Between(1, _simulation.RestartDelay), () =>
    {
        if (Protocol is null) Restart();
    });

    private void Fault(string name)
    {
        _simulation.Counters.Add("fault/" + name);
        _simulation.Trace.Note(() => $"{_simulation.Elapsed,8} {Id} {name}");
    }

    private void Stop()
    {
        Protocol = null;
        _effects = null;
        _timers.Clear();
        _simulation.Trace.Add("down", Id, _simulation.Time);
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
