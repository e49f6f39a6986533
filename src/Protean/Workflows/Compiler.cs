using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Workflows;

/// <summary>What a compiler unit knows when it compiles: its own replicated state.</summary>
/// <param name="UnitId">The compiler unit.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Directory">As its log has it.</param>
/// <param name="NewestStateHeight">The newest height of the instance's state unit that it has seen sealed; 0 before the first.</param>
/// <param name="Units">What the network's units publish.</param>
public sealed record CompilerContext(Digest UnitId, ulong Epoch, IDirectory Directory, ulong NewestStateHeight,
    IReadOnlyList<PublishedUnit> Units);

/// <summary>What a client asks the compiler for.</summary>
/// <param name="Workflow">Its text, proven to stand in the instance's state unit.</param>
/// <param name="StateHeight">The height of that proof.</param>
/// <param name="Client">Who runs it.</param>
/// <param name="ClientNonce">Tells the client's plans for this workflow apart.</param>
public sealed record CompileRequest(Workflow Workflow, Instance Instance, ulong StateHeight, PublicKey Client, ulong ClientNonce);

/// <summary>A plan, or why there is none.</summary>
public abstract record Compilation
{
    private Compilation()
    {
    }

    public sealed record Compiled(Plan Plan) : Compilation;

    public sealed record Refused(IReadOnlyList<Refusal> Refusals) : Compilation;
}

/// <summary>Makes plans (protocols 8.1): pure, so that every member of the compiler unit makes the same one.</summary>
public static class Compiler
{
    /// <summary>What is asked before a plan is drawn up.</summary>
    public static Requirements<CompileCase> Checks { get; } = new(
        new("PRT-CMP-0101", "the instance must still be open", "Make a new instance.", static subject =>
            subject.Context.Epoch <= subject.Request.Instance.CloseEpoch ? null
                : new Finding($"epoch {subject.Context.Epoch}", $"at most {subject.Request.Instance.CloseEpoch}")),
        new("PRT-CMP-0102", "the instance must name a state unit", "Make an instance whose state unit the directory lists.",
            static subject =>
            subject.Context.Directory.Find(subject.Request.Instance.StateUnit)?.Class == PlanVerifier.StateClass
                ? null : new Finding($"unit {subject.Request.Instance.StateUnit}", "a unit of class state")),
        new("PRT-CMP-0103", "the workflow must be proven at a recent height", "Prove the workflow's text again.", static subject =>
            subject.Request.StateHeight + Limits.MaxStateLag >= subject.Context.NewestStateHeight
                ? null : new Finding($"height {subject.Request.StateHeight}",
                    $"{subject.Context.NewestStateHeight - Limits.MaxStateLag} or later"), Retry: true),
        new("PRT-CMP-0104", "the network must have every unit of the workflow", "Name units that the directory lists.", static subject =>
            subject.UnknownUnit()));

    public static Compilation Compile(CompileRequest request, CompilerContext context)
    {
        var violations = WorkflowRules.Check(request.Workflow, context.Units);
        if (violations.Count > 0) return new Compilation.Refused([.. violations.Select(static violation => violation.Refusal)]);
        var where = $"workflow {request.Workflow.Name} of {request.Instance.Name}";
        if (Checks.FirstRefusal(new CompileCase(request, context), where) is { } refusal) return new Compilation.Refused([refusal]);
        var plan = Draw(request, context);
        return PlanVerifier.ContentChecks.FirstRefusal(new PlanCase(plan, context.Directory), where) is { } wrong
            ? new Compilation.Refused([wrong])
            : new Compilation.Compiled(plan);
    }

    private static Plan Draw(CompileRequest request, CompilerContext context) => new(
        context.Directory.ChainId, context.UnitId, context.Epoch, request.Client, request.ClientNonce, request.Instance, request.Workflow,
            request.StateHeight,
        context.Epoch, Math.Min(context.Epoch + Limits.PlanEpochs, request.Instance.CloseEpoch),
        [.. request.Workflow.Units.Select(unit => Reference(context, unit))]);

    private static UnitReference Reference(CompilerContext context, UnitName name)
    {
        var unitId = context.Directory.Find(name.Class, name.Ordinal)!.UnitId;
        return new UnitReference(unitId, context.Epoch, context.Directory.CommitteeOf(unitId, context.Epoch)!.Hash);
    }
}

/// <summary>A wish for a plan with what it is judged by.</summary>
public sealed record CompileCase(CompileRequest Request, CompilerContext Context)
{
    internal Finding? UnknownUnit()
    {
        foreach (var name in Request.Workflow.Units)
            if (Context.Directory.Find(name.Class, name.Ordinal) is not { } unit
                || Context.Directory.CommitteeOf(unit.UnitId, Context.Epoch) is null)
                return new Finding($"{name}",
                    Nearest.Of(name.ToString(), Context.Directory.Units.Select(static entry =>
                    new UnitName(entry.Class, entry.Ordinal).ToString())));
        return null;
    }
}
