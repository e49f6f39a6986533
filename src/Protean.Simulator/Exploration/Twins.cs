using System.Buffers.Binary;
using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Simulator.Exploration;

/// <param name="Rounds">Views; each has a partition of its own.</param>
/// <param name="Twinned">By the views they lead, 1 to 4: members of whom two honest copies run with one key.</param>
/// <param name="Apart">The copies' clocks differ, so that as leaders they make different blocks; else the same one.</param>
public sealed record TwinsSettings(ulong Rounds, IReadOnlyList<ulong> Twinned, bool Apart);

/// <summary>What is known after a round.</summary>
/// <param name="Scenarios">Sequences of partitions up to this round.</param>
/// <param name="UpToSymmetry">Of these, those of which none is another one with seats of equal roles exchanged.</param>
/// <param name="States">Different states of all seats after the round; after the last one, those that the check tells apart.</param>
/// <param name="GroupRounds">Rounds of a group that were run by now.</param>
/// <param name="Safe">Scenarios in which safety holds, of all.</param>
/// <param name="Violation">Null where safety holds in all.</param>
/// <param name="Partitions">Those that lead to the violation, round by round.</param>
public sealed record TwinsReport(
    ulong Round, long Scenarios, long UpToSymmetry, long States, long GroupRounds, long Safe, string? Violation, IReadOnlyList<string> Partitions);

/// <summary>Runs production members of which some run twice with one key, through every sequence of partitions. After Bano et al., "Twins: BFT
/// systems made robust" (OPODIS 2021).</summary>
/// <remarks>Groups do not hear each other, so a round of one group is run once for each combination of states its seats can have; a scenario
/// combines such runs. Scenarios that have led to one state go on as one, with their number. docs/model.md tells what a round is.</remarks>
public sealed class Twins
{
    private const int StatesPerWord = 2500;

    private readonly TwinsSettings _settings;
    private readonly Lexicon _lexicon;
    private readonly Partitions _partitions;
    private readonly MemberId[] _members;
    private readonly bool[] _isTwin;
    private readonly List<Station> _start = [];
    private readonly List<Station> _stations = [];
    private readonly Dictionary<Digest, int> _numbers = [];
    private readonly Dictionary<(ulong Round, int Group, State State), int[]> _played = [];
    private readonly Dictionary<State, string?> _checked = [];

    /// <summary>Numbers of the stations of all seats; 0 for those that do not matter.</summary>
    private readonly record struct State(int A, int B, int C, int D, int E, int F)
    {
        public static State Of(ReadOnlySpan<int> numbers) => new(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers.Length > 5 ? numbers[5] : 0);
        public int[] Numbers(int seats) => new[] { A, B, C, D, E, F }[..seats];
    }

    private sealed class Node((State State, ulong Exchanges)? from, int partition)
    {
        public (State State, ulong Exchanges)? From => from;
        public int Partition => partition;
        /// <summary>Sequences of partitions that lead here, one of each set that an exchange of seats makes of it.</summary>
        public long Sequences { get; set; }
    }

    public Twins(TwinsSettings settings)
    {
        if (settings.Twinned.Count is 0 or > 2) throw new ArgumentException("one or two members are twinned", nameof(settings));
        _settings = settings;
        var world = new World(endsEpoch: false);
        var twinned = settings.Twinned.Select(static view => World.Leaders[view]).ToArray();
        _lexicon = new Lexicon(world, settings.Rounds, twinned[0]);
        _members = [.. World.Committee.Ids.SelectMany(id => Enumerable.Repeat(id, twinned.Contains(id) ? 2 : 1))];
        _isTwin = [.. _members.Select(id => twinned.Contains(id))];
        _partitions = new Partitions([.. _members.Select(RoleOf)]);
        for (var i = 0; i < _members.Length; i++)
            _start.Add(TwinRound.Start(_lexicon, new Seat(world, _members[i], IsSecond(i) && settings.Apart ? 1UL : 0UL, new VersionedStore())));
    }

    // What is left to a seat to do that others do not: to lead, and to be a twin.
    private ulong RoleOf(MemberId id)
    {
        for (var view = 1UL; view <= Math.Min(_settings.Rounds, World.Size); view++)
            if (World.Leaders[view] == id) return view;
        return _isTwin[Array.IndexOf(_members, id)] ? ulong.MaxValue - id.Index : 0;
    }

    /// <summary>All scenarios, round by round. Ends at the first round in which safety does not hold.</summary>
    /// <param name="progress">Told now and then in which round how many states of how many were gone on from.</param>
    public IEnumerable<TwinsReport> RunAll(Action<ulong, int, int>? progress = null)
    {
        var levels = new List<Dictionary<(State, ulong), Node>>
        {
            new() { [(State.Of([.. _start.Select((station, seat) => Number(seat, station, isLast: false))]), _partitions.All)] = new Node(null, 0) { Sequences = 1 } },
        };
        for (var round = 1UL; round <= _settings.Rounds; round++)
        {
            var next = new Dictionary<(State, ulong), Node>();
            var done = 0;
            foreach (var (at, node) in levels[^1])
            {
                GoOn(round, at, node, next);
                if (++done % StatesPerWord == 0) progress?.Invoke(round, done, levels[^1].Count);
            }
            levels.Add(next);
            var report = Report(round, levels);
            yield return report;
            if (report.Violation is not null) yield break;
        }
    }

    private void GoOn(ulong round, (State State, ulong Exchanges) at, Node node, Dictionary<(State, ulong), Node> next)
    {
        var numbers = at.State.Numbers(_members.Length);
        var after = new int[1 << numbers.Length][];
        for (var partition = 0; partition < _partitions.Count; partition++)
        {
            if (_partitions.Fixing(at.Exchanges, partition) is not { } exchanges) continue;
            var to = new int[numbers.Length];
            foreach (var group in _partitions.Masks[partition])
            {
                after[group] ??= After(round, group, numbers);
                foreach (var seat in SeatsOf(group)) to[seat] = after[group][seat];
            }
            var key = (State.Of(to), exchanges);
            if (!next.TryGetValue(key, out var reached)) next[key] = reached = new Node(at, partition);
            reached.Sequences += node.Sequences;
        }
    }

    // Numbers by seat; those of seats outside the group mean nothing.
    private int[] After(ulong round, int group, int[] numbers)
    {
        var seats = SeatsOf(group);
        var present = new int[numbers.Length];
        foreach (var seat in seats) present[seat] = numbers[seat];
        var key = (round, group, State.Of(present));
        if (_played.TryGetValue(key, out var known)) return known;
        var after = TwinRound.Play(_lexicon, round, [.. seats.Select(seat => _stations[numbers[seat]])]);
        for (var i = 0; i < seats.Length; i++) present[seats[i]] = Number(seats[i], after[i], isLast: round == _settings.Rounds);
        return _played[key] = present;
    }

    // By all that its later deeds follow from, and by who signed what it holds: a twin falls silent where it finds its own name. After the
    // last round, by what is checked.
    private int Number(int seat, Station station, bool isLast)
    {
        var to = new Encoder().U8((byte)seat).Bool(isLast).U64((ulong)station.Said).U64((ulong)(station.Said >> 64));
        to.Bytes(Bytes.Of(station.Fault ?? "").Span);
        foreach (var block in station.Output) to.Digest(block.Id);
        if (isLast) to.Bool(station.Seat.Member.IsSilent);
        else
        {
            to.Digest(Fingerprint.Of(station.Seat).Whole);
            foreach (var certificate in station.Seat.Store.Certificates) to.Value(certificate);
            foreach (var message in station.Held) to.Bytes(Canonical.Encode(message));
        }
        var name = Hash.H("protean/station/v1", to.Written);
        if (_numbers.TryGetValue(name, out var number)) return number;
        _stations.Add(station);
        return _numbers[name] = _stations.Count - 1;
    }

    private TwinsReport Report(ulong round, List<Dictionary<(State State, ulong Exchanges), Node>> levels)
    {
        var (all, upToSymmetry, safe) = (0L, 0L, 0L);
        (string What, (State, ulong) At)? found = null;
        foreach (var (at, node) in levels[^1])
        {
            var scenarios = node.Sequences * (_partitions.Symmetries / System.Numerics.BitOperations.PopCount(at.Exchanges));
            (all, upToSymmetry) = (all + scenarios, upToSymmetry + node.Sequences);
            if (!_checked.TryGetValue(at.State, out var wrong)) _checked[at.State] = wrong = Check([.. at.State.Numbers(_members.Length).Select(number => _stations[number])]);
            if (wrong is null) safe += scenarios;
            else found ??= (wrong, at);
        }
        var states = levels[^1].Keys.Select(static key => key.State).Distinct().LongCount();
        return new(round, all, upToSymmetry, states, _played.Count, safe, found?.What, found is { } violation ? WayTo(violation.At, levels) : []);
    }

    private List<string> WayTo((State, ulong) at, List<Dictionary<(State State, ulong Exchanges), Node>> levels)
    {
        var way = new List<string>();
        for (var level = levels.Count - 1; level > 0; level--)
        {
            var node = levels[level][at];
            way.Insert(0, Describe(node.Partition));
            at = node.From!.Value;
        }
        return way;
    }

    private string Describe(int partition) => string.Join(" | ", _partitions.Masks[partition].Select(group => string.Join(' ', SeatsOf(group).Select(Name))));
    private string Name(int seat) => $"{_members[seat]}{(IsSecond(seat) ? "'" : "")}";
    private bool IsSecond(int seat) => seat > 0 && _members[seat] == _members[seat - 1];

    /// <summary>One scenario drawn by chance, from its start to its end, combined with no other.</summary>
    /// <returns>What is wrong, and after which partitions; or null.</returns>
    public string? RunOne(IRandom random)
    {
        var (seats, way) = (_start.ToArray(), new List<string>());
        for (var round = 1UL; round <= _settings.Rounds; round++)
        {
            var partition = Draw(random);
            way.Add(Describe(partition));
            foreach (var group in _partitions.Masks[partition])
            {
                var present = SeatsOf(group);
                var after = TwinRound.Play(_lexicon, round, [.. present.Select(seat => seats[seat])]);
                for (var i = 0; i < present.Length; i++) seats[present[i]] = after[i];
            }
            if (Check(seats) is { } wrong) return $"{wrong}; partitions {string.Join(", ", way)}";
        }
        return null;
    }

    private int Draw(IRandom random)
    {
        Span<byte> drawn = stackalloc byte[sizeof(uint)];
        random.Fill(drawn);
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(drawn) % (uint)_partitions.Count);
    }

    private int[] SeatsOf(int group) => [.. Enumerable.Range(0, _members.Length).Where(seat => (group & (1 << seat)) != 0)];

    private string? Check(Station[] seats)
    {
        for (var i = 0; i < seats.Length; i++)
        {
            if (seats[i].Fault is { } fault) return $"member {_members[i]} {fault}";
            if (!_isTwin[i] && seats[i].Seat.Member.IsSilent) return $"member {_members[i]} fell silent: it has forgotten what it said";
            for (var j = 0; j < i; j++)
                if (seats[i].Output.Zip(seats[j].Output).Any(static pair => pair.First != pair.Second)) return $"members {_members[j]} and {_members[i]} output different blocks";
        }
        var certifiable = Certifiable(seats);
        if (_lexicon.Conflict(certifiable) is { } conflict) return conflict;
        var unfounded = Array.Find(seats, seat => seat.Output.Count > 0 && !_lexicon.IsFinal(seat.Output[^1], certifiable));
        return unfounded is null ? null : $"member {unfounded.Seat.Id} output a block that no quorum finalised";
    }

    // What a quorum of keys has signed, by any of their copies.
    private UInt128 Certifiable(Station[] seats)
    {
        var said = World.Committee.Ids.Select(id => seats.Where(seat => seat.Seat.Id == id).Aggregate(UInt128.Zero, static (all, seat) => all | seat.Said)).ToArray();
        var certifiable = UInt128.Zero;
        foreach (var id in Lexicon.Members(said.Aggregate(static (all, one) => all | one) & ~_lexicon.Proposals))
            if (said.Count(one => (one & Lexicon.Bit(id)) != 0) >= World.Committee.Quorum) certifiable |= Lexicon.Bit(id);
        return certifiable;
    }
}
