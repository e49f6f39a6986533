using Protean.Codec;
using Protean.Runtime;

namespace Protean.Simulator.Byzantine;

/// <summary>Keeps some of its messages to itself.</summary>
public sealed class Withholder<TMessage, TOutput>(IProtocol<TMessage, TOutput> inner, Dice dice, int perMille)
    : Interceptor<TMessage, TOutput>(inner)
    where TMessage : class, ICanonical<TMessage>
{
    protected override void Send(MemberId to, TMessage message, IEffects<TMessage, TOutput> effects)
    {
        if (!dice.Chance(perMille)) effects.Send(to, message);
    }
}

/// <summary>Speaks to some members only.</summary>
public sealed class SelectiveSender<TMessage, TOutput>(IProtocol<TMessage, TOutput> inner, IReadOnlySet<MemberId> favoured)
    : Interceptor<TMessage, TOutput>(inner)
    where TMessage : class, ICanonical<TMessage>
{
    protected override void Send(MemberId to, TMessage message, IEffects<TMessage, TOutput> effects)
    {
        if (favoured.Contains(to)) effects.Send(to, message);
    }
}

/// <summary>Sends, beside its messages, damaged copies of them and plain noise.</summary>
public sealed class GarbageSender<TMessage, TOutput>(IProtocol<TMessage, TOutput> inner, Dice dice) : Interceptor<TMessage, TOutput>(inner)
    where TMessage : class, ICanonical<TMessage>
{
    private const int MaxNoise = 512;

    protected override void Send(MemberId to, TMessage message, IEffects<TMessage, TOutput> effects)
    {
        effects.Send(to, message);
        if (effects is not IRawSend raw) return;
        raw.SendBytes(to, Damaged(Canonical.Encode(message)));
        if (dice.Chance(100)) raw.SendBytes(to, dice.Bytes(dice.Between(0, MaxNoise)));
    }

    private byte[] Damaged(byte[] bytes)
    {
        if (dice.Chance(200)) return bytes[..dice.Between(0, bytes.Length - 1)];
        bytes[dice.Between(0, bytes.Length - 1)] ^= (byte)(1 << dice.Between(0, 7));
        return bytes;
    }
}

/// <summary>Repeats old messages, its own and those it received, at any time and to anyone.</summary>
public sealed class Replayer<TMessage, TOutput>(IProtocol<TMessage, TOutput> inner, Dice dice) : Interceptor<TMessage, TOutput>(inner)
    where TMessage : class, ICanonical<TMessage>
{
    private const int MaxHeard = 256;
    private readonly List<TMessage> _heard = [];

    public override void Receive(MemberId from, TMessage message, IEffects<TMessage, TOutput> effects)
    {
        Remember(message);
        if (dice.Chance(300)) effects.Send(dice.Pick(Others), dice.Pick(_heard));
        base.Receive(from, message, effects);
    }

    protected override void Send(MemberId to, TMessage message, IEffects<TMessage, TOutput> effects)
    {
        Remember(message);
        effects.Send(to, message);
    }

    private void Remember(TMessage message)
    {
        if (_heard.Count < MaxHeard) _heard.Add(message);
        else _heard[dice.Between(0, MaxHeard - 1)] = message;
    }
}

/// <summary>Two copies of one member with one key and two disks: each hears everything, both speak. Either alone is honest.</summary>
public sealed class Twins<TMessage, TOutput>(IProtocol<TMessage, TOutput> first, IProtocol<TMessage, TOutput> second)
    : IProtocol<TMessage, TOutput>
{
    private const string FirstTimers = "first/";
    private const string SecondTimers = "second/";

    /// <summary>The copy whose outputs count.</summary>
    public IProtocol<TMessage, TOutput> First => first;

    public void Start(IEffects<TMessage, TOutput> effects)
    {
        first.Start(new Half(effects, FirstTimers));
        second.Start(new Half(effects, SecondTimers));
    }

    public void Receive(MemberId from, TMessage message, IEffects<TMessage, TOutput> effects)
    {
        first.Receive(from, message, new Half(effects, FirstTimers));
        second.Receive(from, message, new Half(effects, SecondTimers));
    }

    public void TimeOut(TimerId timer, IEffects<TMessage, TOutput> effects)
    {
        if (timer.Kind.StartsWith(SecondTimers, StringComparison.Ordinal))
            second.TimeOut(timer with { Kind = timer.Kind[SecondTimers.Length..] }, new Half(effects, SecondTimers));
        else if (timer.Kind.StartsWith(FirstTimers, StringComparison.Ordinal))
            first.TimeOut(timer with { Kind = timer.Kind[FirstTimers.Length..] }, new Half(effects, FirstTimers));
        else first.TimeOut(timer, new Half(effects, FirstTimers)); // set when a client asked the first one
    }

    private sealed class Half(IEffects<TMessage, TOutput> effects, string timers) : IEffects<TMessage, TOutput>
    {
        public UnixMs Now => effects.Now;
        public void Send(MemberId to, TMessage message) => effects.Send(to, message);
        public void Broadcast(TMessage message) => effects.Broadcast(message);
        public void SetTimer(TimerId timer, TimeSpan delay) => effects.SetTimer(timer with { Kind = timers + timer.Kind }, delay);
        public void Run(Job job) => effects.Run(job);

        public void Output(TOutput output)
        {
            if (timers == FirstTimers) effects.Output(output);
        }
    }
}
