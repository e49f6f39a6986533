using Protean.Codec;
using Protean.Cryptography;
using Protean.Workflows;

namespace Protean.Units.State;

/// <summary>Who may change an entry of the state unit (protocols 8.6): what stands in <see cref="Protean.State.MapEntry.Owner"/>.</summary>
public abstract record Owner : ICanonical<Owner>
{
    private Owner()
    {
    }

    /// <summary>Nobody, ever: a frozen entry.</summary>
    public static Owner None { get; } = new Nobody();

    public sealed record Nobody : Owner;

    /// <summary>Whoever can sign as the expression says; it names keys only.</summary>
    public sealed record Keys(KeyExpression Expression) : Owner;

    /// <summary>A contract, by the receipts of its execution unit.</summary>
    public sealed record Contract(Digest ExecutionUnit, Digest ContractId) : Owner;

    public static Owner Of(PublicKey key) => new Keys(new KeyExpression.Key(key));

    public Bytes ToBytes() => Bytes.Wrap(Canonical.Encode(this));

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Nobody: to.U8(0); break;
            case Keys keys: to.U8(1).Value(keys.Expression); break;
            case Contract contract: to.U8(2).Digest(contract.ExecutionUnit).Digest(contract.ContractId); break;
        }
    }

    public static Owner Decode(ref Decoder from)
    {
        var start = from.Position;
        Owner owner = from.U8() switch
        {
            0 => None,
            1 => DecodeKeys(ref from),
            2 => new Contract(from.Digest(), from.Digest()),
            var kind => throw new MalformedException($"owner of kind {kind}"),
        };
        if (from.Position - start > Limits.MaxOwnerBytes)
            throw new MalformedException($"owner of {from.Position - start} bytes, at most {Limits.MaxOwnerBytes} allowed");
        return owner;
    }

    private static Keys DecodeKeys(ref Decoder from)
    {
        var expression = from.Value<KeyExpression>();
        return expression.IsClosed ? new Keys(expression)
            : throw new MalformedException("an owner names keys, not what an instance would have to supply");
    }
}
