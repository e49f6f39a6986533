using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Workflows;

/// <summary>Whose signatures are needed: a key, or at least k of several expressions ("and" is all of them, "or" is one).</summary>
public abstract record KeyExpression : ICanonical<KeyExpression>
{
    private KeyExpression()
    {
    }

    public sealed record Key(PublicKey Value) : KeyExpression;

    /// <summary>The key that the instance fixes under this name.</summary>
    public sealed record Parameter(string Name) : KeyExpression;

    /// <summary>The key of the instance's creator.</summary>
    public sealed record Creator : KeyExpression;

    /// <param name="Needed">1 to the number of terms.</param>
    /// <param name="Terms">At least one.</param>
    public sealed record Threshold(ushort Needed, IReadOnlyList<KeyExpression> Terms) : KeyExpression
    {
        public bool Equals(Threshold? other) => other is not null && Needed == other.Needed && Terms.SequenceEqual(other.Terms);
        public override int GetHashCode() => (Needed << 8) | Terms.Count;
    }

    /// <summary>Whether it names keys only, and nothing that an instance must supply.</summary>
    public bool IsClosed => All().All(static part => part is Key or Threshold);

    /// <summary>This expression and all inside it, outermost first.</summary>
    public IEnumerable<KeyExpression> All() =>
        this is Threshold threshold ? threshold.Terms.SelectMany(static term => term.All()).Prepend(this) : [this];

    /// <summary>Whether these signers are enough.</summary>
    /// <param name="signers">Keys whose signatures were checked.</param>
    /// <param name="instance">Where parameters and the creator stand; null for an expression that is closed.</param>
    public bool IsMetBy(IReadOnlyCollection<PublicKey> signers, Instance? instance = null) => this switch
    {
        Key key => signers.Contains(key.Value),
        Parameter parameter => instance?.KeyParameter(parameter.Name) is { } key && signers.Contains(key),
        Creator => instance is not null && signers.Contains(instance.Creator),
        Threshold threshold => threshold.Terms.Count(term => term.IsMetBy(signers, instance)) >= threshold.Needed,
        _ => false,
    };

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Key key: to.U8(1).Key(key.Value); break;
            case Parameter parameter: to.U8(2).Text(parameter.Name); break;
            case Creator: to.U8(3); break;
            case Threshold threshold: to.U8(4).U16(threshold.Needed).List(threshold.Terms); break;
        }
    }

    public static KeyExpression Decode(ref Decoder from) => Decode(ref from, Limits.MaxNesting);

    private static KeyExpression Decode(ref Decoder from, int nesting) => from.U8() switch
    {
        1 => new Key(from.Key()),
        2 => new Parameter(from.Text(Limits.MaxName)),
        3 => new Creator(),
        4 => DecodeThreshold(ref from, nesting),
        var kind => throw new MalformedException($"key expression {kind}"),
    };

    private static Threshold DecodeThreshold(ref Decoder from, int nesting)
    {
        if (nesting == 0) throw new MalformedException($"key expression nested deeper than {Limits.MaxNesting}");
        var needed = from.U16();
        var terms = from.List(Limits.MaxTerms, (ref Decoder d) => Decode(ref d, nesting - 1));
        if (needed == 0 || needed > terms.Count) throw new MalformedException($"{needed} of {terms.Count} keys needed");
        return new Threshold(needed, terms);
    }
}

/// <summary>Who may ask for a step (protocols 8.1).</summary>
public abstract record Authorization : ICanonical<Authorization>
{
    private Authorization()
    {
    }

    /// <summary>Whoever holds the receipts; no signature.</summary>
    public sealed record Anyone : Authorization;

    /// <summary>The client whom the plan was made for.</summary>
    public sealed record Client : Authorization;

    public sealed record Keys(KeyExpression Expression) : Authorization;

    /// <summary>One of the workflow's units, that acts for a client: its receipt stands in the place of signatures (protocols 10.1).</summary>
    public sealed record Unit(ushort Index) : Authorization;

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Anyone: to.U8(1); break;
            case Client: to.U8(2); break;
            case Keys keys: to.U8(3).Value(keys.Expression); break;
            case Unit unit: to.U8(4).U16(unit.Index); break;
        }
    }

    public static Authorization Decode(ref Decoder from) => from.U8() switch
    {
        1 => new Anyone(),
        2 => new Client(),
        3 => new Keys(from.Value<KeyExpression>()),
        4 => new Unit(from.U16()),
        var kind => throw new MalformedException($"authorization {kind}"),
    };
}
