using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;
using Protean.Workflows;

namespace Protean.Simulator.Runs;

/// <summary>A request as a client sent it, with what its result must be.</summary>
/// <param name="Lie">What executing it would violate, where the client should not get away with it.</param>
public sealed record Asked(
    Request Request, Bytes Bytes, Digest Entry, Digest PlanDigest, ushort Step, string Function, Digest ReplayKey, Digest RequestDigest,
    IReadOnlyList<NamedValue> Inputs, Invariant? Lie)
{
    public Plan? Plan => (Request as Request.Planned)?.Plan.Plan;

    /// <summary>What the receipt of it must be the receipt of.</summary>
    public ReceiptClaim Claim(Digest unit) => new(unit, 0, 1, Function)
    {
        Statuses = [ResultStatus.Ok, ResultStatus.Failed, ResultStatus.Stale],
        PlanDigest = PlanDigest,
        Step = Step,
        ReplayKey = ReplayKey,
    };

    /// <summary>Signs a request as its client would.</summary>
    /// <param name="key">Null leaves it unsigned.</param>
    /// <returns>Null where the request lacks what its inputs are bound to, so that nobody can sign or execute it.</returns>
    public static Asked? Of(Request request, Surroundings network, IReadOnlyList<Transaction> transactions, SigningKey? key, Invariant? lie = null)
    {
        if (RequestSigning.TryResolve(request, network.Directory, transactions, out var resolved) is not null) return null;
        if (RequestSigning.TryPayload(request, network.Directory, transactions, out var payload) is not null) return null;
        NamedValue[] inputs = [.. resolved!.Select(input => new NamedValue(input.Name, input.Value))];
        var signed = key is null ? request : request.With(new KeySignature(key.PublicKey, network.Scheme.Sign(key, payload)));
        var bytes = Bytes.Wrap(Canonical.Encode(signed));
        var entry = new Consensus.Entry(Consensus.EntryKind.Request, bytes).Hash;
        switch (request)
        {
            case Request.Direct direct:
                var named = RequestDigests.Direct(network.Directory.ChainId, direct);
                return new Asked(signed, bytes, entry, named, 0, direct.Function, RequestDigests.ReplayKey(direct.Client, direct.Nonce),
                    RequestDigests.Request(direct.UnitId, named, 0, 0, RequestDigests.Inputs(inputs)), inputs, lie);
            case Request.Planned planned:
                var plan = planned.Plan.Plan;
                var step = plan.Workflow.Steps[planned.StepIndex];
                return new Asked(signed, bytes, entry, plan.Digest, planned.StepIndex, step.Function,
                    RequestDigests.ReplayKey(plan, planned.StepIndex, planned.Attempt),
                    RequestDigests.Request(plan.UnitIdOf(step), plan.Digest, planned.StepIndex, planned.Attempt, RequestDigests.Inputs(inputs)), inputs, lie);
            default:
                throw new InvalidOperationException("a request is planned or direct");
        }
    }
}
