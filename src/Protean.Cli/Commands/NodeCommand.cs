using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Protean.Node;
using Protean.Node.Configuration;
using Protean.Units;
using Protean.Wasm;

namespace Protean.Cli.Commands;

/// <summary>`protean node`: one node, as an operator runs it on a machine of their own.</summary>
internal static class NodeCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "node.json: data, keys, genesis, listenPeer, listenApi.", Required = true };
        var passphrase = Options.PassphraseFile();
        var untilInputEnds = new Option<bool>("--until-input-ends") { Description = "Stop when the standard input ends, as it does when the parent process does." };
        return new Command("node", "Run one node until Ctrl-C.") { config, passphrase, untilInputEnds }.Does(async (parsed, terminal, cancel) =>
        {
            var configuration = NodeConfiguration.Read(parsed.GetRequiredValue(config).FullName);
            using var logs = LoggerFactory.Create(static logging =>
            {
                logging.AddSimpleConsole(static line => (line.SingleLine, line.TimestampFormat, line.UseUtcTimestamp) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", true));
                logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
            });
            using var engine = new WasmEngine();
            await using var node = await RunningNode.StartAsync(configuration, Passphrases.Find(parsed.GetValue(passphrase)), new Catalog(engine), logs);
            terminal.Say($"listening for nodes at {configuration.ListenPeer}, for clients at http://{configuration.ListenApi}; Ctrl-C stops");
            terminal.Answer(new JsonObject { ["peer"] = configuration.ListenPeer.ToString(), ["api"] = $"http://{configuration.ListenApi}" });
            var stopped = Stopped(parsed.GetValue(untilInputEnds), cancel);
            if (await Task.WhenAny(stopped, node.Ended) == node.Ended) await node.Ended;
            return Guarded.Done;
        });
    }

    private static async Task Stopped(bool untilInputEnds, CancellationToken cancel)
    {
        var cancelled = Task.Delay(Timeout.Infinite, cancel);
        await Task.WhenAny(untilInputEnds ? Task.Run(Console.In.ReadToEnd, CancellationToken.None) : cancelled, cancelled);
    }
}
