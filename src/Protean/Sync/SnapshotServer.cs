using Protean.Consensus;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Sync;

/// <summary>Gives members that are far behind what they need to go on.</summary>
internal sealed class SnapshotServer(UnitMemberParts parts, UnitState state, Sealer sealer, Checkpoints checkpoints, SimplexMember consensus)
{
    private const ulong Second = 1000;

    private readonly SortedDictionary<MemberId, (ulong Since, int Count)> _given = [];

    public SyncMessage? Answer(MemberId from, SyncMessage question, UnixMs now) => question switch
    {
        SyncMessage.Standing standing when MayGive(from, now) => Offer(standing),
        SyncMessage.WantLinks want when MayGive(from, now) => LinksFrom(want.Epoch),
        SyncMessage.WantEntries want when MayGive(from, now) => Entries(want),
        _ => null,
    };

    // Who is in this epoch is given the blocks themselves as long as they are kept.
    private SyncMessage.Offer? Offer(SyncMessage.Standing standing)
    {
        if (standing.Epoch > parts.Epoch || (standing.Epoch == parts.Epoch && consensus.CanServeAfter(standing.Height))) return null;
        return checkpoints.Newest(sealer) is { } newest && newest.Height > standing.Height ? new SyncMessage.Offer(parts.Epoch, newest) : null;
    }

    private SyncMessage.Links? LinksFrom(ulong epoch) =>
        epoch is 0 || epoch > parts.Epoch ? null : new SyncMessage.Links([.. parts.Directory.Links.Skip((int)(epoch - 1)).Take(Limits.MaxLinks)]);

    private SyncMessage.Entries? Entries(SyncMessage.WantEntries want) =>
        checkpoints.Holds(want.Height) && state.MapAt(Snapshot.Maps[want.Map], want.Height) is { } map
            ? new SyncMessage.Entries(want.Height, want.Map, map.ProveAfter(want.After?.Key))
            : null;

    private bool MayGive(MemberId member, UnixMs now)
    {
        var (since, count) = _given.GetValueOrDefault(member);
        if (now.Value < since || now.Value - since >= Second) (since, count) = (now.Value, 0);
        _given[member] = (since, count + 1);
        return count < Limits.MaxChunksPerSecond;
    }
}
