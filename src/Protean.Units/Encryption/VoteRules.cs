using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.Encryption;

/// <summary>Which of a voter's ballots counts.</summary>
public sealed record CastBallot(uint Sequence, Digest Tracking) : ICanonical<CastBallot>
{
    public void Encode(Encoder to) => to.U32(Sequence).Digest(Tracking);
    public static CastBallot Decode(ref Decoder from) => new(from.U32(), from.Digest());
}

/// <summary>A ballot to be cast, with what it is judged by.</summary>
/// <param name="Signers">Of the request that it came in.</param>
/// <param name="Key">PK of the election.</param>
/// <param name="TimeMs">Of the block.</param>
public sealed record VoteCase(
    Election Election, Digest Id, Ballot Ballot, IReadOnlyCollection<PublicKey> Signers, Digest KeyId, Point Key, MapView State, ulong TimeMs)
{
    public PublicKey Voter => Ballot.Context.Voter;

    /// <summary>What the ballot must be bound to; whose it is and which of his, it says itself.</summary>
    public BallotContext Expected => Ballot.Context with { ElectionId = Id, KeyId = KeyId };

    /// <summary>The voter's ballot so far.</summary>
    public CastBallot? Before => State.Find<CastBallot>(ElectionKeys.Voter(Id, Voter));
}

/// <summary>What a ballot holds to (protocols 6.1), cheap checks first.</summary>
public static class VoteRules
{
    public static Requirements<VoteCase> Checks { get; } = new(
        new("PRT-ENC-0021", "ballots are cast before the close", "It is too late.", static vote =>
            vote.TimeMs < vote.Election.CloseMs ? null : new Finding($"{vote.TimeMs} ms of block time", $"before {vote.Election.CloseMs} ms")),
        new("PRT-ENC-0022", "voters vote", "Ask who may vote in this election.", static vote =>
            vote.Election.Voters.Contains(vote.Voter) ? null : new Finding($"{vote.Voter}")),
        new("PRT-ENC-0023", "a ballot comes in a request that its voter signed", "Let the voter cast it.", static vote =>
            vote.Signers.Contains(vote.Voter) ? null : new Finding("no signature", $"{vote.Voter}")),
        new("PRT-ENC-0024", "a later ballot has a higher number", "Count up.", static vote =>
            vote.Before is { } before && vote.Ballot.Context.Sequence <= before.Sequence
                ? new Finding($"{vote.Ballot.Context.Sequence}", $"more than {before.Sequence}") : null),
        new("PRT-ENC-0025", "no part of a ballot is another voter's", "Encrypt your own ballot.", static vote => Copied(vote) is { } u ? new Finding($"{u}") : null),
        new("PRT-ENC-0026", "a ballot's proof must hold, for its voter and this election", "Make it with the client library.", static vote =>
            vote.Ballot.Refusal(vote.Expected, vote.Key, vote.Election.Width, SodiumMultiScalar.Instance) is { } code ? new Finding(code) : null));

    private static Point? Copied(VoteCase vote)
    {
        foreach (var u in vote.Ballot.U.Memory.ToArray())
            if (vote.State.Get(ElectionKeys.Cell(vote.Id, u)) is { } entry && new PublicKey(entry.Value.Span) != vote.Voter) return u;
        return null;
    }
}
