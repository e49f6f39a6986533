using Protean.Consensus;
using Protean.Runtime;
using Protean.Simulator.Runs;

namespace Protean.Simulator.Campaigns;

/// <summary>What many runs came to, and whether they saw enough to mean anything.</summary>
public sealed class Campaign(RunSettings settings)
{
    /// <summary>From so many runs on, whatever can happen must have happened.</summary>
    public const int EnoughToSee = 300;

    private readonly Counters _counts = new();

    public RunSettings Settings => settings;
    public long Runs { get; private set; }
    public long Events { get; private set; }
    public IReadOnlyDictionary<string, long> Counts => _counts.Counts;

    /// <summary>The run of the lowest seed in which an invariant did not hold.</summary>
    public RunReport? Violation { get; private set; }

    /// <summary>Every type of message that members may send each other.</summary>
    public static IReadOnlyList<string> Messages { get; } =
    [
        nameof(Proposal), nameof(VoteMessage), nameof(CertificateMessage), nameof(Gossip), nameof(Status), nameof(GetCertificate), nameof(GetBlock),
        nameof(BlockMessage), nameof(GetFinal), nameof(FinalizedRun), nameof(GetEvidence), nameof(EvidenceMessage), nameof(UnitMessage.SealVote),
        nameof(UnitMessage.Sealed), nameof(UnitMessage.WantSeal), nameof(UnitMessage.Share), nameof(UnitMessage.WantResult), nameof(UnitMessage.HaveResult), nameof(UnitMessage.Sync), nameof(UnitMessage.Await),
        "malformed",
    ];

    public void Add(RunReport report)
    {
        Runs++;
        Events += report.Events;
        foreach (var (name, count) in report.Counts) _counts.Add(name, count);
        if (report.Violation is not null && (Violation is null || report.Seed < Violation.Seed)) Violation = report;
    }

    /// <summary>Faults and messages that never happened though the campaign was large enough: it saw nothing of what they may do.</summary>
    public IReadOnlyList<string> Blind(bool withKeys)
    {
        if (Runs < EnoughToSee) return [];
        var faults = settings.Faults.Except(withKeys ? [] : Faults.KeyDeeds).Select(static fault => "fault/" + fault);
        // Fewer faults provoke fewer kinds of messages.
        var messages = settings.Faults.Count == Faults.All.Count ? Messages.Select(static message => "message/" + message) : [];
        return [.. faults.Concat(messages).Where(name => _counts[name] == 0)];
    }
}
