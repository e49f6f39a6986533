using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Membership;

/// <summary>A unit as it serves in one epoch.</summary>
/// <param name="Keys">Its threshold keys: purpose, and the canonical outputs of the key generation. In order of purpose.</param>
public sealed record EpochUnit(Digest UnitId, string Class, uint Ordinal, Committee Committee, IReadOnlyList<NamedValue> Keys)
    : ICanonical<EpochUnit>
{
    public void Encode(Encoder to) => to.Digest(UnitId).Text(Class).U32(Ordinal).Value(Committee).List(Keys);

    public static EpochUnit Decode(ref Decoder from)
    {
        var unit = new EpochUnit(
            from.Digest(), from.Text(Limits.MaxName), from.U32(), from.Value<Committee>(), from.List<NamedValue>(Limits.MaxParameters));
        Ascending.Require(unit.Keys, static key => key.Name, "keys of a unit");
        return unit;
    }
}

/// <summary>Everything that verifiers need to know of one epoch (protocols 9.6). Each record names the one before it; the first names the
/// genesis.</summary>
/// <param name="Epoch">0 is the genesis'.</param>
/// <param name="PreviousHash">Of the record before; the chain's id in epoch 0.</param>
/// <param name="Units">In genesis order.</param>
/// <param name="Parameters">The network's, as the genesis gives them.</param>
/// <param name="LibraryVersion">What members run: see <see cref="Library"/>.</param>
public sealed record EpochRecord(
    ulong Epoch, Digest PreviousHash, IReadOnlyList<EpochUnit> Units, IReadOnlyList<NamedValue> Parameters, string LibraryVersion)
        : ICanonical<EpochRecord>
{
    /// <summary>The version of the rules that this library executes: members of one epoch run the same.</summary>
    public const string Library = "protean/1";

    private const byte Version = 1;

    /// <summary>H("protean/epoch/v1", EpochRecord).</summary>
    public Digest Hash => new Encoder().Value(this).ToHash("protean/epoch/v1");

    /// <summary>What both committees of a link sign: the old one that this follows, the new one that it accepts (protocols 9.6).</summary>
    public byte[] LinkPayload(Digest chainId) => new Encoder().Digest(chainId).Digest(Hash).ToSignMsg("epoch");

    public static EpochRecord OfGenesis(Genesis genesis) => new(
        0, genesis.ChainId,
        [.. genesis.Units.Select(unit =>
            new EpochUnit(unit.UnitId(genesis.ChainId), unit.Class, unit.Ordinal, genesis.CommitteeOf(unit), []))],
        genesis.Parameters, Library);

    public void Encode(Encoder to) => to.U8(Version).U64(Epoch).Digest(PreviousHash).List(Units).List(Parameters).Text(LibraryVersion);

    public static EpochRecord Decode(ref Decoder from)
    {
        var version = from.U8();
        if (version != Version) throw new MalformedException($"epoch record version {version}, {Version} expected");
        return new EpochRecord(
            from.U64(), from.Digest(), from.List<EpochUnit>(Limits.MaxUnits), from.List<NamedValue>(Limits.MaxParameters),
                from.Text(Limits.MaxName));
    }

    public bool Equals(EpochRecord? other) => other is not null && Hash == other.Hash;
    public override int GetHashCode() => Hash.GetHashCode();
}
