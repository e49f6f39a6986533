using Protean.Codec;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Client.Plans;

/// <summary>How one attempt of a step ended: the request as it was submitted, and its sealed result.</summary>
public sealed record StepOutcome(Request.Planned Request, Result Result) : ICanonical<StepOutcome>
{
    public ushort Step => Request.StepIndex;
    public ushort Attempt => Request.Attempt;
    public string Name => Request.Plan.Plan.Workflow.Steps[Step].Name;
    public ResultStatus Status => Result.Status;

    public void Encode(Encoder to) => to.Value<Request>(Request).Value(Result.Receipt).Value(Result.Outputs).Bytes(Result.Record.Span);

    public static StepOutcome Decode(ref Decoder from)
    {
        if (Runtime.Request.Decode(ref from) is not Request.Planned request)
            throw new MalformedException("a step's request that is direct");
        return new StepOutcome(request, new Result(from.Value<Receipt>(), from.Value<Outputs>(), new Bytes(from.Bytes(Limits.MaxRecord))));
    }
}
