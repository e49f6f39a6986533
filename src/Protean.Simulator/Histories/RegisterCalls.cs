namespace Protean.Simulator.Histories;

/// <summary>What a register holds; null for one that was never written.</summary>
public readonly record struct Held(string? Value);

/// <summary>Read a register.</summary>
public sealed record ReadCall(string? Seen) : ICall<Held>
{
    public bool TryApply(Held state, out Held next)
    {
        next = state;
        return state.Value == Seen;
    }
}

/// <summary>Write a register, whatever it holds.</summary>
public sealed record WriteCall(string? Value) : ICall<Held>
{
    public bool TryApply(Held state, out Held next)
    {
        next = new Held(Value);
        return true;
    }
}

/// <summary>Write a register if it holds what is expected.</summary>
/// <param name="Succeeded">As the caller was told; null where it was not.</param>
public sealed record CompareAndSetCall(string? Expected, string? Value, bool? Succeeded) : ICall<Held>
{
    public bool TryApply(Held state, out Held next)
    {
        var holds = state.Value == Expected;
        next = holds ? new Held(Value) : state;
        return Succeeded is null || Succeeded == holds;
    }
}
