using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;
using Protean.Workflows;
using PlanCompiler = Protean.Workflows.Compiler;

namespace Protean.Units.Compiler;

/// <summary>Turns a workflow and an instance, both proven, into a plan (paper 3.4; protocols 8.1). The receipt of <c>compile</c> is the
/// plan's signature.</summary>
/// <param name="published">What the network's units publish.</param>
public sealed class CompilerUnit(IReadOnlyList<PublishedUnit> published) : IFunctionalUnit
{
    public string Name => PlanVerifier.CompilerClass;
    public IReadOnlyList<Transaction> Transactions => CompilerTransactions.All;

    public void Join(IMembership membership) =>
        membership.Handle(CompilerTransactions.Compile.Name, call => Compile(call, membership.Context, membership.Directory));

    private Outcome Compile(Call call, UnitContext unit, IDirectory directory)
    {
        var request = call.Admitted;
        var (subject, unproven) = ProvenSubject.Read(request.State, call.Digest("instance"), call.Text("workflow"));
        if (subject is null) return new Outcome.Refused(unproven!);
        var wish = new CompileRequest(
            subject.Workflow, subject.Instance, request.State!.Header.Height, request.Caller!.Value, call.U64("nonce"));
        var seen = NewestHeight(call.State, subject.Instance.StateUnit);
        var context = new CompilerContext(unit.UnitId, unit.Epoch, directory, seen, published);
        switch (PlanCompiler.Compile(wish, context))
        {
            case Compilation.Compiled compiled:
                var steps = (ulong)wish.Workflow.Steps.Count;
                if (PlanQuota.Debit(call.State, unit.Epoch, wish.Client, steps, call.Height) is { } spent) return new Outcome.Refused(spent);
                Remember(call, subject.Instance.StateUnit, wish.StateHeight);
                return CallOutcomes.Ok(
                    CallOutcomes.Output(SealedPlan.Output, compiled.Plan.Digest),
                    new NamedValue("plan", Bytes.Wrap(Canonical.Encode(compiled.Plan))));
            case Compilation.Refused refused:
                return new Outcome.Refused(refused.Refusals[0]);
            default:
                throw new InvalidOperationException("a compilation that ended in no way");
        }
    }

    // A client cannot choose a past in which other things stood: heights seen only grow (protocols 8.1).
    private static ulong NewestHeight(MapView state, Digest stateUnit) =>
        state.Get(SeenKey(stateUnit)) is { } entry ? BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : 0;

    private static void Remember(Call call, Digest stateUnit, ulong height)
    {
        if (height > NewestHeight(call.State, stateUnit))
            call.State.Put(new MapEntry(SeenKey(stateUnit), call.Height, Bytes.Empty, Values.OfU64(height)));
    }

    private static Bytes SeenKey(Digest stateUnit) => Bytes.Wrap([.. "seen/"u8, .. stateUnit.Span]);
}
