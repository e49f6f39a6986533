using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Membership;

/// <summary>What a genesis holds to, so that whoever knows its hash can rely on what it says (protocols 0.2, 9.1). A node reads no other;
/// a verifier trusts the hash alone.</summary>
public static class GenesisRules
{
    private const string MakeAnew = "Make the node's record anew.";

    // SubjectPublicKeyInfo of a P-256 key (RFC 5480) up to the coordinates of its uncompressed point: its one form.
    private static readonly byte[] P256Prefix = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
    private const int P256Size = 91;

    /// <summary>What is asked of each node's record.</summary>
    public static Requirements<NodeRecordCase> NodeChecks { get; } = new(
        new("PRT-GEN-0001", "a node's identity must sign its record", "Take the record as its operator published it.", static node =>
            Ed25519.IsValidPoint(node.Record.IdentityKey)
            && Ed25519.Verify(node.Record.IdentityKey, node.Record.SignedPayload(), node.Record.IdentitySignature)
                ? null : new Finding("a signature that does not hold")),
        new("PRT-GEN-0002", "a node must hold the secret of its consensus key", MakeAnew, static node => Found(ProofOfPossession.Refusal(
            node.ContextOf(KeyKinds.Consensus), node.Record.ConsensusKey, node.Record.Possession.Consensus))),
        new("PRT-GEN-0003", "a node must hold the secret of its encryption key", MakeAnew, static node => Found(node.GroupRefusal(
            KeyKinds.Encryption, Point.Base, node.Record.EncryptionKey, node.Record.Possession.Encryption))),
        new("PRT-GEN-0004", "a node must hold the secret of its PVSS key", MakeAnew, static node => Found(node.GroupRefusal(
            KeyKinds.Pvss, KeyKinds.PvssBase, node.Record.PvssKey, node.Record.Possession.Pvss))),
        new("PRT-GEN-0009", "a node's transport key must be an ECDSA P-256 key", MakeAnew, static node =>
            node.Record.TransportKey.Length == P256Size && node.Record.TransportKey.Span.StartsWith(P256Prefix)
                ? null : new Finding($"{node.Record.TransportKey.Length} bytes of another form")));

    /// <summary>What is asked of nodes and units together.</summary>
    public static Requirements<Genesis> Checks { get; } = new(
        new("PRT-GEN-0005", "no two nodes may share a key", "Give every node keys of its own.", static genesis =>
            AreDistinct(genesis.Nodes, static node => node.IdentityKey) && AreDistinct(genesis.Nodes, static node => node.ConsensusKey)
            && AreDistinct(genesis.Nodes, static node => node.TransportKey)
                ? null : new Finding("a key that stands twice")),
        new("PRT-GEN-0006", "no two units may have one name", "Number units of one class.", static genesis =>
            AreDistinct(genesis.Units, static unit => (unit.Class, unit.Ordinal)) ? null : new Finding("a unit that stands twice")),
        new("PRT-GEN-0007", "a unit's members must be nodes of the genesis", "Name nodes of the genesis.", static genesis =>
        {
            var nodes = genesis.Nodes.Select(static node => node.NodeId).ToHashSet();
            var unit = genesis.Units.FirstOrDefault(unit => !unit.Members.All(nodes.Contains));
            return unit is null ? null : new Finding("a member that is no node", Where: unit.Class);
        }),
        new("PRT-GEN-0008", "a unit's quorum must be safe", "Choose quorum and threshold by protocols 0.3.", static genesis =>
        {
            foreach (var unit in genesis.Units)
                if (UnsafeCommittee(genesis, unit) is { } why) return new Finding(why, Where: unit.Class);
            return null;
        }),
        new("PRT-GEN-0010", "every record must begin with the first epoch", "Make the record for this genesis.", static genesis =>
            genesis.Nodes.All(static node => node.ValidFrom == 0) ? null : new Finding("a later one", "epoch 0")),
        new("PRT-GEN-0011", "no two nodes may be reached at one address", "Give every node addresses of its own.", static genesis =>
            (Twice(genesis.Nodes.Select(static node => node.PeerAddress)) ?? Twice(genesis.Nodes.Select(static node => node.ApiAddress)))
            is { } address ? new Finding($"{address} twice") : null));

    /// <summary>The refusal of the first check that fails, of the records first; null where all hold.</summary>
    public static Refusal? Refusal(Genesis genesis) =>
        genesis.Nodes.Select(node => RecordRefusal(genesis, node)).FirstOrDefault(static refusal => refusal is not null)
        ?? Checks.FirstRefusal(genesis);

    /// <summary>The same for one record of it.</summary>
    public static Refusal? RecordRefusal(Genesis genesis, NodeRecord node) =>
        NodeChecks.FirstRefusal(NodeRecordCase.AtGenesis(node, genesis.Name, genesis.TimeMs), $"node {node.NodeId}");

    private static Finding? Found(string? code) => code is null ? null : new Finding(code);

    // A node that gives none is reached by nobody.
    private static string? Twice(IEnumerable<string> addresses) =>
        addresses.Where(static address => address.Length > 0).CountBy(static address => address).FirstOrDefault(static address => address.Value > 1).Key;

    private static bool AreDistinct<T, TKey>(IReadOnlyList<T> values, Func<T, TKey> key) => values.DistinctBy(key).Count() == values.Count;

    private static string? UnsafeCommittee(Genesis genesis, UnitSpec unit)
    {
        try
        {
            genesis.CommitteeOf(unit);
            return null;
        }
        catch (MalformedException malformed)
        {
            return malformed.Message;
        }
    }
}
