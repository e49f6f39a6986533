namespace Protean.Simulator.Histories;

/// <summary>A call together with what its caller saw of it, on an object whose state is of this type.</summary>
public interface ICall<TState>
{
    /// <summary>Whether the call, made in this state and alone, could have been answered as it was; and the state after it.</summary>
    bool TryApply(TState state, out TState next);
}

/// <summary>One operation of a history.</summary>
/// <param name="Key">Which object; objects are independent of each other.</param>
/// <param name="Invoked">When it was called, on a clock that all callers share.</param>
/// <param name="Returned">When it was answered; null where its caller never learned: it may take effect at any time after the call, or never.</param>
public sealed record Operation<TState>(string Key, ICall<TState> Call, long Invoked, long? Returned)
    where TState : IEquatable<TState>;
