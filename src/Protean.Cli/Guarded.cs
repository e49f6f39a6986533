using System.CommandLine;
using Protean.Runtime;

namespace Protean.Cli;

/// <summary>How a command is run: whatever goes wrong is shown as a refusal, never as a stack trace.</summary>
internal static class Guarded
{
    public const int Done = 0, Refused = 1, Stopped = 130;

    /// <summary>Set to 1 to see, besides the refusal, where in the program it arose: for those who mend it.</summary>
    private const string TraceVariable = "PROTEAN_TRACE";

    /// <summary>Makes a command do something.</summary>
    /// <param name="command">Which; it gets the option --json.</param>
    /// <param name="body">Gives the exit code.</param>
    public static Command Does(this Command command, Func<ParseResult, Terminal, CancellationToken, Task<int>> body)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object; progress goes to the error output." };
        command.Options.Add(json);
        command.SetAction((parsed, cancel) =>
        {
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(json));
            return Run(terminal, () => body(parsed, terminal, cancel), cancel);
        });
        return command;
    }

    /// <summary>The refusal that an exception stands for.</summary>
    public static Refusal RefusalOf(Exception exception) => exception switch
    {
        Client.RefusedException refused => refused.Refusal,
        Node.RefusedException refused => refused.Refusal,
        AggregateException { InnerException: { } inner } => RefusalOf(inner),
        IOException or UnauthorizedAccessException => CommandRefusals.FileUnusable(exception.Message),
        _ => CommandRefusals.Fault(exception),
    };

    private static async Task<int> Run(Terminal terminal, Func<Task<int>> body, CancellationToken cancel)
    {
        try
        {
            return await body();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return Stopped;
        }
        // The one place where every fault of a command ends.
        catch (Exception exception)
        {
            if (Environment.GetEnvironmentVariable(TraceVariable) == "1") terminal.Say(exception.ToString());
            terminal.Refuse(RefusalOf(exception));
            return Refused;
        }
    }
}
