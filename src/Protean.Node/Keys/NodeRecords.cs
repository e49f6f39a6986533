using System.Text;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Transport;

namespace Protean.Node.Keys;

/// <summary>What a node's record says beside its keys.</summary>
/// <param name="Operator">Who answers for the node.</param>
/// <param name="PeerAddress">host:port for other nodes.</param>
/// <param name="ApiAddress">URL for clients.</param>
public sealed record NodeDescription(string Operator, string PeerAddress, string ApiAddress, byte Tier = 1, ulong Stake = 0)
{
    public IReadOnlyList<string> Capabilities { get; init; } = [];
    public IReadOnlyList<NamedValue> Tags { get; init; } = [];
}

/// <summary>Makes node records: public keys with proofs of possession, signed by the identity (protocols 9.1).</summary>
public static class NodeRecords
{
    /// <summary>For a genesis, whose chain has no id yet.</summary>
    /// <param name="consensus">Of epoch 0.</param>
    public static NodeRecord ForGenesis(
        NodeKeys node, SigningKey consensus, NodeDescription description, string genesisName, ulong genesisTimeMs, IRandom random)
    {
        byte[] Context(string kind) =>
            ProofOfPossession.GenesisContext(Encoding.UTF8.GetBytes(genesisName), genesisTimeMs, node.NodeId, 0, kind);
        var proofs = new PossessionProofs(
            ProofOfPossession.Prove(Context(KeyKinds.Consensus), consensus),
            Proof(Context(KeyKinds.Encryption), Point.Base, node.Encryption, random),
            Proof(Context(KeyKinds.Pvss), KeyKinds.PvssBase, node.Pvss, random));
        var unsigned = new NodeRecord(
            node.Identity.PublicKey, description.Operator, consensus.PublicKey, EncryptionKeyOf(node), PvssKeyOf(node),
            TransportCertificate.PublicKeyOf(node.Transport), description.PeerAddress, description.ApiAddress, description.Tier,
            description.Capabilities, description.Stake, description.Tags, ValidFrom: 0, proofs, IdentitySignature: default);
        return unsigned with { IdentitySignature = node.Identity.Sign(unsigned.SignedPayload()) };
    }

    /// <summary>That a node holds the secret of its consensus key of a later epoch.</summary>
    public static Signature ProveConsensusKey(NodeKeys node, SigningKey consensus, Digest chainId, ulong epoch) =>
        ProofOfPossession.Prove(ProofOfPossession.Context(chainId, node.NodeId, epoch, KeyKinds.Consensus), consensus);

    /// <summary>The record of these keys in the genesis.</summary>
    /// <exception cref="RefusedException">No record of this identity, or one with other keys.</exception>
    public static NodeRecord Find(Genesis genesis, NodeKeys keys)
    {
        var record = genesis.Nodes.FirstOrDefault(node => node.IdentityKey == keys.Identity.PublicKey)
            ?? throw new RefusedException(NodeRefusals.NotInGenesis(keys.NodeId));
        var other =
            record.TransportKey != TransportCertificate.PublicKeyOf(keys.Transport) ? "transport"
            : record.EncryptionKey != EncryptionKeyOf(keys) ? KeyKinds.Encryption
            : record.PvssKey != PvssKeyOf(keys) ? KeyKinds.Pvss
            : null;
        return other is null ? record : throw new RefusedException(NodeRefusals.RecordOfOtherKeys(other));
    }

    private static PublicKey EncryptionKeyOf(NodeKeys node) => new(node.Encryption.MultiplyBase().Span);
    private static PublicKey PvssKeyOf(NodeKeys node) => new(node.Pvss.Multiply(KeyKinds.PvssBase).Span);

    private static Signature Proof(byte[] context, Point generator, SecretScalar secret, IRandom random) =>
        new(ProofOfPossession.Prove(context, generator, secret, random).Encode());
}
