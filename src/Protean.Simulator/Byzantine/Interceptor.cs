using Protean.Codec;
using Protean.Runtime;

namespace Protean.Simulator.Byzantine;

/// <summary>Stands between a member and the world: a Byzantine member is an honest one whose deeds are changed here. As it stands it
/// changes nothing.</summary>
public abstract class Interceptor<TMessage, TOutput>(IProtocol<TMessage, TOutput> inner) : IProtocol<TMessage, TOutput>
    where TMessage : class, ICanonical<TMessage>
{
    public IProtocol<TMessage, TOutput> Inner => inner;

    public virtual void Start(IEffects<TMessage, TOutput> effects) => inner.Start(Through(effects));
    public virtual void Receive(MemberId from, TMessage message, IEffects<TMessage, TOutput> effects) =>
        inner.Receive(from, message, Through(effects));
    public virtual void TimeOut(TimerId timer, IEffects<TMessage, TOutput> effects) => inner.TimeOut(timer, Through(effects));

    /// <summary>The world as the inner member sees it.</summary>
    public IEffects<TMessage, TOutput> Through(IEffects<TMessage, TOutput> effects) => new Intercepted(this, effects);

    /// <summary>What becomes of a message to one member.</summary>
    protected virtual void Send(MemberId to, TMessage message, IEffects<TMessage, TOutput> effects) => effects.Send(to, message);

    /// <summary>What becomes of a message to all: one to each, unless a deed treats it whole.</summary>
    protected virtual void Broadcast(TMessage message, IEffects<TMessage, TOutput> effects)
    {
        foreach (var to in Others) Send(to, message, effects);
    }

    /// <summary>Every other member of the committee.</summary>
    public required IReadOnlyList<MemberId> Others { get; init; }

    private sealed class Intercepted(Interceptor<TMessage, TOutput> by, IEffects<TMessage, TOutput> effects) : IEffects<TMessage, TOutput>
    {
        public UnixMs Now => effects.Now;
        public void Send(MemberId to, TMessage message) => by.Send(to, message, effects);
        public void Broadcast(TMessage message) => by.Broadcast(message, effects);
        public void SetTimer(TimerId timer, TimeSpan delay) => effects.SetTimer(timer, delay);
        public void Run(Job job) => effects.Run(job);
        public void Output(TOutput output) => effects.Output(output);
    }
}
