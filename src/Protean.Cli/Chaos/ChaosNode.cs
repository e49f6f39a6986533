using System.Collections.Concurrent;
using Protean.Node.LocalNetwork;

namespace Protean.Cli.Chaos;

/// <summary>A node in a process of its own that is killed, paused and started again.</summary>
internal sealed class ChaosNode(NetworkFolder folder, LocalNode node) : INodeRun
{
    private readonly ConcurrentQueue<string> _deaths = [];
    private NodeProcess? _process;
    private bool _paused;

    public LocalNode Local => node;

    /// <summary>Why its process ended though nobody ended it.</summary>
    public IReadOnlyCollection<string> Deaths => _deaths;

    /// <summary>What its process holds of memory now; 0 where there is none.</summary>
    public long ResidentBytes => _process?.ResidentBytes ?? 0;

    public Task Ended { get; } = new TaskCompletionSource().Task;

    /// <summary>Starts all nodes of a network, and waits until all units are up.</summary>
    public static Task<RunningNetwork> StartAll(NetworkFolder folder, IReadOnlyList<ChaosNode> nodes, Terminal terminal, CancellationToken cancel) =>
        RunningNetwork.StartAsync(folder, async (local, stop) =>
        {
            await nodes[local.Number - 1].StartAsync(stop);
            return nodes[local.Number - 1];
        }, terminal.Step, cancel);

    public async Task StartAsync(CancellationToken cancel)
    {
        var process = await LocalNetworks.StartProcess(folder, node, cancel);
        _process = process;
        _ = Watch(process);
    }

    public async Task KillAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        await process.KillAsync();
    }

    public void Pause()
    {
        _process?.Pause();
        _paused = true;
    }

    public void Resume()
    {
        if (_paused) _process?.Resume();
        _paused = false;
    }

    /// <summary>Starts it again if it does not run, lets it go on if it is paused.</summary>
    public async Task HealAsync(CancellationToken cancel)
    {
        Resume();
        if (_process is null) await StartAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        Resume();
        if (_process is { } process) await process.DisposeAsync();
        _process = null;
    }

    private async Task Watch(NodeProcess process)
    {
        try
        {
            await process.Ended;
        }
        catch (Node.RefusedException ended)
        {
            _deaths.Enqueue($"node {node.Number} ended by itself: {ended.Refusal}");
        }
    }
}
