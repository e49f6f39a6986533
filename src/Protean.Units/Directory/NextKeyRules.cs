using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.Directory;

/// <summary>A node's consensus key for the next epoch, with what it is judged by.</summary>
/// <param name="Identity">Who signed the request.</param>
/// <param name="Next">The key and its epoch.</param>
/// <param name="Possession">That the node holds its secret.</param>
/// <param name="Unit">The directory unit, in the current epoch.</param>
/// <param name="Directory">Who serves now.</param>
/// <param name="State">The directory unit's data.</param>
public sealed record NextKeyCase(
    PublicKey Identity, NextKey Next, Signature Possession, UnitContext Unit, IDirectory Directory, MapView State)
{
    /// <summary>The kind of key that proofs of possession name.</summary>
    public const string KeyKind = "consensus";

    public Digest NodeId => NodeRecord.NodeIdOf(Identity);

    internal string? PossessionRefusal =>
        ProofOfPossession.Refusal(ProofOfPossession.Context(Unit.ChainId, NodeId, Next.Epoch, KeyKind), Next.ConsensusKey, Possession);

    /// <summary>Whether any node signs with this key now, or another one will.</summary>
    internal bool IsTaken =>
        Directory.Units.Any(unit => Directory.CommitteeOf(unit.UnitId, Unit.Epoch)?.Find(Next.ConsensusKey) is not null)
        || State.Scan(DirectoryKeys.AllNext).Any(entry =>
            DirectoryKeys.NodeOf(entry.Key) != NodeId && Canonical.Decode<NextKey>(entry.Value.Span).ConsensusKey == Next.ConsensusKey);
}

/// <summary>What a next consensus key holds to (protocols 9.1, 9.6).</summary>
public static class NextKeyRules
{
    public static Requirements<NextKeyCase> Checks { get; } = new(
        new("PRT-DIR-0110", "a node registers its keys with its identity key", "Sign with a node's identity key.", static asked =>
            asked.Directory.Genesis.Nodes.Any(node => node.IdentityKey == asked.Identity) ? null : new Finding($"{asked.Identity}")),
        new("PRT-DIR-0111", "a key is registered for the next epoch", "Register for the epoch after the current one.", static asked =>
            asked.Next.Epoch == asked.Unit.Epoch + 1 ? null : new Finding($"epoch {asked.Next.Epoch}", $"epoch {asked.Unit.Epoch + 1}")),
        new("PRT-DIR-0112", "a node must hold the secret of the key that it registers", "Prove it for this node, epoch and key.",
            static asked => asked.PossessionRefusal is { } code ? new Finding(code) : null),
        new("PRT-DIR-0113", "a key must be nobody's in this epoch and no other node's in the next", "Generate a new key.",
            static asked => asked.IsTaken ? new Finding($"{asked.Next.ConsensusKey}") : null));
}
