using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.Randomness;

namespace Protean.Client.Proof;

/// <summary>The threshold keys that random values are checked with.</summary>
internal static class KeyChecks
{
    public static IReadOnlyList<ProofCheck> All { get; } =
    [
        new("PRT-PRF-0006", "every key must be sealed by its unit, with the outputs shown", static proof =>
            proof.File.Keys.Select(key => SealedBy(proof, key))),
        new("PRT-PRF-0007", "every key must be the sum of its members' dealings", static proof =>
            proof.File.Keys.Select(key => Regenerate(proof, key))),
    ];

    private static Finding? SealedBy(ProofCase proof, ProvenKey key)
    {
        var claim = new ReceiptClaim(key.UnitId, 0, proof.Directory.CurrentEpoch, GeneratedKey.Function) { PlanDigest = Digest.Zero };
        if (proof.Receipts.Verify(key.Receipt, claim) is { } refusal) return Finding.Of(refusal, $"unit {key.UnitId}");
        return key.Outputs.Digest == key.Receipt.Leaf.OutputDigest
            ? null : new Finding(key.Outputs.Digest.ToString(), key.Receipt.Leaf.OutputDigest.ToString(), $"unit {key.UnitId}");
    }

    private static Finding? Regenerate(ProofCase proof, ProvenKey key)
    {
        var committee = proof.Directory.CommitteeOf(key.UnitId, key.Context.Epoch)!;
        if (key.Record.Verify(key.Outputs, key.Context, committee, Ed25519Scheme.Instance, out var generated) is { } refusal)
            return Finding.Of(refusal, $"unit {key.UnitId}");
        proof.Keys.Add(key.UnitId, generated!);
        return null;
    }
}
