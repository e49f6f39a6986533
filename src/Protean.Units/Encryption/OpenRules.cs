using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.Encryption;

/// <summary>An election to be opened, with what it is judged by.</summary>
/// <param name="TimeMs">Of the block.</param>
public sealed record OpenCase(Election Election, Digest Id, Committee Committee, MapView State, ulong TimeMs);

/// <summary>What an election's terms hold to.</summary>
public static class OpenRules
{
    // A shuffle of fewer shuffles nothing.
    private const int LeastShuffled = 2;

    private const string Advice = "Change the terms.";

    public static Requirements<OpenCase> Checks { get; } = new(
        new("PRT-ENC-0011", "an election asks something, with at least two answers to each question", Advice, static open =>
            open.Election.Questions.Count > 0 && open.Election.Questions.All(static question => question.Choices.Count >= 2) ? null : new Finding()),
        new("PRT-ENC-0012", "an election has voters enough for its least number of ballots, which is at least two", Advice, static open =>
            open.Election.LeastBallots >= LeastShuffled && open.Election.Voters.Count >= open.Election.LeastBallots
                ? null : new Finding($"{open.Election.Voters.Count} voters, {open.Election.LeastBallots} ballots")),
        new("PRT-ENC-0013", "only so many answers are decrypted together", "Ask less, or fewer voters, in one election.", static open =>
            open.Election.Voters.Count * open.Election.Width <= Limits.MaxTallyCells
                ? null : new Finding($"{open.Election.Voters.Count * open.Election.Width}", $"at most {Limits.MaxTallyCells}")),
        new("PRT-ENC-0014", "an election closes after it opened, lapses after it closed, and ends within a year", Advice, static open =>
            open.TimeMs < open.Election.CloseMs && open.Election.CloseMs < open.Election.LapseMs && open.Election.LapseMs - open.TimeMs <= Limits.MaxElectionMs
                ? null : new Finding($"{open.Election.CloseMs} ms, {open.Election.LapseMs} ms", $"after {open.TimeMs} ms of block time")),
        new("PRT-ENC-0015", "more mixers shuffle than members of the unit may be faulty, and there are as many", Advice, static open =>
            open.Election.Mixes > Tolerated(open.Committee) && open.Election.Mixers.Count >= open.Election.Mixes
                ? null : new Finding($"{open.Election.Mixes} of {open.Election.Mixers.Count}", $"at least {Tolerated(open.Committee) + 1}")),
        new("PRT-ENC-0016", "shuffles are proven in a way that there is", "Name neff04 or tw.", static open =>
            open.Election.Protocol is null ? new Finding(open.Election.Shuffle) : null),
        new("PRT-ENC-0017", "an election is opened once", "Take another nonce.", static open =>
            open.State.Get(ElectionKeys.Election(open.Id)) is null ? null : new Finding($"{open.Id}")),
        new("PRT-ENC-0018", "only so many elections are under way", "Wait until others are counted or have lapsed.", static open =>
            open.State.Scan(ElectionKeys.Lapses).Take(Limits.MaxElections).Count() < Limits.MaxElections ? null : new Finding("no room", $"at most {Limits.MaxElections}")));

    // b of protocols 6.2.
    private static int Tolerated(Committee committee) => Math.Max(committee.Faulty, 2 * committee.Quorum - committee.Size - 1);
}
