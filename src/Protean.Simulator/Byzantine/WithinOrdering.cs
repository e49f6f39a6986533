using Protean.Consensus;
using Protean.Runtime;

namespace Protean.Simulator.Byzantine;

/// <summary>Lets a deed that knows consensus alone misbehave in a whole unit member.</summary>
public sealed class WithinOrdering : IProtocol<UnitMessage, UnitEvent>
{
    private readonly IProtocol<ConsensusMessage, FinalizedBlock> _deed;
    private IEffects<UnitMessage, UnitEvent>? _effects;

    /// <param name="deed">Puts the deed around the member's consensus.</param>
    public WithinOrdering(
        IProtocol<UnitMessage, UnitEvent> member, Func<IProtocol<ConsensusMessage, FinalizedBlock>, IProtocol<ConsensusMessage, FinalizedBlock>> deed)
    {
        Inner = member;
        _deed = deed(new Ordering(this));
    }

    public IProtocol<UnitMessage, UnitEvent> Inner { get; }

    public void Start(IEffects<UnitMessage, UnitEvent> effects) => _deed.Start(To(effects));

    public void Receive(MemberId from, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (message is UnitMessage.Ordering ordering) _deed.Receive(from, ordering.Message, To(effects));
        else Inner.Receive(from, message, effects);
    }

    public void TimeOut(TimerId timer, IEffects<UnitMessage, UnitEvent> effects) => _deed.TimeOut(timer, To(effects));

    private Outward To(IEffects<UnitMessage, UnitEvent> effects)
    {
        _effects = effects;
        return new Outward(effects);
    }

    /// <summary>The member, as the deed sees it.</summary>
    private sealed class Ordering(WithinOrdering whole) : IProtocol<ConsensusMessage, FinalizedBlock>
    {
        public void Start(IEffects<ConsensusMessage, FinalizedBlock> effects) => whole.Inner.Start(new Split(whole._effects!, effects));

        public void Receive(MemberId from, ConsensusMessage message, IEffects<ConsensusMessage, FinalizedBlock> effects) =>
            whole.Inner.Receive(from, new UnitMessage.Ordering(message), new Split(whole._effects!, effects));

        public void TimeOut(TimerId timer, IEffects<ConsensusMessage, FinalizedBlock> effects) =>
            whole.Inner.TimeOut(timer, new Split(whole._effects!, effects));
    }

    /// <summary>What the member asks for: ordering goes through the deed.</summary>
    private sealed class Split(IEffects<UnitMessage, UnitEvent> effects, IEffects<ConsensusMessage, FinalizedBlock> deed) : IEffects<UnitMessage, UnitEvent>
    {
        public UnixMs Now => effects.Now;

        public void Send(MemberId to, UnitMessage message)
        {
            if (message is UnitMessage.Ordering ordering) deed.Send(to, ordering.Message);
            else effects.Send(to, message);
        }

        public void Broadcast(UnitMessage message)
        {
            if (message is UnitMessage.Ordering ordering) deed.Broadcast(ordering.Message);
            else effects.Broadcast(message);
        }

        public void SetTimer(TimerId timer, TimeSpan delay) => effects.SetTimer(timer, delay);
        public void Run(Job job) => effects.Run(job);
        public void Output(UnitEvent output) => effects.Output(output);
    }

    /// <summary>What the deed asks for.</summary>
    private sealed class Outward(IEffects<UnitMessage, UnitEvent> effects) : IEffects<ConsensusMessage, FinalizedBlock>
    {
        public UnixMs Now => effects.Now;
        public void Send(MemberId to, ConsensusMessage message) => effects.Send(to, new UnitMessage.Ordering(message));
        public void Broadcast(ConsensusMessage message) => effects.Broadcast(new UnitMessage.Ordering(message));
        public void SetTimer(TimerId timer, TimeSpan delay) => effects.SetTimer(timer, delay);
        public void Run(Job job) => effects.Run(job);
        public void Output(FinalizedBlock output) => throw new InvalidOperationException("the member keeps final blocks to itself");
    }
}
