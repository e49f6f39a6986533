using Protean.Codec;

namespace Protean.Workflows;

/// <summary>Where one argument of a step comes from (protocols 8.1). Units are positions in <see cref="Workflow.Units"/>.</summary>
public abstract record Source : ICanonical<Source>
{
    private Source()
    {
    }

    /// <summary>The same value in every run.</summary>
    public sealed record Constant(Bytes Value) : Source;

    /// <summary>A parameter that the instance fixes.</summary>
    public sealed record Parameter(string Name) : Source;

    /// <summary>An input that the client gives with the request, as <see cref="Workflow.Inputs"/> declares it.</summary>
    public sealed record Client(string Name) : Source;

    /// <summary>An output of an earlier step, opened from its receipt.</summary>
    public sealed record Output(ushort Step, string Name) : Source;

    /// <summary>The value under a key of a state unit, proven at one sealed height.</summary>
    public sealed record State(ushort Unit, KeyTemplate Key) : Source;

    /// <summary>All entries below a prefix of a state unit, proven complete at one sealed height.</summary>
    public sealed record StatePrefix(ushort Unit, KeyTemplate Prefix) : Source;

    /// <summary>The value of a beacon round of a randomness unit.</summary>
    public sealed record Beacon(ushort Unit, Bound Round) : Source;

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Constant source: to.U8(1).Bytes(source.Value.Span); break;
            case Parameter source: to.U8(2).Text(source.Name); break;
            case Client source: to.U8(3).Text(source.Name); break;
            case Output source: to.U8(4).U16(source.Step).Text(source.Name); break;
            case State source: to.U8(5).U16(source.Unit).Value(source.Key); break;
            case StatePrefix source: to.U8(6).U16(source.Unit).Value(source.Prefix); break;
            case Beacon source: to.U8(7).U16(source.Unit).Value(source.Round); break;
        }
    }

    public static Source Decode(ref Decoder from) => from.U8() switch
    {
        1 => new Constant(new Bytes(from.Bytes(Limits.MaxValue))),
        2 => new Parameter(from.Text(Limits.MaxName)),
        3 => new Client(from.Text(Limits.MaxName)),
        4 => new Output(from.U16(), from.Text(Limits.MaxName)),
        5 => new State(from.U16(), from.Value<KeyTemplate>()),
        6 => new StatePrefix(from.U16(), from.Value<KeyTemplate>()),
        7 => new Beacon(from.U16(), from.Value<Bound>()),
        var kind => throw new MalformedException($"argument source {kind}"),
    };
}

/// <summary>A number that a workflow states, or leaves to the instance's parameters: a time, a height, a round.</summary>
public abstract record Bound : ICanonical<Bound>
{
    private Bound()
    {
    }

    public sealed record Fixed(ulong Value) : Bound;

    public sealed record Parameter(string Name) : Bound;

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Fixed bound: to.U8(1).U64(bound.Value); break;
            case Parameter bound: to.U8(2).Text(bound.Name); break;
        }
    }

    public static Bound Decode(ref Decoder from) => from.U8() switch
    {
        1 => new Fixed(from.U64()),
        2 => new Parameter(from.Text(Limits.MaxName)),
        var kind => throw new MalformedException($"bound {kind}"),
    };
}

/// <summary>A state key or prefix put together from pieces, so that each instance can have keys of its own.</summary>
public sealed record KeyTemplate(IReadOnlyList<KeyPart> Parts) : ICanonical<KeyTemplate>
{
    public void Encode(Encoder to) => to.List(Parts);
    public static KeyTemplate Decode(ref Decoder from) => new(from.List<KeyPart>(Limits.MaxKeyParts));
    public bool Equals(KeyTemplate? other) => other is not null && Parts.SequenceEqual(other.Parts);
    public override int GetHashCode() => Parts.Count;
}

/// <summary>One piece of a state key.</summary>
public abstract record KeyPart : ICanonical<KeyPart>
{
    private KeyPart()
    {
    }

    public sealed record Fixed(Bytes Value) : KeyPart;

    /// <summary>The parameter's bytes.</summary>
    public sealed record Parameter(string Name) : KeyPart;

    /// <summary>The instance's 32-byte identifier.</summary>
    public sealed record Instance : KeyPart;

    /// <summary>The 32-byte identifier of one of the workflow's units.</summary>
    public sealed record Unit(ushort Index) : KeyPart;

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Fixed part: to.U8(1).Bytes(part.Value.Span); break;
            case Parameter part: to.U8(2).Text(part.Name); break;
            case Instance: to.U8(3); break;
            case Unit part: to.U8(4).U16(part.Index); break;
        }
    }

    public static KeyPart Decode(ref Decoder from) => from.U8() switch
    {
        1 => new Fixed(new Bytes(from.Bytes(Limits.MaxKeyPart))),
        2 => new Parameter(from.Text(Limits.MaxName)),
        3 => new Instance(),
        4 => new Unit(from.U16()),
        var kind => throw new MalformedException($"key part {kind}"),
    };
}
