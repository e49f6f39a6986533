using System.Text;
using Protean.Cryptography;

namespace Protean.Membership;

/// <summary>The keys whose possession a node record proves (protocols 0.2, 9.1).</summary>
public static class KeyKinds
{
    public const string Consensus = "consensus", Encryption = "encryption", Pvss = "pvss";

    /// <summary>Hg: the base of the PVSS keys (protocols 4.2).</summary>
    public static Point PvssBase { get; } = HashToGroup.H2G("PVSS-H", []);
}

/// <summary>A record beside what its proofs of possession are bound to.</summary>
/// <param name="ContextOf">The context of a proof, by kind of key.</param>
public sealed record NodeRecordCase(NodeRecord Record, Func<string, byte[]> ContextOf)
{
    /// <summary>A record of a genesis, whose chain has no id yet.</summary>
    public static NodeRecordCase AtGenesis(NodeRecord record, string name, ulong timeMs) =>
        new(record, kind => ProofOfPossession.GenesisContext(Encoding.UTF8.GetBytes(name), timeMs, record.NodeId, record.ValidFrom, kind));
}

/// <summary>One check of a node record or a genesis.</summary>
/// <param name="What">The sentence that does not hold where the check fails.</param>
public sealed record MembershipCheck<T>(string Code, string What, Func<T, bool> Holds);

/// <summary>What must hold of a node record before anybody relies on it, in order.</summary>
public static class NodeRecordChecks
{
    // SubjectPublicKeyInfo of a P-256 key (RFC 5480) up to the coordinates of its uncompressed point: its one form.
    private static readonly byte[] P256Prefix = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
    private const int P256Size = 91;

    public static IReadOnlyList<MembershipCheck<NodeRecordCase>> All { get; } =
    [
        new("PRT-GEN-0001", "the identity key is a point of the prime-order subgroup", c => Ed25519.IsValidPoint(c.Record.IdentityKey)),
        new("PRT-GEN-0002", "the record is signed by its identity key",
            c => Ed25519.Verify(c.Record.IdentityKey, c.Record.SignedPayload(), c.Record.IdentitySignature)),
        new("PRT-GEN-0003", "the transport key is an ECDSA P-256 key",
            c => c.Record.TransportKey.Length == P256Size && c.Record.TransportKey.Span.StartsWith(P256Prefix)),
        new("PRT-GEN-0004", "the node holds the secret of its consensus key",
            c => ProofOfPossession.Refusal(c.ContextOf(KeyKinds.Consensus), c.Record.ConsensusKey, c.Record.Possession.Consensus) is null),
        new("PRT-GEN-0005", "the node holds the secret of its encryption key",
            c => Holds(c, KeyKinds.Encryption, Point.Base, c.Record.EncryptionKey, c.Record.Possession.Encryption)),
        new("PRT-GEN-0006", "the node holds the secret of its PVSS key",
            c => Holds(c, KeyKinds.Pvss, KeyKinds.PvssBase, c.Record.PvssKey, c.Record.Possession.Pvss)),
    ];

    /// <summary>The first check that does not hold, or null.</summary>
    public static MembershipCheck<NodeRecordCase>? Failed(NodeRecordCase record, IEnumerable<MembershipCheck<NodeRecordCase>> checks) =>
        checks.FirstOrDefault(check => !check.Holds(record));

    private static bool Holds(NodeRecordCase record, string kind, Point generator, PublicKey encoded, Signature proof) =>
        Point.TryDecode(encoded.Span, out var key)
        && SigmaProof.TryDecode(proof.Span, out var sigma)
        && ProofOfPossession.Refusal(record.ContextOf(kind), generator, key, sigma) is null;
}
