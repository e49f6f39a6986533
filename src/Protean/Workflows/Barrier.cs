using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Workflows;

/// <summary>What a step waits for, or must come before (protocols 8.5). Units are positions in <see cref="Workflow.Units"/>.</summary>
/// <remarks><i>After</i> is shown by a sealed header of the unit. <i>Before</i> cannot be shown by a header, since an old one always
/// exists: it is
/// compared with the executing block, so it may name only the step's own unit.</remarks>
public abstract record Barrier : ICanonical<Barrier>
{
    private Barrier()
    {
    }

    public sealed record AfterHeight(ushort Unit, Bound Height) : Barrier;

    /// <summary>Milliseconds since 1970.</summary>
    public sealed record AfterTime(ushort Unit, Bound Time) : Barrier;

    public sealed record BeforeHeight(ushort Unit, Bound Height) : Barrier;

    public sealed record BeforeTime(ushort Unit, Bound Time) : Barrier;

    /// <summary>The value under the key hashes to this (<c>H("protean/value/v1", value)</c>).</summary>
    public sealed record StateIs(ushort Unit, KeyTemplate Key, Digest ValueHash) : Barrier;

    /// <summary>The round's record is shown.</summary>
    public sealed record BeaconDue(ushort Unit, Bound Round) : Barrier;

    public sealed record And(IReadOnlyList<Barrier> Terms) : Barrier
    {
        public bool Equals(And? other) => other is not null && Terms.SequenceEqual(other.Terms);
        public override int GetHashCode() => Terms.Count;
    }

    public sealed record Or(IReadOnlyList<Barrier> Terms) : Barrier
    {
        public bool Equals(Or? other) => other is not null && Terms.SequenceEqual(other.Terms);
        public override int GetHashCode() => -Terms.Count;
    }

    public static Digest HashOfValue(ReadOnlySpan<byte> value) => Hash.H("protean/value/v1", value);

    /// <summary>This barrier and all inside it, outermost first.</summary>
    public IEnumerable<Barrier> All() => this switch
    {
        And and => and.Terms.SelectMany(static term => term.All()).Prepend(this),
        Or or => or.Terms.SelectMany(static term => term.All()).Prepend(this),
        _ => [this],
    };

    /// <summary>The unit that this one names; null for "and" and "or".</summary>
    public ushort? NamedUnit => this switch
    {
        AfterHeight barrier => barrier.Unit,
        AfterTime barrier => barrier.Unit,
        BeforeHeight barrier => barrier.Unit,
        BeforeTime barrier => barrier.Unit,
        StateIs barrier => barrier.Unit,
        BeaconDue barrier => barrier.Unit,
        _ => null,
    };

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case AfterHeight barrier: to.U8(1).U16(barrier.Unit).Value(barrier.Height); break;
            case AfterTime barrier: to.U8(2).U16(barrier.Unit).Value(barrier.Time); break;
            case BeforeHeight barrier: to.U8(3).U16(barrier.Unit).Value(barrier.Height); break;
            case BeforeTime barrier: to.U8(4).U16(barrier.Unit).Value(barrier.Time); break;
            case StateIs barrier: to.U8(5).U16(barrier.Unit).Value(barrier.Key).Digest(barrier.ValueHash); break;
            case BeaconDue barrier: to.U8(6).U16(barrier.Unit).Value(barrier.Round); break;
            case And barrier: to.U8(7).List(barrier.Terms); break;
            case Or barrier: to.U8(8).List(barrier.Terms); break;
        }
    }

    public static Barrier Decode(ref Decoder from) => Decode(ref from, Limits.MaxNesting);

    private static Barrier Decode(ref Decoder from, int nesting) => from.U8() switch
    {
        1 => new AfterHeight(from.U16(), from.Value<Bound>()),
        2 => new AfterTime(from.U16(), from.Value<Bound>()),
        3 => new BeforeHeight(from.U16(), from.Value<Bound>()),
        4 => new BeforeTime(from.U16(), from.Value<Bound>()),
        5 => new StateIs(from.U16(), from.Value<KeyTemplate>(), from.Digest()),
        6 => new BeaconDue(from.U16(), from.Value<Bound>()),
        7 => new And(DecodeTerms(ref from, nesting)),
        8 => new Or(DecodeTerms(ref from, nesting)),
        var kind => throw new MalformedException($"barrier {kind}"),
    };

    private static IReadOnlyList<Barrier> DecodeTerms(ref Decoder from, int nesting)
    {
        if (nesting == 0) throw new MalformedException($"barrier nested deeper than {Limits.MaxNesting}");
        return from.List(Limits.MaxTerms, (ref Decoder d) => Decode(ref d, nesting - 1));
    }
}
