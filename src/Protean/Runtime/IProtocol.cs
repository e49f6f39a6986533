namespace Protean.Runtime;

/// <summary>One member's side of a distributed protocol, as a state machine that does no IO.</summary>
/// <remarks>Never waits, never reads a clock, draws randomness only from the generator it was built with: the same
/// inputs in the same order give the same effects. Event loop and simulator drive it alike. Calls never overlap.
/// What must survive a crash goes through the <see cref="IStore"/> it was built with: durable before anything else of the same input leaves.</remarks>
public interface IProtocol<TMessage, TOutput>
{
    void Start(IEffects<TMessage, TOutput> effects);

    /// <summary>The sender is authenticated; what it says is not trusted.</summary>
    void Receive(MemberId from, TMessage message, IEffects<TMessage, TOutput> effects);

    void TimeOut(TimerId timer, IEffects<TMessage, TOutput> effects) { }
}

/// <summary>What a state machine asks of the world. Effects are pushed into an argument, so helpers compose by passing it on.</summary>
public interface IEffects<in TMessage, in TOutput>
{
    /// <summary>May be lost, delayed, repeated, reordered.</summary>
    void Send(MemberId to, TMessage message);

    /// <summary>To every other member. Nothing makes members agree on what was sent.</summary>
    void Broadcast(TMessage message);

    /// <summary>Sets or moves a timer; it fires once. A negative delay takes it back.</summary>
    void SetTimer(TimerId timer, TimeSpan delay);

    /// <summary>Heavy pure work off the loop; its continuation runs as an input of its own.</summary>
    void Run(Job job);

    void Output(TOutput output);

    /// <summary>Arrival time of this input, recorded in the trace; the only time there is.</summary>
    UnixMs Now { get; }
}

/// <summary>Pure work and what to do with its result. <paramref name="Work"/> may run on any thread and touches nothing shared;
/// the continuation it returns runs on the loop that asked, as an input.</summary>
public sealed record Job(string Name, Func<Action> Work);

/// <summary>A member's index in its committee, 1..n (protocols 0.2).</summary>
public readonly record struct MemberId(ushort Index) : IComparable<MemberId>
{
    public int CompareTo(MemberId other) => Index.CompareTo(other.Index);
    public override string ToString() => Index.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(MemberId left, MemberId right) => left.Index < right.Index;
    public static bool operator >(MemberId left, MemberId right) => left.Index > right.Index;
    public static bool operator <=(MemberId left, MemberId right) => left.Index <= right.Index;
    public static bool operator >=(MemberId left, MemberId right) => left.Index >= right.Index;
}

/// <summary>A timer of one state machine: what it is for, and which one of that kind.</summary>
public readonly record struct TimerId(string Kind, ulong Number = 0);

/// <summary>Milliseconds since 1970-01-01 UTC.</summary>
public readonly record struct UnixMs(ulong Value) : IComparable<UnixMs>
{
    public int CompareTo(UnixMs other) => Value.CompareTo(other.Value);
    public static UnixMs operator +(UnixMs time, TimeSpan span) => new((ulong)((long)time.Value + (long)span.TotalMilliseconds));
    public static TimeSpan operator -(UnixMs left, UnixMs right) => TimeSpan.FromMilliseconds((long)left.Value - (long)right.Value);
    public static bool operator <(UnixMs left, UnixMs right) => left.Value < right.Value;
    public static bool operator >(UnixMs left, UnixMs right) => left.Value > right.Value;
    public static bool operator <=(UnixMs left, UnixMs right) => left.Value <= right.Value;
    public static bool operator >=(UnixMs left, UnixMs right) => left.Value >= right.Value;
    public override string ToString() => DateTimeOffset.FromUnixTimeMilliseconds((long)Value).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
}
