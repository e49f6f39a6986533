using System.CommandLine;
using Protean.Cli.Commands;

namespace Protean.Cli;

/// <summary>The `protean` command.</summary>
public static class CommandLine
{
    /// <summary>Nodes close their stores within this time after Ctrl-C; then the process ends whatever they do.</summary>
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(30);

    /// <summary>Everything that can be typed. Shells complete it through `dotnet-suggest`.</summary>
    public static RootCommand Create() => new("PROTEAN: a decentralized computing platform of functional units.")
    {
        DemoCommand.Create(), VerifyCommand.Create(), DevCommand.Create(), StatusCommand.Create(), WorkflowCommand.Create(),
        NodeCommand.Create(), KeysCommand.Create(), GenesisCommand.Create(), SimulateCommand.Create(), ExploreCommand.Create(),
        ChaosCommand.Create(), SecretCommand.Create(),
    };

    /// <param name="arguments">As typed, without the program's name.</param>
    /// <param name="output">What was asked for.</param>
    /// <param name="error">Refusals, and with --json the progress.</param>
    /// <param name="cancel">As Ctrl-C.</param>
    /// <returns>0: done. 1: refused, or a verdict against what was checked. 130: stopped by Ctrl-C.</returns>
    public static Task<int> Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancel = default) =>
        Create().Parse(arguments).InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop }, cancel);
}
