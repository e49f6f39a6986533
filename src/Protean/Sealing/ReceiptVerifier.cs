using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Sealing;

/// <summary>Seals whose certificates were found good, so that many receipts of one block cost one certificate. Remembers no failures, so no
/// verdict depends on it.
/// Not for several threads at once.</summary>
public sealed class VerifiedSeals
{
    private readonly HashSet<Digest> _good = [];

    internal static Digest NameOf(SealedHeader seal) => new Encoder().Value(seal).ToHash("protean/verified/v1");

    internal bool Contains(Digest name) => _good.Contains(name);

    internal void Add(Digest name)
    {
        if (_good.Count == Limits.MaxVerifiedSeals) _good.Clear();
        _good.Add(name);
    }
}

/// <summary>What a receipt must be the receipt of.</summary>
/// <param name="UnitId">The unit that did it.</param>
/// <param name="FirstEpoch">First epoch in which it may have done it.</param>
/// <param name="LastEpoch">Last one.</param>
/// <param name="Function">The transaction.</param>
public sealed record ReceiptClaim(Digest UnitId, ulong FirstEpoch, ulong LastEpoch, string Function)
{
    /// <summary>The ends that are accepted.</summary>
    public IReadOnlyList<ResultStatus> Statuses { get; init; } = [ResultStatus.Ok];

    /// <summary>Null where any plan will do.</summary>
    public Digest? PlanDigest { get; init; }

    /// <summary>Null where any step will do.</summary>
    public ushort? Step { get; init; }

    /// <summary>Null where any replay key will do.</summary>
    public Digest? ReplayKey { get; init; }
}

/// <summary>Verifies seals and receipts for anyone who knows the directory: units at admission, clients, the offline verifier (protocols
/// 2.2).</summary>
/// <param name="directory">Where committees come from; never from what is verified.</param>
/// <param name="scheme">How signatures are checked.</param>
/// <param name="verified">Seals found good before.</param>
/// <param name="without">For tests: the code of a check to leave out.</param>
public sealed class ReceiptVerifier(IDirectory directory, ISignatureScheme scheme, VerifiedSeals verified, string? without = null)
{
    /// <summary>What is asked of a seal.</summary>
    public static Requirements<SealCase> SealChecks { get; } = new([
        new("PRT-RCT-0001", "the seal must be of this network", "Use receipts of the network that the request goes to.", static seal =>
            Differs(seal.Context.ChainId, seal.Directory.ChainId)),
        new("PRT-RCT-0002", "unit and epoch of the seal must stand in the directory",
            "Bring the directory up to date, or discard the receipt.", static seal =>
            seal.Committee is null ? new Finding(
                $"unit {seal.Context.UnitId}, epoch {seal.Context.Epoch}", "a unit and epoch of the directory") : null, Retry: true),
        new("PRT-RCT-0003", "the seal must be bound to the committee that the directory names", "Discard the receipt.", static seal =>
            seal.Committee is null ? null : Differs(seal.Context.CommitteeHash, seal.Committee.Hash)),
        .. QuorumSignature.Form.Of(static (SealCase seal) => seal.Committee is null ? null : new QuorumCase(seal.Certificate, seal.Committee)),
        new("PRT-RCT-0005", "every signature under the seal must hold", "Discard the receipt and ask another member.", static seal =>
            seal.Committee is null || seal.SignaturesHold() ? null
                : new Finding("a signature that does not hold", "signatures of the committee's members")),
    ]);

    /// <summary>What is asked of a receipt, after its seal.</summary>
    public static Requirements<ReceiptCase> ReceiptChecks { get; } = new(
        new("PRT-RCT-0006", "the result must stand in the sealed results", "Discard the receipt and ask another member.", static receipt =>
            MerkleTree.Verify(receipt.Header.ResultsRoot, receipt.Header.ResultsCount, receipt.Receipt.Index,
                Canonical.Encode(receipt.Leaf), receipt.Receipt.Path)
                ? null : new Finding($"result {receipt.Receipt.Index} of {receipt.Header.ResultsCount}", "a path to the results root")),
        new("PRT-RCT-0007", "the receipt must be of the unit that the step names", "Give the receipt of the right step.", static receipt =>
            Differs(receipt.Header.Context.UnitId, receipt.Claim.UnitId)),
        new("PRT-RCT-0008", "the receipt must be of an epoch in which the step could run",
            "Run the step under a plan that has not expired.", static receipt =>
            receipt.Header.Context.Epoch >= receipt.Claim.FirstEpoch && receipt.Header.Context.Epoch <= receipt.Claim.LastEpoch ? null
                : new Finding(
                $"epoch {receipt.Header.Context.Epoch}", $"{receipt.Claim.FirstEpoch} to {receipt.Claim.LastEpoch}")),
        new("PRT-RCT-0009", "the receipt must be of the transaction that the step names", "Give the receipt of the right step.",
            static receipt =>
            receipt.Leaf.Function == receipt.Claim.Function ? null : new Finding(receipt.Leaf.Function, receipt.Claim.Function)),
        new("PRT-RCT-0010", "the result must have ended as it is needed", "See why the step before ended so.", static receipt =>
            receipt.Claim.Statuses.Contains(receipt.Leaf.Status) ? null
                : new Finding($"{receipt.Leaf.Status}", string.Join(" or ", receipt.Claim.Statuses))),
        new("PRT-RCT-0011", "the receipt must be of the same plan", "Run the steps of one plan, or ask for a new plan.", static receipt =>
            receipt.Claim.PlanDigest is { } plan ? Differs(receipt.Leaf.PlanDigest, plan) : null),
        new("PRT-RCT-0012", "the receipt must be of the step that is depended on", "Give the receipt of the right step.", static receipt =>
            receipt.Claim.Step is { } step && receipt.Leaf.TxIndex != step ? new Finding($"step {receipt.Leaf.TxIndex}", $"step {step}")
                : null),
        new("PRT-RCT-0013", "the receipt must be of the operation that the instance allows once",
            "Give the receipt of this instance's operation.", static receipt =>
            receipt.Claim.ReplayKey is { } key ? Differs(receipt.Leaf.ReplayKey, key) : null));

    /// <summary>What is asked of an output shown with a receipt.</summary>
    public static Requirements<(Receipt Receipt, Opening Opening)> OpeningChecks { get; } = new(
        new Requirement<(Receipt Receipt,
            Opening Opening)>("PRT-RCT-0014", "the output must be the one in the receipt", "Give the output that the unit returned.",
            static shown =>
            shown.Opening.Opens(shown.Receipt.Leaf.OutputDigest) ? null
                : new Finding($"output {shown.Opening.Value.Name}", "a path to the output digest")));

    public IDirectory Directory => directory;

    /// <summary>The seal is its unit's: null, or the first check that fails.</summary>
    public Refusal? Verify(SealedHeader seal)
    {
        var name = VerifiedSeals.NameOf(seal);
        if (verified.Contains(name)) return null;
        var refusal = SealChecks.FirstRefusal(new SealCase(seal, directory, scheme), without: without);
        if (refusal is null) verified.Add(name);
        return refusal;
    }

    /// <summary>The receipt is the claimed one: null, or the first check that fails.</summary>
    public Refusal? Verify(Receipt receipt, ReceiptClaim claim) =>
        Verify(receipt.Seal) ?? ReceiptChecks.FirstRefusal(new ReceiptCase(receipt, claim), without: without);

    /// <summary>The output is the receipt's: null, or the check that fails.</summary>
    public Refusal? Verify(Receipt receipt, Opening opening) => OpeningChecks.FirstRefusal((receipt, opening), without: without);

    private static Finding? Differs(Digest got, Digest expected) =>
        got == expected ? null : new Finding(got.ToString(), expected.ToString());
}

/// <summary>A seal with what it is judged by.</summary>
public sealed record SealCase(SealedHeader Seal, IDirectory Directory, ISignatureScheme Scheme)
{
    public UnitContext Context => Seal.Header.Context;
    public QuorumSignature Certificate => Seal.Certificate;

    /// <summary>As the directory has it; null where it has none.</summary>
    public Committee? Committee { get; } = Directory.CommitteeOf(Seal.Header.Context.UnitId, Seal.Header.Context.Epoch);

    public bool SignaturesHold() =>
        Certificate.Signers.All(Committee!.Contains) && Certificate.SignaturesHold(Committee, Seal.Header.SignedPayload(), Scheme);
}

/// <summary>A receipt with what it is said to be.</summary>
public sealed record ReceiptCase(Receipt Receipt, ReceiptClaim Claim)
{
    public ResultLeaf Leaf => Receipt.Leaf;
    public SealHeader Header => Receipt.Header;
}
