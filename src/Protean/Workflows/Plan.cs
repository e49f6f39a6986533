using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Workflows;

/// <summary>A unit as a plan fixes it: its committee in one epoch. The directory maps its later epochs.</summary>
public sealed record UnitReference(Digest UnitId, ulong Epoch, Digest CommitteeHash) : ICanonical<UnitReference>
{
    public void Encode(Encoder to) => to.Digest(UnitId).U64(Epoch).Digest(CommitteeHash);
    public static UnitReference Decode(ref Decoder from) => new(from.Digest(), from.U64(), from.Digest());
}

/// <summary>How one client runs one workflow of one instance (protocols 8.1): the output of the compiler's <c>compile</c>, sealed by its
/// receipt.</summary>
/// <remarks>It holds the workflow itself, so whoever holds the plan recomputes the codeHash that the instance pins; the compiler is trusted
/// for the units and the dates, not for the steps.</remarks>
/// <param name="ChainId">The network.</param>
/// <param name="CompilerUnit">The compiler.</param>
/// <param name="CompilerEpoch">Epoch in which it was compiled.</param>
/// <param name="Client">Whom it was made for.</param>
/// <param name="ClientNonce">Tells a client's plans for one workflow apart.</param>
/// <param name="Instance">The run of the application.</param>
/// <param name="Workflow">The steps.</param>
/// <param name="StateHeight">Height of the instance's state unit at which the workflow's text was proven.</param>
/// <param name="NotBeforeEpoch">First epoch in which its steps run.</param>
/// <param name="ExpiryEpoch">Last one.</param>
/// <param name="Units">In the order of <see cref="Workflow.Units"/>.</param>
public sealed record Plan(
    Digest ChainId, Digest CompilerUnit, ulong CompilerEpoch, PublicKey Client, ulong ClientNonce, Instance Instance, Workflow Workflow,
    ulong StateHeight, ulong NotBeforeEpoch, ulong ExpiryEpoch, IReadOnlyList<UnitReference> Units) : ICanonical<Plan>
{
    private const byte Version = 1;

    // With whose it is: a copy made by "with" has another.
    private (Plan? Of, Digest Value) _digest;

    /// <summary>planDigest = H("protean/plan/v1", Plan).</summary>
    public Digest Digest
    {
        get
        {
            if (!ReferenceEquals(_digest.Of, this)) _digest = (this, new Encoder().Value(this).ToHash("protean/plan/v1"));
            return _digest.Value;
        }
    }

    public Digest UnitIdOf(Step step) => Units[step.Unit].UnitId;

    /// <summary>The last epoch in which a step may run: one that makes up for a failure has one more (protocols 8.3).</summary>
    public ulong LastEpochOf(int step) => Workflow.Steps.Any(other => other.OnFailure == step) ? LastEpoch : ExpiryEpoch;

    /// <summary>The last epoch in which anything of it may happen: what makes up for a failure, and what cancels.</summary>
    public ulong LastEpoch => ExpiryEpoch + 1;

    public void Encode(Encoder to) => to
        .U8(Version).Digest(ChainId).Digest(CompilerUnit).U64(CompilerEpoch).Key(Client).U64(ClientNonce).Value(Instance).Value(Workflow)
        .U64(StateHeight).U64(NotBeforeEpoch).U64(ExpiryEpoch).List(Units);

    public static Plan Decode(ref Decoder from)
    {
        var version = from.U8();
        if (version != Version) throw new MalformedException($"plan version {version}, {Version} expected");
        var plan = new Plan(
            from.Digest(), from.Digest(), from.U64(), from.Key(), from.U64(), from.Value<Instance>(), from.Value<Workflow>(),
            from.U64(), from.U64(), from.U64(), from.List<UnitReference>(Limits.MaxFields));
        if (plan.Units.Count != plan.Workflow.Units.Count)
            throw new MalformedException($"plan of {plan.Units.Count} units for a workflow of {plan.Workflow.Units.Count}");
        return plan;
    }

    public bool Equals(Plan? other) => other is not null && Digest == other.Digest;
    public override int GetHashCode() => Digest.GetHashCode();
}

/// <summary>A plan with the compiler's word for it: the receipt of <c>compile</c>, and its output <c>planDigest</c> opened.</summary>
public sealed record SealedPlan(Plan Plan, Receipt Receipt, Opening Opening) : ICanonical<SealedPlan>
{
    /// <summary>The transaction that makes plans.</summary>
    public const string Function = "compile";

    /// <summary>The output of <see cref="Function"/> that names the plan.</summary>
    public const string Output = "planDigest";

    public void Encode(Encoder to) => to.Value(Plan).Value(Receipt).Value(Opening);
    public static SealedPlan Decode(ref Decoder from) => new(from.Value<Plan>(), from.Value<Receipt>(), from.Value<Opening>());
}
