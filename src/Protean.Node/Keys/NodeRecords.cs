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
    public static NodeRecord ForGenesis(
        NodeKeys node, EpochKeys keys, NodeDescription description, string genesisName, ulong genesisTimeMs, IRandom random) =>
        Make(
            node, keys, description,
            kind => ProofOfPossession.GenesisContext(Encoding.UTF8.GetBytes(genesisName), genesisTimeMs, node.NodeId, keys.Epoch, kind),
            random);

    /// <summary>For a later epoch.</summary>
    public static NodeRecord ForEpoch(NodeKeys node, EpochKeys keys, NodeDescription description, Digest chainId, IRandom random) =>
        Make(node, keys, description, kind => ProofOfPossession.Context(chainId, node.NodeId, keys.Epoch, kind), random);

    private static NodeRecord Make(
        NodeKeys node, EpochKeys keys, NodeDescription description, Func<string, byte[]> contextOf, IRandom random)
    {
        var proofs = new PossessionProofs(
            ProofOfPossession.Prove(contextOf(KeyKinds.Consensus), keys.Consensus),
            Proof(contextOf(KeyKinds.Encryption), Point.Base, keys.Encryption, random),
            Proof(contextOf(KeyKinds.Pvss), KeyKinds.PvssBase, keys.Pvss, random));
        var unsigned = new NodeRecord(
            node.Identity.PublicKey, description.Operator, keys.Consensus.PublicKey, Key(keys.Encryption.MultiplyBase()),
            Key(keys.Pvss.Multiply(KeyKinds.PvssBase)), TransportCertificate.PublicKeyOf(node.Transport), description.PeerAddress,
            description.ApiAddress, description.Tier, description.Capabilities, description.Stake, description.Tags, keys.Epoch, proofs,
            default);
        return unsigned with { IdentitySignature = node.Identity.Sign(unsigned.SignedPayload()) };
    }

    private static Signature Proof(byte[] context, Point generator, SecretScalar secret, IRandom random) =>
        new(ProofOfPossession.Prove(context, generator, secret, random).Encode());

    private static PublicKey Key(Point point) => new(point.Span);
}
