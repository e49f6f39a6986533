using System.Text;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Membership;

/// <summary>What a genesis holds to, so that whoever knows its hash can rely on what it says (protocols 0.2, 9.1). Nobody needs it who trusts those that
/// made the genesis; a verifier trusts the hash alone.</summary>
public static class GenesisRules
{
    /// <summary>Kinds of keys that proofs of possession name.</summary>
    public const string ConsensusKind = "consensus", EncryptionKind = "encryption", PvssKind = "pvss";

    /// <summary>Hg, the base of PVSS keys (protocols 4.2).</summary>
    public static Point PvssBase { get; } = HashToGroup.H2G("PVSS-H", []);

    /// <summary>What is asked of each node's record.</summary>
    public static Requirements<GenesisNode> NodeChecks { get; } = new(
        new("PRT-GEN-0001", "a node's identity must sign its record", "Take the genesis that the network's operators published.", static node =>
            Ed25519.IsValidPoint(node.Record.IdentityKey) && Ed25519.Verify(node.Record.IdentityKey, node.Record.SignedPayload(), node.Record.IdentitySignature)
                ? null : new Finding("a signature that does not hold")),
        new("PRT-GEN-0002", "a node must hold the secret of its consensus key", "Make the node's record anew.", static node =>
            Found(ProofOfPossession.Refusal(node.Context(ConsensusKind), node.Record.ConsensusKey, node.Record.Possession.Consensus))),
        new("PRT-GEN-0003", "a node must hold the secret of its encryption key", "Make the node's record anew.", static node =>
            Found(node.GroupRefusal(EncryptionKind, Point.Base, node.Record.EncryptionKey, node.Record.Possession.Encryption))),
        new("PRT-GEN-0004", "a node must hold the secret of its PVSS key", "Make the node's record anew.", static node =>
            Found(node.GroupRefusal(PvssKind, PvssBase, node.Record.PvssKey, node.Record.Possession.Pvss))));

    /// <summary>What is asked of nodes and units together.</summary>
    public static Requirements<Genesis> Checks { get; } = new(
        new("PRT-GEN-0005", "no two nodes may have one identity or one consensus key", "Give every node keys of its own.", static genesis =>
            genesis.Nodes.DistinctBy(static node => node.IdentityKey).Count() == genesis.Nodes.Count && genesis.Nodes.DistinctBy(static node => node.ConsensusKey).Count() == genesis.Nodes.Count
                ? null : new Finding("a key that stands twice")),
        new("PRT-GEN-0006", "no two units may have one name", "Number units of one class.", static genesis =>
            genesis.Units.DistinctBy(static unit => (unit.Class, unit.Ordinal)).Count() == genesis.Units.Count ? null : new Finding("a unit that stands twice")),
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
        }));

    private static Finding? Found(string? code) => code is null ? null : new Finding(code);

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

/// <summary>A node's record in the genesis that it stands in.</summary>
public sealed record GenesisNode(Genesis Genesis, NodeRecord Record)
{
    /// <summary>What the proof of possession of a key of this kind is bound to.</summary>
    public byte[] Context(string kind) =>
        ProofOfPossession.GenesisContext(Encoding.UTF8.GetBytes(Genesis.Name), Genesis.TimeMs, Record.NodeId, Record.ValidFrom, kind);

    internal string? GroupRefusal(string kind, Point generator, PublicKey key, Signature proof)
    {
        if (!Point.TryDecode(key.Span, out var point)) return "no point";
        return SigmaProof.TryDecode(proof.Span, out var possession) ? ProofOfPossession.Refusal(Context(kind), generator, point, possession) : "no proof";
    }
}
