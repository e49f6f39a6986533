using Protean.Codec;

namespace Protean.Workflows;

/// <summary>How often a step may happen (protocols 8.4). The numbers are part of the replay key.</summary>
public enum Scope : byte
{
    /// <summary>Once for each plan and attempt.</summary>
    Plan = 0,

    /// <summary>Once for the whole instance, whoever asks first.</summary>
    Instance = 1,

    /// <summary>Once for each client of the instance.</summary>
    InstanceAndClient = 2,
}

/// <summary>One input of a step with its source; a repeated input stands once for each of its values, in order.</summary>
public sealed record Argument(string Name, Source Source) : ICanonical<Argument>
{
    public void Encode(Encoder to) => to.Text(Name).Value(Source);
    public static Argument Decode(ref Decoder from) => new(from.Text(Limits.MaxName), from.Value<Source>());
}

/// <summary>One transaction of a workflow: what protocols 8.1 calls Tx.</summary>
/// <param name="Name">Its name within the workflow.</param>
/// <param name="Unit">Position in <see cref="Workflow.Units"/>.</param>
/// <param name="Function">The unit's transaction.</param>
/// <param name="Arguments">In order of name; values of a repeated input in their own order.</param>
/// <param name="Dependencies">Earlier steps whose receipts are needed, ascending.</param>
/// <param name="Barrier">What it waits for.</param>
/// <param name="Authorization">Who may ask for it.</param>
/// <param name="Scope">How often it may happen.</param>
/// <param name="OnFailure">The later step that makes up for this one's failure: it needs this one's failure receipt.</param>
public sealed record Step(
    string Name, ushort Unit, string Function, IReadOnlyList<Argument> Arguments, IReadOnlyList<ushort> Dependencies,
    Barrier? Barrier, Authorization Authorization, Scope Scope, ushort? OnFailure) : ICanonical<Step>
{
    /// <summary>Characters of an operation's name: workflow, dot, step.</summary>
    public const int MaxOperation = (2 * Limits.MaxName) + 1;

    public void Encode(Encoder to)
    {
        to.Text(Name).U16(Unit).Text(Function).List(Arguments).List(Dependencies, static (e, step) => e.U16(step));
        to.Optional(Barrier).Value(Authorization).U8((byte)Scope).Optional(OnFailure, static (e, step) => e.U16(step));
    }

    public static Step Decode(ref Decoder from) => new(
        from.Text(Limits.MaxName), from.U16(), from.Text(Limits.MaxName), from.List<Argument>(Limits.MaxBindings),
        from.List(Limits.MaxSteps, static (ref Decoder d) => d.U16()), from.Optional<Barrier>(), from.Value<Authorization>(),
        DecodeScope(ref from), from.Optional(static (ref Decoder d) => d.U16()));

    private static Scope DecodeScope(ref Decoder from)
    {
        var scope = (Scope)from.U8();
        return scope <= Scope.InstanceAndClient ? scope : throw new MalformedException($"scope {(byte)scope}");
    }

    public bool Equals(Step? other) => other is not null && Canonical.Encode(this).AsSpan().SequenceEqual(Canonical.Encode(other));
    public override int GetHashCode() => Name.Length + Arguments.Count;
}
