using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Consensus;

/// <summary>Who put an entry into the log, and how it is read (protocols 0.4).</summary>
public enum EntryKind : byte
{
    /// <summary>A client's request.</summary>
    Request = 1,

    /// <summary>A member's contribution, signed by the member.</summary>
    Contribution = 2,

    /// <summary>The next epoch's record with its link: the block that carries it is the last of its epoch.</summary>
    Epoch = 4,
}

/// <summary>One entry of a unit's log.</summary>
public sealed record Entry(EntryKind Kind, Bytes Body) : ICanonical<Entry>
{
    /// <summary>Names the entry; computed once, since pools, proposals and finalisation all ask for it.</summary>
    public Digest Hash { get; } = new Encoder(Body.Length + 5).U8((byte)Kind).Bytes(Body.Span).ToHash("protean/entry/v1");

    public void Encode(Encoder to) => to.U8((byte)Kind).Bytes(Body.Span);

    public static Entry Decode(ref Decoder from)
    {
        var kind = (EntryKind)from.U8();
        if (kind is not (EntryKind.Request or EntryKind.Contribution or EntryKind.Epoch)) throw new MalformedException($"entry kind {(byte)kind}");
        return new Entry(kind, new Bytes(from.Bytes(Limits.MaxEntry)));
    }
}

/// <summary>What consensus asks of the unit whose entries it orders.</summary>
public interface IApplication
{
    /// <summary>R1 "entries valid": decodes and is within limits. A pure function of the entry's bytes.</summary>
    bool IsValid(Entry entry);

    /// <summary>Block time at which the unit has something to do by itself (beacon round, key-generation window, awaited time), or
    /// null.</summary>
    UnixMs? NextDue { get; }

    /// <summary>The highest height whose seal certificate this member holds; null before the first.</summary>
    SealedHeader? LastSeal { get; }

    /// <summary>Whether a seal certificate shown by another member holds for this unit and epoch.</summary>
    bool SealHolds(SealedHeader seal);
}
