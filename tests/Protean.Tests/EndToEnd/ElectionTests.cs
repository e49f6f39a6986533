using Protean.Client;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;
using Protean.Units.Encryption;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>An election at an encryption unit of real nodes, from its opening to a tally that its users check themselves.</summary>
[Collection(OnALiveNetwork.Name)]
public sealed class ElectionTests(LiveNetwork live) : LiveTests(live)
{
    private const ulong VotingMs = 10_000, Hour = 3_600_000;

    [Fact]
    public async Task Four_voters_elect_and_anybody_counts_after_them()
    {
        var sessions = Enumerable.Range(0, 7).Select(_ => new Session(Live.Network, Identity.Create())).ToArray();
        var (voters, mixers) = (sessions[..4].Select(static one => new Elections(one)).ToArray(), sessions[4..]);
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var close = now + Math.Max(VotingMs, 20 * (ulong)Live.Pace.TotalMilliseconds);
        var terms = new Election(
            Hash.H("test/election", sessions[0].Identity.PublicKey.Span), [new("Who?", ["Ada", "Bea"]), new("When?", ["now", "later", "never"])],
            Keys(sessions[..4]), close, close + Hour, 3, Keys(mixers), 2, "neff04");
        var election = await voters[0].Open(terms, Cancel);

        using var prepared = voters[0].Prepare(election, [1, 2], sequence: 1);
        var first = await voters[0].Cast(prepared.Ballot, Cancel);
        int[][] choices = [[0, 0], [0, 1], [1, 1], [0, 1]];
        var tracking = new List<Digest>();
        foreach (var (voter, choice) in voters.Zip(choices)) tracking.Add(await voter.Vote(election, choice, sequence: 2, Cancel));
        await Attack(prepared.Ballot, election, voters, sessions[1], mixers[0]);

        var frozen = await voters[1].Frozen(election, Cancel);
        Assert.Equal(tracking.Order(), frozen.Entries.Select(static entry => new Digest(entry.Key.Span[^Digest.Size..])));
        Assert.DoesNotContain(frozen.Entries, entry => entry.Key == ElectionKeys.Ballot(election.Id, first));
        await Rejected("PRT-ENC-0021", () => voters[2].Vote(election, [0, 0], sequence: 9, Cancel));

        var chain = new List<SignedMix>();
        foreach (var mixer in mixers[..2]) chain.Add(new Elections(mixer).Mix(election, frozen, chain));
        Assert.Equal("PRT-ENC-0033", CodeOf(await voters[3].Decrypt(election, [], Cancel)));
        Assert.Equal("PRT-ENC-0038", CodeOf(await voters[3].Decrypt(election, [chain[0], Cheated(election, frozen, mixers[2], chain[..1])], Cancel)));
        Assert.Equal("PRT-ENC-0037", CodeOf(await voters[3].Decrypt(election, [.. chain.AsEnumerable().Reverse()], Cancel)));
        var tally = await voters[3].Decrypt(election, chain, Cancel);
        var record = voters[1].RecordOf(election, frozen, chain, tally);
        Assert.Null(record.Verify());
        Assert.Equal([[3, 1], [1, 3, 0]], record.Count());
        Assert.Equal("PRT-ENC-0004", CodeOf(await voters[0].Decrypt(election, chain, Cancel)));
    }

    // None of them changes what is counted.
    private static async Task Attack(Ballot cast, OpenElection election, Elections[] voters, Session thief, Session mixer)
    {
        using var prepared = voters[0].Prepare(election, [0, 0], sequence: 3);
        await Rejected("PRT-ENC-0023", () => voters[1].Cast(prepared.Ballot, Cancel));
        await Rejected("PRT-ENC-0002", () => voters[1].Decrypt(election, [], Cancel));
        await Rejected("PRT-ENC-0022", () => new Elections(mixer).Vote(election, [0, 0], cancel: Cancel));
        foreach (var (code, ballot) in new[] { ("PRT-ENC-0025", cast), ("PRT-ENC-0026", prepared.Ballot) })
        {
            var copy = ballot with { Context = ballot.Context with { Voter = thief.Identity.PublicKey, Sequence = 3 } };
            await Rejected(code, () => voters[1].Cast(copy, Cancel));
        }
    }

    // The mixer stands by a proof that does not hold.
    private SignedMix Cheated(OpenElection election, FrozenBallots frozen, Session mixer, IReadOnlyList<SignedMix> before)
    {
        var mix = new Elections(mixer).Mix(election, frozen, before);
        byte[] proof = [.. mix.Proof.Span];
        proof[^1] ^= 1;
        var entry = mix.Word.Entry with { ProofHash = MixEntry.HashOf(proof) };
        var signature = mixer.Identity.Sign(entry.SignedPayload(Live.Network.ChainId)).Signature;
        return mix with { Word = mix.Word with { Entry = entry, Signature = signature }, Proof = Bytes.Wrap(proof) };
    }

    private static async Task Rejected(string code, Func<Task> deed)
    {
        var refused = (await Assert.ThrowsAsync<RefusedException>(deed)).Refusal;
        Assert.Contains(code, refused.ToString(), StringComparison.Ordinal);
    }

    private static PublicKey[] Keys(IEnumerable<Session> sessions) => [.. sessions.Select(static one => one.Identity.PublicKey).Order()];

    private static string? CodeOf(Result result) => result.Status == ResultStatus.Failed ? result.Outputs.Find("code")?.ToText() : null;
}
