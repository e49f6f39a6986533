using Protean.Membership;

namespace Protean.Node.LocalNetwork;

/// <summary>A development network whose nodes run. Disposing stops them all.</summary>
public sealed class RunningNetwork : IAsyncDisposable
{
    /// <summary>For all units to come up; key generation of 31 members on a busy machine takes a while.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly List<INodeRun> _runs = [];

    private RunningNetwork(NetworkFolder folder) => Folder = folder;

    public NetworkFolder Folder { get; }

    /// <summary>Ends, with a failure, when a node ends by itself.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public IReadOnlyList<Uri> Apis => [.. Folder.Nodes.Select(static node => node.Api)];

    /// <summary>Starts every node and waits until every unit is up.</summary>
    /// <param name="startNode">In this process or in its own.</param>
    /// <param name="say">Told each step of each unit.</param>
    /// <exception cref="RefusedException">Of the first node or unit that does not come up; everything is stopped again.</exception>
    public static async Task<RunningNetwork> StartAsync(
        NetworkFolder folder, Func<LocalNode, CancellationToken, Task<INodeRun>> startNode, Action<string> say, CancellationToken cancel)
    {
        var network = new RunningNetwork(folder);
        try
        {
            await network.StartNodes(startNode, cancel);
            await network.UntilUp(say, cancel);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_runs.Select(static run => run.DisposeAsync().AsTask()));

    // All are waited for, even if one is refused: what has started must be known so that it is stopped.
    private async Task StartNodes(Func<LocalNode, CancellationToken, Task<INodeRun>> startNode, CancellationToken cancel)
    {
        Task<INodeRun>[] starts = [.. Folder.Nodes.Select(node => startNode(node, cancel))];
        await ((Task)Task.WhenAll(starts)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _runs.AddRange(starts.Where(static start => start.IsCompletedSuccessfully).Select(static start => start.Result));
        await Task.WhenAll(starts);
        Ended = Task.WhenAny(_runs.Select(static run => run.Ended)).Unwrap();
    }

    private async Task UntilUp(Action<string> say, CancellationToken cancel)
    {
        using var http = new HttpClient();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var directory = new LinkedDirectory(Folder.Genesis);
        var apis = Folder.Nodes.ToDictionary(static node => node.Record.NodeId, static node => node.Api);
        var watching = Task.WhenAll(directory.Units.Select(unit =>
            new UnitWatch(http, unit, [.. directory.CommitteeOf(unit.UnitId, 0)!.Members.Select(member => apis[member.NodeId])], say).UntilUp(Patience, stop.Token)));
        var first = await Task.WhenAny(watching, Ended);
        if (first != watching) await stop.CancelAsync();
        await first;
    }
}
