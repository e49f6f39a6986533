using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;

namespace Protean.Units.Encryption;

/// <summary>A counted election as anybody can check it: whose ballots, which shuffles, and that the plaintexts are theirs.</summary>
/// <param name="Id">Names these terms at the unit.</param>
/// <param name="Key">Verified by its <see cref="KeyRecord"/>.</param>
/// <param name="FrozenMs">The time of the sealed height at which the ballots were proven.</param>
/// <param name="Ballots">All entries below <see cref="ElectionKeys.Ballots"/> there, proven.</param>
/// <param name="Mixes">As they were given to the unit.</param>
/// <param name="Outputs">Of the decryption, by its receipt.</param>
/// <param name="Record">Of the decryption: members' shares.</param>
public sealed record ElectionRecord(
    Election Election, Digest Id, GeneratedKey Key, ulong FrozenMs, IReadOnlyList<MapEntry> Ballots, IReadOnlyList<SignedMix> Mixes, Outputs Outputs,
    Bytes Record, Digest ChainId)
{
    private const string Advice = "Get it from another member of the unit; who gave this out has changed it.";

    /// <summary>Rests on no quorum's word but that for which ballots there were.</summary>
    internal static Requirements<ElectionRecord> Checks { get; } = new(
        new("PRT-ENC-0041", "the key must be the election's own", Advice, static record =>
            record.Key.Purpose == Election.KeyPurpose(record.Id) ? null : new Finding(record.Key.Purpose, $"{record.Id}")),
        new("PRT-ENC-0042", "the ballots must be shown as they were after the close", "Ask for a later height.", static record =>
            record.FrozenMs >= record.Election.CloseMs ? null : new Finding($"{record.FrozenMs} ms", $"{record.Election.CloseMs} ms or later")),
        new("PRT-ENC-0043", "each ballot must stand under its hash, be of a voter, prove itself, and have nothing of another's", Advice, static record =>
            record.WrongBallot() is { } tracking ? new Finding(Where: $"ballot {tracking}") : null),
        new("PRT-ENC-0044", "the ballots must have passed the gate", Advice, static record =>
            DecryptRules.Checks.FirstRefusal(record.Gate) is { } refusal ? new Finding($"{refusal}") : null),
        new("PRT-ENC-0045", "the plaintexts must be what t members' proven shares make of the last shuffle", Advice, static record =>
            record.Plaintexts() is { } points && Tally.OutputsOf(record.Gate.Frozen!.Root(), record.Gate.Mixed, points).Equals(record.Outputs) ? null : new Finding()));

    // The ballots have been found canonical by then.
    private DecryptCase Gate => new(
        Election, Id, BallotBox.Rows(Ballots.Select(static entry => entry.Value), Election.Width), Mixes, [], Begun: false, Key.Key.PublicKey, ChainId,
        Ed25519Scheme.Instance, SystemRandom.Instance, OneCore.Instance);

    /// <summary>Null for an election that was counted as it should; or the refusal of the first check that fails, <c>PRT-ENC-0041</c> to
    /// <c>0045</c>.</summary>
    public Refusal? Verify() => Checks.FirstRefusal(this, $"election {Id}");

    /// <summary>For each question how often each answer was given, of a record that was verified. An answer that there is not counts for
    /// nothing.</summary>
    public IReadOnlyList<int[]> Count()
    {
        var counts = Election.Questions.Select(static question => new int[question.Choices.Count]).ToArray();
        var choices = Election.Questions.Select(static question => new CandidatePoints(question.Choices.Count)).ToArray();
        var plaintexts = Outputs.Find(EncryptionTransactions.PlaintextsField)!.Value;
        for (var cell = 0; cell < plaintexts.Length / Point.Size; cell++)
        {
            var question = cell % Election.Width;
            if (Point.TryDecode(plaintexts.Span.Slice(cell * Point.Size, Point.Size), out var point) && choices[question].Find(point) is { } choice)
                counts[question][choice - 1]++;
        }
        return counts;
    }

    private Digest? WrongBallot()
    {
        var (voters, cells) = (new HashSet<PublicKey>(), new HashSet<Point>());
        foreach (var entry in Ballots)
        {
            var tracking = BallotBox.TrackingOf(entry.Value.Span);
            if (entry.Key != ElectionKeys.Ballot(Id, tracking) || !Ballot.TryDecode(entry.Value.Span, Election.Width, out var ballot)) return tracking;
            var expected = ballot.Context with { ElectionId = Id, KeyId = Key.KeyId };
            if (!Election.Voters.Contains(ballot.Context.Voter) || !voters.Add(ballot.Context.Voter)
                || ballot.U.Memory.ToArray().Distinct().Any(u => !cells.Add(u))
                || ballot.Refusal(expected, Key.Key.PublicKey, Election.Width, SodiumMultiScalar.Instance) is not null) return tracking;
        }
        return null;
    }

    /// <summary>Null where the shares do not open what was shuffled.</summary>
    private Point[]? Plaintexts()
    {
        try
        {
            return Canonical.Decode<TallyRecord>(Record.Span).Open(Key, Gate.Mixed);
        }
        catch (MalformedException)
        {
            return null;
        }
    }
}
