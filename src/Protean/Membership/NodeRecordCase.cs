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

    internal string? GroupRefusal(string kind, Point generator, PublicKey key, Signature proof)
    {
        if (!Point.TryDecode(key.Span, out var point)) return "no point";
        return SigmaProof.TryDecode(proof.Span, out var possession)
            ? ProofOfPossession.Refusal(ContextOf(kind), generator, point, possession)
            : "no proof";
    }
}
