using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Units.PrivateStorage;

/// <summary>Who may do something (protocols 5.3).</summary>
public abstract record PolicyExpression : ICanonical<PolicyExpression>
{
    private PolicyExpression()
    {
    }

    /// <summary>Whoever signs with this key.</summary>
    public sealed record Key(PublicKey Value) : PolicyExpression;

    /// <summary>Whoever may do the same under another policy, as that one stands now.</summary>
    public sealed record Named(Digest Id) : PolicyExpression;

    /// <summary>All of them.</summary>
    public sealed record And(IReadOnlyList<PolicyExpression> Terms) : PolicyExpression
    {
        public bool Equals(And? other) => other is not null && Terms.SequenceEqual(other.Terms);
        public override int GetHashCode() => Terms.Count;
    }

    /// <summary>Any of them.</summary>
    public sealed record Or(IReadOnlyList<PolicyExpression> Terms) : PolicyExpression
    {
        public bool Equals(Or? other) => other is not null && Terms.SequenceEqual(other.Terms);
        public override int GetHashCode() => -Terms.Count;
    }

    /// <summary>At least so many of them, each by another principal: a key that is reached twice counts once.</summary>
    /// <param name="Needed">1 to the number of terms.</param>
    public sealed record Threshold(ushort Needed, IReadOnlyList<PolicyExpression> Terms) : PolicyExpression
    {
        public bool Equals(Threshold? other) => other is not null && Needed == other.Needed && Terms.SequenceEqual(other.Terms);
        public override int GetHashCode() => (Needed << 8) | Terms.Count;
    }

    /// <summary>The client of a plan of this workflow, with these parameters fixed, that shows the receipt of one of its steps: "whoever has
    /// paid".</summary>
    /// <param name="Workflow">Hash of the workflow's text: what a step's receipt is worth follows from the workflow.</param>
    /// <param name="UnitId">Whose receipt.</param>
    /// <param name="Function">Of which transaction.</param>
    /// <param name="Parameters">That the instance must fix so; in order of name.</param>
    public sealed record Receipt(Digest Workflow, Digest UnitId, string Function, IReadOnlyList<NamedValue> Parameters) : PolicyExpression
    {
        public bool Equals(Receipt? other) => other is not null && Workflow == other.Workflow && UnitId == other.UnitId
            && Function == other.Function && Parameters.SequenceEqual(other.Parameters);

        public override int GetHashCode() => Workflow.GetHashCode();
    }

    public static PolicyExpression OfKeys(params IReadOnlyList<PublicKey> keys) =>
        keys is [var only] ? new Key(only) : new Or([.. keys.Select(static key => new Key(key))]);

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Key key: to.U8(1).Key(key.Value); break;
            case Named named: to.U8(2).Digest(named.Id); break;
            case And and: to.U8(3).List(and.Terms); break;
            case Or or: to.U8(4).List(or.Terms); break;
            case Threshold threshold: to.U8(5).U16(threshold.Needed).List(threshold.Terms); break;
            case Receipt receipt: to.U8(6).Digest(receipt.Workflow).Digest(receipt.UnitId).Text(receipt.Function).List(receipt.Parameters); break;
        }
    }

    public static PolicyExpression Decode(ref Decoder from) => Decode(ref from, new Bounds(), depth: 1);

    private static PolicyExpression Decode(ref Decoder from, Bounds bounds, int depth)
    {
        if (depth > Limits.MaxPolicyDepth) throw new MalformedException($"policy nested deeper than {Limits.MaxPolicyDepth}");
        var kind = from.U8();
        if (kind is not (3 or 4 or 5)) bounds.Count();
        return kind switch
        {
            1 => new Key(from.Key()),
            2 => new Named(from.Digest()),
            3 => new And(DecodeTerms(ref from, bounds, depth)),
            4 => new Or(DecodeTerms(ref from, bounds, depth)),
            5 => DecodeThreshold(ref from, bounds, depth),
            6 => DecodeReceipt(ref from),
            _ => throw new MalformedException($"policy expression {kind}"),
        };
    }

    private static IReadOnlyList<PolicyExpression> DecodeTerms(ref Decoder from, Bounds bounds, int depth)
    {
        var terms = from.List(Limits.MaxPolicyLeaves, (ref Decoder d) => Decode(ref d, bounds, depth + 1));
        return terms.Count > 0 ? terms : throw new MalformedException("a policy expression of no terms");
    }

    private static Threshold DecodeThreshold(ref Decoder from, Bounds bounds, int depth)
    {
        var needed = from.U16();
        var terms = DecodeTerms(ref from, bounds, depth);
        return needed >= 1 && needed <= terms.Count ? new Threshold(needed, terms) : throw new MalformedException($"{needed} of {terms.Count} terms needed");
    }

    private static Receipt DecodeReceipt(ref Decoder from)
    {
        var receipt = new Receipt(from.Digest(), from.Digest(), from.Text(Limits.MaxName), from.List<NamedValue>(Limits.MaxParameters));
        Ascending.Require(receipt.Parameters, static parameter => parameter.Name, "parameters");
        return receipt;
    }

    /// <summary>Leaves met so far.</summary>
    private sealed class Bounds
    {
        private int _leaves;

        public void Count()
        {
            if (++_leaves > Limits.MaxPolicyLeaves) throw new MalformedException($"policy of more than {Limits.MaxPolicyLeaves} leaves");
        }
    }
}
