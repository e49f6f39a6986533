using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;
using Protean.Workflows;

namespace Protean.Runtime;

/// <summary>The word of a unit that acts for a client: the receipt of its transaction <see cref="Function"/>, which names one step of one plan and the
/// inputs that the client gave for it (protocols 10.1). No other transaction of any unit authorises a step.</summary>
public static class Drive
{
    public const string Function = "drive";

    /// <summary>What the receipt of a step opens to; with these inputs the step may be asked for, in whichever attempt.</summary>
    public static Outputs OutputsOf(Digest planDigest, ushort step, IReadOnlyCollection<NamedValue> clientArguments) => new(
    [
        new("arguments", new Bytes(Hash.H("protean/drive/v1", new Encoder().List(clientArguments).Written).Span)),
        new("planDigest", new Bytes(planDigest.Span)),
        new("step", Values.OfU64(step)),
    ]);

    internal static Finding? WrongReceipt(AdmissionCase.Planned planned)
    {
        if (planned.Subject.Authorization is not Authorization.Unit unit)
            return planned.Request.Drive is null ? null : new Finding("a unit's receipt", "none, for the step is not a unit's to ask for");
        if (planned.Request.Drive is not { } receipt) return new Finding("nothing", $"a receipt of {planned.Workflow.Units[unit.Index]}");
        var claim = new ReceiptClaim(planned.IdOf(unit.Index), planned.Plan.NotBeforeEpoch, planned.Plan.LastEpochOf(planned.Step), Function);
        if (planned.Receipts.Verify(receipt, claim) is { } refusal) return Finding.Of(refusal);
        var wanted = OutputsOf(planned.PlanDigest, planned.Step, planned.Request.ClientArguments).Digest;
        return receipt.Leaf.OutputDigest == wanted ? null : new Finding($"outputs {receipt.Leaf.OutputDigest}", $"outputs {wanted}");
    }
}
