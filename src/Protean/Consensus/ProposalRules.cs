using Protean.Runtime;

namespace Protean.Consensus;

/// <summary>What a rule that does not hold means for the proposal.</summary>
public enum Verdict
{
    Accept,

    /// <summary>Something has to be fetched first.</summary>
    Wait,

    /// <summary>Not acceptable here and now; others may see it differently, so the leader is not blamed.</summary>
    Drop,

    /// <summary>The signed header, with its entries, proves the leader wrong.</summary>
    Invalid,
}

/// <summary>One condition of R1 (protocols 1.3).</summary>
public sealed record ProposalRule(string Code, string Meaning, Verdict Otherwise, Func<ProposalCase, bool> Holds);

/// <summary>A proposal as one member sees it at one moment. The parent is null while its block is missing.</summary>
public sealed record ProposalCase(
    Proposal Proposal,
    ChainPoint? Parent,
    bool ParentCertified,
    bool SkippedViewsNullified,
    UnixMs Now,
    TimeSpan Delay,
    IApplication Application)
{
    public BlockHeader Header => Proposal.Header;
}

/// <summary>R1: when a member notarises. In order; the first that does not hold decides.</summary>
public static class ProposalRules
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<ProposalRule> All { get; } =
    [
        new("PRT-CON-0001", "the parent is notarised", Verdict.Wait, static c => c.ParentCertified),
        new("PRT-CON-0002", "the parent's block is here", Verdict.Wait, static c => c.Parent is not null),
        new("PRT-CON-0003", "every view between the parent's and this one is nullified", Verdict.Wait, static c => c.SkippedViewsNullified),
        new("PRT-CON-0004", "the height follows the parent's", Verdict.Invalid, static c => c.Header.Height == c.Parent!.Height + 1),
        new("PRT-CON-0005", "the time is after the parent's", Verdict.Invalid, static c => c.Header.TimeMs > c.Parent!.TimeMs),
        new("PRT-CON-0006", "the time is not ahead of this member's", Verdict.Drop, static c => Time(c) <= c.Now + ClockTolerance),
        new("PRT-CON-0007", "the time is not held back", Verdict.Drop, static c => Time(c) + (3 * c.Delay) + ClockTolerance >= c.Now),
        new("PRT-CON-0008", "tail blocks, and only they, follow the end of the epoch, without entries", Verdict.Invalid, static c =>
            c.Parent!.Ended ? c.Header.Kind == BlockKind.Tail && c.Proposal.Block.Entries.Count == 0 : c.Header.Kind == BlockKind.Normal),
        new("PRT-CON-0009", "every entry is valid", Verdict.Invalid, static c => c.Proposal.Block.Entries.All(c.Application.IsValid)),
        new("PRT-CON-0010", "entries stay within reach of the last seal shown", Verdict.Invalid, static c =>
            c.Proposal.Block.Entries.Count == 0 || MayCarryEntries(c.Header.Height, c.Header.SealedHeight)),
        new("PRT-CON-0011", "the sealed height does not fall, nor its seal change", Verdict.Invalid, static c =>
            c.Header.SealedHeight > c.Parent!.SealedHeight
            || (c.Header.SealedHeight == c.Parent.SealedHeight && c.Header.SealedHash == c.Parent.SealedHash)),
        new("PRT-CON-0012", "a new seal is below this block", Verdict.Invalid, static c => c.Header.SealedHeight < c.Header.Height),
        new("PRT-CON-0013", "a new seal is shown, and holds", Verdict.Drop, static c =>
            c.Header.SealedHeight == c.Parent!.SealedHeight
                || (SealMatches(c.Proposal) && c.Application.SealHolds(c.Proposal.Seal!))),
    ];

    /// <summary>Back-pressure that cannot deadlock: blocks without entries are always allowed.</summary>
    public static bool MayCarryEntries(ulong height, ulong sealedHeight) => height <= sealedHeight + Limits.MaxUnsealed;

    private static UnixMs Time(ProposalCase c) => new(c.Header.TimeMs);

    private static bool SealMatches(Proposal proposal) =>
        proposal.Seal is { } seal && seal.Header.Height == proposal.Header.SealedHeight && seal.Header.Hash == proposal.Header.SealedHash;
}
