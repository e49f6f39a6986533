using Protean.Client;
using Protean.Node.LocalNetwork;

namespace Protean.Cli.Chaos;

/// <summary>What is asked of a run.</summary>
/// <param name="Length">Of the storm, or longer until every fault was let loose once; what comes before and after it is not counted.</param>
/// <param name="Seed">Of the faults and of what clients do.</param>
internal sealed record ChaosOptions(TimeSpan Length, ulong Seed, int Clients, IReadOnlyList<FaultKind> Faults);

/// <summary>A network of processes under load and faults, and whether everything held.</summary>
internal sealed class ChaosRun(NetworkFolder folder, ChaosOptions options, Terminal terminal)
{
    // Clients ask another member sooner than they usually would.
    private static readonly NetworkOptions Client = new() { Hold = TimeSpan.FromSeconds(2), Travel = TimeSpan.FromSeconds(2) };

    private readonly History _history = new();
    private readonly Violations _violations = new(terminal);

    public IReadOnlyList<Recorded> Operations => _history.All;
    public IReadOnlyList<string> Violations => _violations.All;
    public IReadOnlyDictionary<FaultKind, int> Fired { get; private set; } = new Dictionary<FaultKind, int>();
    public TimeSpan SlowestRecovery { get; private set; }

    private string HistoryFile => Path.Combine(folder.Root, "history.jsonl");

    public async Task Go(CancellationToken cancel)
    {
        await using var wires = Wires.Lay(folder);
        ChaosNode[] nodes = [.. folder.Nodes.Select(node => new ChaosNode(folder, node))];
        await using var running = await ChaosNode.StartAll(folder, nodes, terminal, cancel);
        Task<Network> Connect() => Network.Connect(running.Apis, folder.Genesis.ChainId, Client, cancel: cancel);
        using var load = new Load(Connect, _history);
        try
        {
            await Storm(new Storm(nodes, wires, Crew.Of(folder), options.Faults, options.Seed), load, cancel);
            await Judge(load, Connect, cancel);
        }
        finally
        {
            _history.Write(HistoryFile);
        }
        foreach (var death in nodes.SelectMany(static node => node.Deaths)) _violations.Add(death);
    }

    private async Task Storm(Storm storm, Load load, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var recovery = new Recovery(folder);
        var clients = load.Run(options.Clients, options.Seed, over.Token, cancel);
        Fired = storm.Fired;
        for (var begun = Environment.TickCount64; (storm.IsBlind || Environment.TickCount64 - begun < options.Length.TotalMilliseconds) && !clients.IsCompleted;)
        {
            var (what, length) = await storm.Begin();
            terminal.Step("fault", $"{what}, for {length.TotalSeconds:0.0} s");
            await Task.Delay(length, cancel);
            await storm.Heal(cancel);
            Note(await recovery.Measure(cancel));
        }
        await over.CancelAsync();
        await clients;
    }

    private void Note(IReadOnlyList<(string Unit, TimeSpan Took)> back)
    {
        var (unit, slowest) = back.MaxBy(static one => one.Took);
        terminal.Step("healed", $"every unit seals again after {slowest.TotalSeconds:0.00} s; {_history.All.Count} operations so far");
        if (slowest > SlowestRecovery) SlowestRecovery = slowest;
        if (slowest > Recovery.Bound) _violations.Add($"{unit}: back only {slowest.TotalSeconds:0.0} s after healing, {Recovery.Bound.TotalSeconds:0} s at most expected");
    }

    private async Task Judge(Load load, Func<Task<Network>> connect, CancellationToken cancel)
    {
        terminal.Step("judging", $"{_history.All.Count} operations");
        var judgement = new Judgement(folder, _history, _violations.Add);
        using var network = await connect();
        judgement.Linearizable();
        judgement.Verified();
        await judgement.Kept(network, load.Keys, cancel);
        await judgement.Once(cancel);
        await judgement.Equal(cancel);
        foreach (var kind in (string[])["read", "write", "set", "draw"])
            if (!_history.All.Any(one => one.Kind == kind && one.Returned is not null)) _violations.Add($"blind: no {kind} was answered");
    }
}
