using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Units.Encryption;

/// <summary>What the encryption unit offers.</summary>
public static class EncryptionTransactions
{
    /// <summary>Inputs and outputs, as they are named in workflows and leaves.</summary>
    public const string ElectionField = "election", TermsField = "terms", BallotField = "ballot", TrackingField = "tracking", MixField = "mix",
        BallotsField = "ballots", FrozenField = "frozen", MixedField = "mixed", PlaintextsField = "plaintexts";

    public static readonly (string Code, string Meaning) NoKey = ("PRT-ENC-0001", "the election's key is not generated yet");
    public static readonly (string Code, string Meaning) NotClosed = ("PRT-ENC-0002", "an election is decrypted after its close");
    public static readonly (string Code, string Meaning) UnknownElection = ("PRT-ENC-0003", "there is no such election");
    public static readonly (string Code, string Meaning) Over = ("PRT-ENC-0004", "the election is over: its key is erased");

    public static Transaction Open { get; } = new(
        "open", "Opens an election: members begin to generate its key.",
        [new(TermsField, ValueKind.Bytes, "The canonical terms.")],
        [new(ElectionField, ValueKind.Digest, "Names the election, and is the purpose of its key.")],
        Direct: true, Infallible: false, Pending: false,
        [.. OpenRules.Checks.Select(static check => (check.Code, check.What))],
        [new(TermsField, Bytes.Empty)]);

    public static Transaction Vote { get; } = new(
        "vote", "Casts a ballot; a voter's last one counts.",
        [new(BallotField, ValueKind.Bytes, "The encrypted ballot with its voter's proof."), new(ElectionField, ValueKind.Digest, "Which.")],
        [new(TrackingField, ValueKind.Digest, "The ballot's hash, by which its voter finds it among those that count.")],
        Direct: true, Infallible: false, Pending: false,
        [UnknownElection, Over, .. VoteRules.Checks.Select(static check => (check.Code, check.What))],
        [new(BallotField, Bytes.Empty), new(ElectionField, Bytes.Wrap(new byte[Digest.Size]))]);

    public static Transaction Decrypt { get; } = new(
        "decrypt", "Decrypts an election's ballots, once, in the order in which enough mixers have left them.",
        [
            new(ElectionField, ValueKind.Digest, "Which."),
            new(MixField, ValueKind.Bytes, "Canonical shuffles, from the ballots as they were at the close to what is decrypted.", Repeated: true),
        ],
        [
            new(BallotsField, ValueKind.U64, "How many."), new(FrozenField, ValueKind.Digest, "Root of the ballots at the close."),
            new(MixedField, ValueKind.Digest, "Root of what was decrypted."),
            new(PlaintextsField, ValueKind.Bytes, "Points, ballot by ballot, question by question."),
        ],
        Direct: true, Infallible: false, Pending: true,
        [UnknownElection, Over, .. DecryptRules.Checks.Select(static check => (check.Code, check.What))],
        [new(ElectionField, Bytes.Wrap(new byte[Digest.Size]))]);

    public static IReadOnlyList<Transaction> All { get; } = [Open, Vote, Decrypt];
}
