using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.State;

namespace Protean.Units.Directory;

/// <summary>The record of the next epoch, from what was registered in this one (protocols 9.6): unchanged members, new consensus
/// keys.</summary>
public static class EpochSuccession
{
    /// <summary>A function of the directory's data and of the current record alone, so every member comes to the same. A node that
    /// registered no key keeps its own.</summary>
    public static EpochRecord NextRecord(MapView state, EpochRecord current)
    {
        var epoch = current.Epoch + 1;
        var keys = NextKeys(state, epoch);
        return new EpochRecord(
            epoch, current.Hash,
            [.. current.Units.Select(unit => unit with { Committee = WithKeys(unit.Committee, keys), Keys = KeysOf(state, unit.UnitId) })],
            current.Parameters, EpochRecord.Library);
    }

    private static Dictionary<Digest, PublicKey> NextKeys(MapView state, ulong epoch) => state.Scan(DirectoryKeys.AllNext)
        .Select(static entry => (Node: DirectoryKeys.NodeOf(entry.Key), Next: Canonical.Decode<NextKey>(entry.Value.Span)))
        .Where(pair => pair.Next.Epoch == epoch)
        .ToDictionary(static pair => pair.Node, static pair => pair.Next.ConsensusKey);

    private static Committee WithKeys(Committee committee, Dictionary<Digest, PublicKey> keys) => new(
        [.. committee.Members.Select(member => keys.TryGetValue(member.NodeId, out var key) ? member with { ConsensusKey = key } : member)],
        committee.Quorum, committee.Threshold);

    private static IReadOnlyList<NamedValue> KeysOf(MapView state, Digest unitId) =>
    [
        .. state.Scan(DirectoryKeys.KeysOf(unitId)).Select(entry => new NamedValue(
            DirectoryKeys.PurposeOf(entry.Key, unitId),
                Bytes.Wrap(Canonical.Encode(Canonical.Decode<RegisteredKey>(entry.Value.Span).Outputs)))),
    ];
}
