using Protean.Codec;
using Protean.Runtime;
using Protean.Workflows;

namespace Protean.Units.Execution;

/// <summary>A contract's input: <c>bytes(method)</c>, then the arguments one after another, laid out as the contract reads them
/// (docs/contracts.md).</summary>
public static class CallInput
{
    public static Bytes Of(string method, IEnumerable<Bytes> arguments)
    {
        var input = new Encoder().Text(method);
        foreach (var argument in arguments) input.Raw(argument.Span);
        return Bytes.Wrap(input.ToArray());
    }

    /// <summary>Where the workflow lets a client, or an earlier result, choose the length of an argument that others follow: it could move
    /// their borders,
    /// and so give a price that the workflow fixes another meaning. Null where no argument can.</summary>
    public static Argument? Ambiguous(Workflow workflow, Step step)
    {
        Argument[] arguments = [.. step.Arguments.Where(static argument => argument.Name == ExecutionTransactions.ArgumentInput)];
        return arguments.SkipLast(1).FirstOrDefault(argument => !IsFixed(workflow, argument.Source));
    }

    private static bool IsFixed(Workflow workflow, Source source) => source switch
    {
        Source.Constant or Source.Parameter => true,
        Source.Client client => workflow.Input(client.Name) is { } input && Values.FixedLength(input.Kind) is not null,
        _ => false,
    };
}
