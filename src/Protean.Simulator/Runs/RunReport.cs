using Protean.Cryptography;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>What a run is drawn from besides its seed.</summary>
/// <param name="Members">Null lets the seed choose 4, 7 or 10.</param>
/// <param name="Faults">Those that it may draw.</param>
/// <param name="Faulty">Exactly so many members are faulty, more than may be; null draws up to f.</param>
public sealed record RunSettings(int? Members, IReadOnlyList<string> Faults, int? Faulty = null)
{
    public static RunSettings Everything { get; } = new(null, Campaigns.Faults.All);

    public bool Allows(string fault) => Faults.Contains(fault);

    /// <summary>Most runs are of the smallest committee: it has the most ways to go wrong for each event.</summary>
    public int MembersOf(ulong seed) => Members ?? (seed % 6) switch
    {
        < 4 => 4,
        4 => 7,
        _ => 10,
    };
}

/// <summary>How a run ended.</summary>
/// <param name="Trace">Hash over all that happened: the same for the same seed, in every process.</param>
/// <param name="Counts">Faults, messages, refusals and lies by name.</param>
/// <param name="Violation">Null where every invariant held.</param>
/// <param name="Lines">The end of the event trace, where it was asked for or an invariant did not hold.</param>
public sealed record RunReport(
    ulong Seed, int Members, Digest Trace, long Events, IReadOnlyDictionary<string, long> Counts, (Invariant Invariant, string What)? Violation,
    IReadOnlyList<string> Lines);
