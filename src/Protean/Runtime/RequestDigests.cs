using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Workflows;

namespace Protean.Runtime;

/// <summary>The hashes that name a request, its inputs and what it may do only once (protocols 8.2, 8.4, 8.7).</summary>
public static class RequestDigests
{
    private const byte DirectScope = 255;

    /// <summary>Scope of results that a unit makes by itself: generated keys, beacon rounds, epoch records.</summary>
    private const byte DutyScope = 254;

    /// <summary>The replay key of a duty's result.</summary>
    public static Digest Duty(string function, Bytes subject) => ReplayKey(new Encoder().U8(DutyScope).Text(function).Raw(subject.Span));

    /// <summary>inputsDigest = H("protean/inputs/v1", list of (name, value)).</summary>
    /// <param name="inputs">In order of name; values of a repeated input in their own order.</param>
    public static Digest Inputs(IReadOnlyCollection<NamedValue> inputs) => new Encoder().List(inputs).ToHash("protean/inputs/v1");

    /// <summary>requestDigest: what a client signs.</summary>
    public static Digest Request(Digest unitId, Digest planDigest, ushort step, ushort attempt, Digest inputsDigest) =>
        new Encoder().Digest(unitId).Digest(planDigest).U16(step).U16(attempt).Digest(inputsDigest).ToHash("protean/req/v1");

    /// <summary>What stands for the plan in a direct request. It binds the function, which no plan does here.</summary>
    public static Digest Direct(Digest chainId, Request.Direct request) =>
        new Encoder().Digest(chainId).Digest(request.UnitId).Key(request.Client).U64(request.Nonce).U64(request.LastEpoch)
            .Text(request.Function).ToHash("protean/direct/v1");

    /// <summary>The bytes that are signed for a step of a plan.</summary>
    public static byte[] PlannedPayload(Digest chainId, Digest requestDigest) => Payload("request", chainId, requestDigest);

    /// <summary>The bytes that are signed for a direct request.</summary>
    public static byte[] DirectPayload(Digest chainId, Digest requestDigest) => Payload("direct", chainId, requestDigest);

    /// <summary>The replay key of a step in one attempt; of a once-only step whatever the plan and attempt.</summary>
    public static Digest ReplayKey(Plan plan, ushort step, ushort attempt)
    {
        var scope = plan.Workflow.Steps[step].Scope;
        var key = new Encoder().U8((byte)scope);
        if (scope == Scope.Plan) return ReplayKey(key.Digest(plan.Digest).U16(step).U16(attempt));
        key.Digest(plan.Instance.Id).Text(plan.Workflow.OperationOf(step));
        return ReplayKey(scope == Scope.InstanceAndClient ? key.Key(plan.Client) : key);
    }

    /// <summary>The replay key of a direct request.</summary>
    public static Digest ReplayKey(PublicKey client, ulong nonce) => ReplayKey(new Encoder().U8(DirectScope).Key(client).U64(nonce));

    private static Digest ReplayKey(Encoder key) => key.ToHash("protean/replay/v1");

    private static byte[] Payload(string tag, Digest chainId, Digest requestDigest) =>
        new Encoder().Digest(chainId).Digest(requestDigest).ToSignMsg(tag);
}
