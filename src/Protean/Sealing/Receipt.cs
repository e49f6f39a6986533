using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Sealing;

/// <summary>How a transaction ended (protocols 2.2, 8.3).</summary>
public enum ResultStatus : byte
{
    /// <summary>It happened.</summary>
    Ok = 0,

    /// <summary>The application refused; the replay key may be used up.</summary>
    Failed = 1,

    /// <summary>What it depended on had changed; try again with the next attempt.</summary>
    Stale = 2,

    /// <summary>Cancelled after its deadline.</summary>
    Cancelled = 3,
}

/// <summary>One transaction's result as it stands in a block's results tree (protocols 2.2).</summary>
public sealed record ResultLeaf(
    Digest PlanDigest, ushort TxIndex, Digest ReplayKey, Digest RequestDigest, Digest InputsDigest, string Function, ResultStatus Status, Digest OutputDigest)
    : ICanonical<ResultLeaf>
{
    /// <summary>Names this result; what "applied once" is keyed by (protocols 8.6).</summary>
    public Digest Hash => new Encoder().Value(this).ToHash("protean/leaf/v1");

    public void Encode(Encoder to) => to
        .Digest(PlanDigest).U16(TxIndex).Digest(ReplayKey).Digest(RequestDigest).Digest(InputsDigest).Text(Function).U8((byte)Status).Digest(OutputDigest);

    public static ResultLeaf Decode(ref Decoder from)
    {
        var (plan, index, replay, request, inputs) = (from.Digest(), from.U16(), from.Digest(), from.Digest(), from.Digest());
        var function = from.Text(Limits.MaxName);
        var status = from.U8();
        if (status > (byte)ResultStatus.Cancelled) throw new MalformedException($"result status {status}");
        return new ResultLeaf(plan, index, replay, request, inputs, function, (ResultStatus)status, from.Digest());
    }
}

/// <summary>A result with its path to a sealed results root: whoever knows the directory can check it, alone and offline.</summary>
public sealed record Receipt(ResultLeaf Leaf, uint Index, IReadOnlyList<Digest> Path, SealedHeader Seal) : ICanonical<Receipt>
{
    public SealHeader Header => Seal.Header;

    public void Encode(Encoder to) => to.Value(Leaf).U32(Index).List(Path, static (e, digest) => e.Digest(digest)).Value(Seal);

    public static Receipt Decode(ref Decoder from) => new(
        from.Value<ResultLeaf>(), from.U32(), from.List(Limits.MaxPath, static (ref Decoder d) => d.Digest()), from.Value<SealedHeader>());

    public bool Equals(Receipt? other) =>
        other is not null && Leaf == other.Leaf && Index == other.Index && Path.SequenceEqual(other.Path) && Seal == other.Seal;

    public override int GetHashCode() => Leaf.GetHashCode();
}
