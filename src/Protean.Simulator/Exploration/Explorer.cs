namespace Protean.Simulator.Exploration;

/// <param name="Views">Views explored to their end.</param>
/// <param name="ByzantineLeads">The view that the Byzantine member leads, 1 to 4.</param>
/// <param name="Restarts">Honest members may crash at any moment and start again on their disk.</param>
/// <param name="EndsEpoch">The entry that ends the epoch waits from the start.</param>
/// <param name="MaxStates">The search ends, incomplete, at so many states.</param>
public sealed record ExplorationSettings(ulong Views, ulong ByzantineLeads, bool Restarts = true, bool EndsEpoch = false, long MaxStates = long.MaxValue);

/// <param name="MemberStates">Of the three honest members, each by itself.</param>
/// <param name="Depth">Steps from the start to the farthest state.</param>
/// <param name="IsComplete">Every state within the bound was visited.</param>
/// <param name="Effective">How often each kind of input changed a member's state.</param>
/// <param name="Violation">Null where safety holds.</param>
/// <param name="Steps">The shortest way to the violation.</param>
public sealed record ExplorationReport(
    ExplorationSettings Settings, long States, long Transitions, int Depth, IReadOnlyList<int> MemberStates, bool IsComplete,
    IReadOnlyDictionary<string, long> Effective, string? Violation, IReadOnlyList<string> Steps);

/// <summary>Searches all that three honest production members can come to, beside one Byzantine member that says anything to anybody.
/// </summary>
/// <remarks>Whatever was said can be heard by anyone at any later time, again or never: the network is the set of things said. So a state is
/// the three members' states alone, each right after it has said something; one step is what a member hears and then says (see
/// <see cref="Reach"/>). docs/model.md tells what is left out.</remarks>
public sealed class Explorer
{
    private const int Honest = World.Size - 1;
    private const int BitsPerMember = 21;

    private readonly ExplorationSettings _settings;
    private readonly Lexicon _lexicon;
    private readonly MemberSpace[] _spaces;
    private readonly Dictionary<ulong, ulong> _cameFrom = [];
    private readonly Dictionary<(int State, UInt128, UInt128), Reach>[] _reach = [[], [], []];
    private readonly Dictionary<(int State, UInt128, UInt128), int[]>[] _roots = [[], [], []];
    private (int Member, int[] Before, int State, string What)? _violation;
    private long _transitions;

    public Explorer(ExplorationSettings settings)
    {
        _settings = settings;
        var world = new World(settings.EndsEpoch);
        var byzantine = World.Leaders[settings.ByzantineLeads];
        _lexicon = new Lexicon(world, settings.Views, byzantine);
        _spaces = [.. World.Committee.Ids.Where(id => id != byzantine).Select(id => new MemberSpace(world, _lexicon, id, settings.Restarts))];
    }

    /// <summary>Breadth first, so that what is found is found by its shortest way.</summary>
    public ExplorationReport Run()
    {
        var start = Pack([0, 0, 0]);
        _cameFrom[start] = start;
        var (level, depth) = (new List<ulong> { start }, 0);
        while (level.Count > 0)
        {
            var next = new List<ulong>();
            foreach (var state in level)
            {
                foreach (var to in Successors(state))
                {
                    _transitions++;
                    if (_cameFrom.TryAdd(to, state)) next.Add(to);
                }
                if (_violation is { } found) return Report(depth, false, found.What, WayTo(state, found.Member, found.Before, found.State));
                if (_cameFrom.Count >= _settings.MaxStates) return Report(depth, false, null, []);
            }
            if (next.Count > 0) depth++;
            level = next;
        }
        return Report(depth, true, null, []);
    }

    private ExplorationReport Report(int depth, bool isComplete, string? violation, IReadOnlyList<string> steps)
    {
        var effective = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (deed, count) in _spaces.SelectMany(static space => space.Effective))
            effective[deed.ToString()] = effective.GetValueOrDefault(deed.ToString()) + count;
        return new(_settings, _cameFrom.Count, _transitions, depth, [.. _spaces.Select(static space => space.Count)], isComplete, effective, violation, steps);
    }

    private IEnumerable<ulong> Successors(ulong state)
    {
        var numbers = Unpack(state);
        for (var i = 0; i < Honest; i++)
            foreach (var to in After(i, numbers)) yield return Pack([.. numbers.Select((number, j) => j == i ? to : number)]);
    }

    private int[] After(int member, int[] numbers)
    {
        var key = Key(member, numbers);
        if (_roots[member].TryGetValue(key, out var roots)) return roots;
        roots = [.. From(member, numbers).After.GroupBy(number => _spaces[member][number].Sent)
            .SelectMany(group => Roots(member, numbers, group))];
        _reach[member].Remove(key);
        return _roots[member][key] = roots;
    }

    // Of states that have said the same, one that another comes to without a word is not visited: the other goes through it.
    private List<int> Roots(int member, int[] numbers, IEnumerable<int> states)
    {
        var roots = new List<(int State, Reach Reach)>();
        foreach (var state in states)
        {
            if (roots.Any(root => root.Reach.Covers(state))) continue;
            var reach = From(member, [.. numbers.Select((number, i) => i == member ? state : number)]);
            roots.RemoveAll(root => reach.Covers(root.State));
            roots.Add((state, reach));
        }
        return [.. roots.Select(static root => root.State)];
    }

    // What a member does depends on its state and on what the others have said, not on their states.
    private (int, UInt128, UInt128) Key(int member, int[] numbers) => (numbers[member], Sent(numbers, (member + 1) % Honest), Sent(numbers, (member + 2) % Honest));

    private Reach From(int member, int[] numbers)
    {
        var key = Key(member, numbers);
        if (_reach[member].TryGetValue(key, out var known)) return known;
        var reach = Search(member, numbers);
        if (reach.Violation is { } violation) _violation ??= (member, numbers, violation.State, violation.What);
        return _reach[member][key] = reach;
    }

    private UInt128 Sent(int[] numbers, int member) => _spaces[member][numbers[member]].Sent;

    private Reach Search(int member, int[] numbers)
    {
        var said = Enumerable.Range(0, Honest).ToDictionary(i => _spaces[i].Member, i => Sent(numbers, i));
        var inputs = Deliveries.To(_lexicon, _spaces[member], said, _settings.Restarts);
        return new Reach(_spaces[member], numbers[member], inputs, moment =>
        {
            said[_spaces[member].Member] = moment.Sent;
            var certifiable = Certifiable([.. said.Values]);
            if (moment.Fault is { } fault) return $"member {_spaces[member].Member} {fault}";
            if (_lexicon.Conflict(certifiable) is { } conflict) return conflict;
            return moment.Output.Count == 0 || _lexicon.IsFinal(moment.Output[^1], certifiable) ? null : $"member {_spaces[member].Member} output a block that no quorum finalised";
        });
    }

    // Two honest votes and the Byzantine one are a quorum.
    private UInt128 Certifiable(UInt128[] said) => ((said[0] & said[1]) | (said[0] & said[2]) | (said[1] & said[2])) & ~_lexicon.Proposals;

    private List<string> WayTo(ulong state, int member, int[] last, int violation)
    {
        var steps = new List<string>();
        for (var at = state; _cameFrom[at] != at; at = _cameFrom[at]) steps.InsertRange(0, Step(Unpack(_cameFrom[at]), Unpack(at)));
        return [.. steps, .. Step(Unpack(state), last), .. Describe(member, Search(member, last).WayTo(violation))];
    }

    private List<string> Step(int[] before, int[] after)
    {
        var member = Enumerable.Range(0, Honest).SingleOrDefault(i => before[i] != after[i]);
        return before.SequenceEqual(after) ? [] : Describe(member, Search(member, before).WayTo(after[member]));
    }

    private List<string> Describe(int member, IEnumerable<Input> inputs) => [.. inputs.Select(input =>
    {
        var said = new[] { input.First, input.Second, input.Third }.Where(static id => id >= 0).Select(id => _lexicon[id].ToString()).Distinct();
        return $"member {_spaces[member].Member}: {input.Deed} {string.Join("; ", said)}".TrimEnd();
    })];

    private static ulong Pack(ReadOnlySpan<int> numbers)
    {
        var packed = 0UL;
        foreach (var number in numbers)
            packed = number < 1 << BitsPerMember
                ? (packed << BitsPerMember) | (uint)number
                : throw new InvalidOperationException("more states of one member than can be told apart: take fewer views");
        return packed;
    }

    private static int[] Unpack(ulong packed)
    {
        const ulong Mask = (1UL << BitsPerMember) - 1;
        return [(int)(packed >> (2 * BitsPerMember)), (int)((packed >> BitsPerMember) & Mask), (int)(packed & Mask)];
    }
}
