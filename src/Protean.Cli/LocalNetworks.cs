using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Protean.Client;
using Protean.Node;
using Protean.Node.Configuration;
using Protean.Node.LocalNetwork;
using Protean.Units;
using Protean.Wasm;

namespace Protean.Cli;

/// <summary>Starts development networks.</summary>
internal static class LocalNetworks
{
    /// <summary>Starts all nodes and waits until all units are up.</summary>
    /// <param name="inProcesses">Each node in an operating-system process of its own.</param>
    public static Task<RunningNetwork> Start(NetworkFolder folder, bool inProcesses, Terminal terminal, CancellationToken cancel)
    {
        terminal.Step("network", $"{folder.Genesis.ChainId}");
        terminal.Step("nodes", $"{folder.Nodes.Count}, units of {folder.Shape.Members}, in {folder.Root}");
        return RunningNetwork.StartAsync(
            folder, inProcesses ? async (node, stop) => await StartProcess(folder, node, stop) : (node, _) => NodeInside.StartAsync(folder, node), terminal.Step, cancel);
    }

    /// <summary>Starts one node in an operating-system process of its own.</summary>
    public static Task<NodeProcess> StartProcess(NetworkFolder folder, LocalNode node, CancellationToken cancel) => NodeProcess.StartAsync(OwnCommand, folder, node, cancel);

    public static Task<Network> Connect(RunningNetwork running, CancellationToken cancel) =>
        Network.Connect(running.Apis, running.Folder.Genesis.ChainId, cancel: cancel);

    // `protean` is an executable of its own, or a library that `dotnet` runs.
    private static IReadOnlyList<string> OwnCommand
    {
        get
        {
            var library = typeof(LocalNetworks).Assembly.Location;
            var program = Environment.ProcessPath ?? "dotnet";
            return Path.GetFileNameWithoutExtension(program) switch
            {
                "protean" or "Protean.Cli" => [program],
                "dotnet" => [program, library],
                _ => ["dotnet", library],
            };
        }
    }

    /// <summary>A node in this process, with an engine of its own.</summary>
    private sealed class NodeInside(RunningNode node, WasmEngine engine) : INodeRun
    {
        public Task Ended => node.Ended;

        public static async Task<INodeRun> StartAsync(NetworkFolder folder, LocalNode node)
        {
            await Task.Yield();
            var engine = new WasmEngine();
            try
            {
                var configuration = NodeConfiguration.Read(node.ConfigurationFile);
                return new NodeInside(await RunningNode.StartAsync(configuration, Passphrases.OfFile(folder.PassphraseFile), new Catalog(engine), NullLoggerFactory.Instance), engine);
            }
            catch
            {
                engine.Dispose();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await node.DisposeAsync();
            engine.Dispose();
        }
    }
}
