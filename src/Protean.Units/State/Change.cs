using Protean.Codec;

namespace Protean.Units.State;

/// <summary>One change of a user's entry, made only if the entry is still as its writer saw it.</summary>
/// <param name="Key">A full key, see <see cref="UserKeys"/>.</param>
/// <param name="Expected">The version that the writer saw, or null where it saw that the key is absent.</param>
/// <param name="Value">The new value, or null to delete.</param>
/// <param name="Owner">The new owner, or null to leave it: for a new entry, the key that its name carries. Never a contract.</param>
public sealed record Change(Bytes Key, ulong? Expected, Bytes? Value, Owner? Owner = null) : ICanonical<Change>
{
    public void Encode(Encoder to) => to
        .Bytes(Key.Span).Optional(Expected, static (e, version) => e.U64(version)).Optional(Value, static (e, value) =>
            e.Bytes(value.Span)).Optional(Owner);

    public static Change Decode(ref Decoder from)
    {
        var change = new Change(
            new Bytes(from.Bytes(Limits.MaxKeyBytes)), from.Optional(static (ref Decoder d) => d.U64()),
            from.Optional(static (ref Decoder d) => new Bytes(d.Bytes(Limits.MaxValue))), from.Optional<Owner>());
        if (change.Value is null && change.Owner is not null) throw new MalformedException("a deletion that names an owner");
        if (change.Owner is Owner.Contract) throw new MalformedException("a user's entry given to a contract");
        return change;
    }
}
