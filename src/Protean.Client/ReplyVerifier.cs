using Protean.Client.Api;
using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Workflows;

namespace Protean.Client;

/// <summary>Verifies what members reply. What does not hold is thrown as <see cref="UnverifiedReplyException"/> or
/// <see cref="MalformedException"/>, so that another member is asked.</summary>
internal sealed class ReplyVerifier(LinkedDirectory directory)
{
    private readonly ReceiptVerifier _receipts = new(directory, Ed25519Scheme.Instance, new VerifiedSeals());
    private readonly Lock _lock = new();

    public LinkedDirectory Directory => directory;

    /// <summary>What the receipt of a request must be the receipt of.</summary>
    public static ReceiptClaim ClaimOf(Request request, IDirectory directory)
    {
        ResultStatus[] ends = [ResultStatus.Ok, ResultStatus.Failed, ResultStatus.Stale, ResultStatus.Cancelled];
        if (request is Request.Direct direct)
            return new ReceiptClaim(direct.UnitId, 0, direct.LastEpoch, direct.Function)
            {
                Statuses = ends,
                PlanDigest = RequestDigests.Direct(directory.ChainId, direct),
                Step = 0,
                ReplayKey = RequestDigests.ReplayKey(direct.Client, direct.Nonce),
            };
        var planned = (Request.Planned)request;
        var (plan, index) = (planned.Plan.Plan, planned.StepIndex);
        var step = plan.Workflow.Steps[index];
        var last = planned.Cancels ? plan.LastEpoch : plan.LastEpochOf(index);
        var claim = new ReceiptClaim(plan.UnitIdOf(step), plan.Instance.OpenEpoch, last, step.Function)
        {
            Statuses = ends,
            ReplayKey = RequestDigests.ReplayKey(plan, index, planned.Attempt),
        };
        return step.Scope == Scope.Plan ? claim with { PlanDigest = plan.Digest, Step = index } : claim;
    }

    public Result Result(SubmitReply reply, ReceiptClaim claim)
    {
        if (reply.Status != "done") throw new MalformedException($"status {reply.Status}");
        var receipt = Canonical.Decode<Receipt>(reply.Receipt);
        var outputs = Canonical.Decode<Outputs>(reply.Outputs);
        Require(Verify(receipt, claim));
        RequireOutputs(receipt, outputs);
        return new Result(receipt, outputs, new Bytes(reply.Record));
    }

    public SealedHeader Seal(byte[] bytes, Digest unitId, ulong minHeight, ulong minTimeMs)
    {
        var seal = Canonical.Decode<SealedHeader>(bytes);
        var header = seal.Header;
        if (header.Context.UnitId != unitId || header.Height < minHeight || header.TimeMs < minTimeMs)
            throw new MalformedException($"a seal of unit {header.Context.UnitId}, height {header.Height}, time {header.TimeMs}");
        lock (_lock) Require(_receipts.Verify(seal));
        return seal;
    }

    public static StateWitness Witness(byte[] bytes, SealedHeader seal, WitnessQuestion question)
    {
        var witness = Canonical.Decode<StateWitness>(bytes);
        Require(witness.Verify(seal.Header.StateRoot, question));
        return witness;
    }

    public ProvenKey Key(KeyReply reply, Digest unitId, string purpose)
    {
        var key = new ProvenKey(
            Canonical.Decode<Receipt>(reply.Receipt), Canonical.Decode<Outputs>(reply.Outputs), Canonical.Decode<KeyRecord>(reply.Record));
        Require(Verify(key.Receipt,
            new ReceiptClaim(unitId, 0, directory.CurrentEpoch, GeneratedKey.Function) { PlanDigest = Digest.Zero }));
        RequireOutputs(key.Receipt, key.Outputs);
        var committee = directory.CommitteeOf(unitId, key.Context.Epoch)!;
        Require(key.Record.Verify(key.Outputs, key.Context, committee, Ed25519Scheme.Instance, out var generated));
        if (generated!.Purpose != purpose) throw new MalformedException($"a key for {generated.Purpose}");
        return key;
    }

    public BeaconRecord BeaconRound(BeaconRecord record, Digest unitId, ulong round)
    {
        if (record.UnitId != unitId || record.Round != round) throw new MalformedException($"round {record.Round} of unit {record.UnitId}");
        lock (_lock)
            return record.Holds(_receipts) ? record : throw new MalformedException($"a record of round {round} that does not hold");
    }

    private Refusal? Verify(Receipt receipt, ReceiptClaim claim)
    {
        lock (_lock) return _receipts.Verify(receipt, claim);
    }

    private static void RequireOutputs(Receipt receipt, Outputs outputs)
    {
        if (outputs.Digest != receipt.Leaf.OutputDigest) throw new MalformedException("outputs that are not the receipt's");
    }

    private static void Require(Refusal? refusal)
    {
        if (refusal is not null) throw new UnverifiedReplyException(refusal);
    }
}
