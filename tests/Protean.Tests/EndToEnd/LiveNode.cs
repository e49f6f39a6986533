using Microsoft.Extensions.Logging.Abstractions;
using Protean.Node;
using Protean.Node.Configuration;
using Protean.Node.Keys;
using Protean.Node.LocalNetwork;
using Protean.Units;
using Protean.Wasm;

namespace Protean.Tests.EndToEnd;

/// <summary>A node in this process that can be stopped and started again on the same folder.</summary>
internal sealed class LiveNode(NetworkFolder network, LocalNode node) : INodeRun
{
    private WasmEngine? _engine;
    private RunningNode? _run;

    public LocalNode Local => node;
    public NodeConfiguration Configuration => NodeConfiguration.Read(node.ConfigurationFile);
    public Task Ended { get; } = new TaskCompletionSource().Task;

    /// <exception cref="RefusedException">As the node refuses; then nothing of it runs.</exception>
    public async Task StartAsync()
    {
        var engine = new WasmEngine();
        try
        {
            // Off the caller's thread: nodes that start together open their keys together.
            var passphrase = Passphrase.FromText(await File.ReadAllTextAsync(network.PassphraseFile));
            _run = await Task.Run(() => RunningNode.StartAsync(Configuration, passphrase, new Catalog(engine), NullLoggerFactory.Instance));
            _engine = engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    public async Task StopAsync()
    {
        if (_run is { } run) await run.DisposeAsync();
        _engine?.Dispose();
        (_run, _engine) = (null, null);
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
