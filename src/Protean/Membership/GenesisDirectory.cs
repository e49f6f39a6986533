using Protean.Cryptography;

namespace Protean.Membership;

/// <summary>The directory as the genesis alone tells it, with the epoch records that followed.</summary>
public sealed class GenesisDirectory : IDirectory
{
    private readonly Dictionary<Digest, Committee> _committees = [];

    public GenesisDirectory(Genesis genesis)
    {
        Genesis = genesis;
        ChainId = genesis.ChainId;
        Units = [.. genesis.Units.Select(unit => new UnitEntry(unit.UnitId(ChainId), unit.Class, unit.Ordinal))];
        for (var i = 0; i < Units.Count; i++) _committees.Add(Units[i].UnitId, genesis.CommitteeOf(genesis.Units[i]));
    }

    public Genesis Genesis { get; }
    public Digest ChainId { get; }
    public ulong CurrentEpoch => 0;
    public IReadOnlyList<UnitEntry> Units { get; }

    public Committee? CommitteeOf(Digest unitId, ulong epoch) => epoch == 0 ? _committees.GetValueOrDefault(unitId) : null;
}
