namespace Protean.Cli.Chaos;

/// <summary>What can be done to a network.</summary>
internal enum FaultKind
{
    /// <summary>Processes end by SIGKILL and are started again: never more than f of any unit.</summary>
    Kill,

    /// <summary>Processes stand still by SIGSTOP and go on: never more than f of any unit.</summary>
    Pause,

    /// <summary>Links are cut: around up to f of any unit, one way or both, or right through the network.</summary>
    Partition,

    /// <summary>Links are slow.</summary>
    Slow,
}

/// <summary>Draws faults from a seed and lets them loose, some at a time, until they are healed.</summary>
/// <param name="kinds">At least one.</param>
internal sealed class Storm(IReadOnlyList<ChaosNode> nodes, Wires wires, IReadOnlyList<Crew> crews, IReadOnlyList<FaultKind> kinds, ulong seed)
{
    // Peers give each other up after 20 s of silence: some cuts outlast that.
    private const int ShortestMs = 1_000, LongestMs = 5_000, LongMs = 25_000, OneInLong = 8, LeastDelayMs = 20, MostDelayMs = 300;

    private readonly Random _random = new(unchecked((int)seed));
    private readonly Queue<FaultKind> _first = new(kinds);

    /// <summary>How often each fault was let loose.</summary>
    public SortedDictionary<FaultKind, int> Fired { get; } = new(kinds.ToDictionary(static kind => kind, static _ => 0));

    /// <summary>Whether some kind was not let loose yet.</summary>
    public bool IsBlind => _first.Count > 0;

    /// <summary>Each kind once, then whatever is drawn; now and then two at a time.</summary>
    /// <returns>What was done, and how long it is to last.</returns>
    public async Task<(string What, TimeSpan Length)> Begin()
    {
        var drawn = new SortedSet<FaultKind> { _first.TryDequeue(out var next) ? next : kinds[_random.Next(kinds.Count)] };
        if (_first.Count == 0 && _random.Next(3) == 0) drawn.Add(kinds[_random.Next(kinds.Count)]);
        // Who is killed, paused and cut off together stays within what the units bear.
        var victims = Victims();
        var said = new List<string>();
        foreach (var kind in drawn)
        {
            said.Add(await Begin(kind, victims));
            Fired[kind]++;
        }
        var isLong = _first.Count == 0 && _random.Next(OneInLong) == 0;
        return (string.Join("; ", said), TimeSpan.FromMilliseconds(isLong ? LongMs : _random.Next(ShortestMs, LongestMs)));
    }

    /// <summary>Takes every fault away: links are whole, and every process runs.</summary>
    public async Task Heal(CancellationToken cancel)
    {
        wires.Mend();
        await Task.WhenAll(nodes.Select(node => node.HealAsync(cancel)));
    }

    private async Task<string> Begin(FaultKind kind, IReadOnlyList<ChaosNode> victims)
    {
        switch (kind)
        {
            case FaultKind.Kill:
                await Task.WhenAll(victims.Select(static node => node.KillAsync()));
                return $"kill -9 {Names(victims)}";
            case FaultKind.Pause:
                foreach (var node in victims) node.Pause();
                return $"pause {Names(victims)}";
            case FaultKind.Partition:
                return _random.Next(3) == 0 ? Split() : CutOff(victims);
            default:
                return SlowDown();
        }
    }

    private string CutOff(IReadOnlyList<ChaosNode> victims)
    {
        var (isDeaf, isMute) = _random.Next(3) switch { 0 => (true, false), 1 => (false, true), _ => (true, true) };
        foreach (var wire in wires.All)
            foreach (var number in victims.Select(static node => node.Local.Number))
            {
                if (wire.From(number) is not { } outward) continue;
                if (isMute) outward.Cut();
                if (isDeaf) wire.Lanes.Single(lane => lane != outward).Cut();
            }
        return $"cut off {Names(victims)}{(isDeaf && isMute ? "" : isMute ? ", outward" : ", inward")}";
    }

    private string Split()
    {
        var side = Shuffled(nodes)[..(nodes.Count / 2)];
        var numbers = side.Select(static node => node.Local.Number).ToHashSet();
        foreach (var wire in wires.All.Where(wire => numbers.Contains(wire.Dialler) != numbers.Contains(wire.Dialled)))
            foreach (var lane in wire.Lanes) lane.Cut();
        return $"split {Names(side)} from the others";
    }

    private string SlowDown()
    {
        var slow = Shuffled(wires.All)[..(1 + _random.Next(wires.All.Count))];
        foreach (var lane in slow.SelectMany(static wire => wire.Lanes)) lane.Delay = TimeSpan.FromMilliseconds(_random.Next(LeastDelayMs, MostDelayMs));
        return $"{slow.Length} of {wires.All.Count} links slow";
    }

    private ChaosNode[] Victims()
    {
        var all = Crew.Bearable(nodes, crews, _random);
        return [.. all.Take(1 + _random.Next(all.Count)).OrderBy(static node => node.Local.Number)];
    }

    private T[] Shuffled<T>(IEnumerable<T> all)
    {
        T[] shuffled = [.. all];
        _random.Shuffle(shuffled);
        return shuffled;
    }

    private static string Names(IEnumerable<ChaosNode> nodes) => string.Join(", ", nodes.Select(static node => $"node {node.Local.Number}").Order(StringComparer.Ordinal));
}
