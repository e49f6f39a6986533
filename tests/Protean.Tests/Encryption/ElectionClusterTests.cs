using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Runtime;
using Protean.Units.Encryption;
using Xunit;

namespace Protean.Tests.Encryption;

/// <summary>The whole unit in the simulator: a key for each election on one log, votes, the gate, and the key's end.</summary>
public sealed class ElectionClusterTests
{
    private static readonly SigningKey[] Users = [.. new[] { UnitCluster.DefaultClient, Key(1), Key(2) }.OrderBy(static key => key.PublicKey)];

    private readonly UnitCluster _cluster = new(seed: 31, size: 4, new EncryptionUnit(), Ed25519Scheme.Instance);
    private readonly SeededRandom _dice = new(7);
    private ulong _nonce;

    [Fact]
    public void Elections_have_keys_of_their_own_that_end_with_them_while_members_crash()
    {
        var (first, second) = (Open(1), Open(2));
        _cluster.Simulation.CrashPerMille = 3;
        _cluster.Simulation.RunFor(TimeSpan.FromSeconds(5));
        _cluster.Simulation.CrashPerMille = 0;
        Assert.True(_cluster.Simulation.RunUntil(
            () => _cluster.Members.All(static member => member.Reads.Keys.Count(static key => key.Ready) == 2), TimeSpan.FromSeconds(60)));
        var (key, other) = (KeyOf(first.Id), KeyOf(second.Id));
        Assert.NotEqual(key.KeyId, other.KeyId);

        foreach (var (user, choice) in Users.Zip([0, 1, 1])) Vote(first.Id, key, user, choice);
        _cluster.Simulation.RunFor(TimeSpan.FromMilliseconds(first.Terms.CloseMs - _cluster.Simulation.Time));
        var ballots = Shown(first.Id);
        var rows = BallotBox.Rows(ballots.Select(static entry => entry.Value), 1)!;
        var mixes = new List<SignedMix>();
        foreach (var mixer in Users[..2])
        {
            mixes.Add(SignedMix.Of(
                first.Terms, first.Id, (ushort)mixes.Count, rows, key.Key.PublicKey, mixer.PublicKey, _cluster.Directory.ChainId,
                payload => mixer.Sign(payload), _dice, OneCore.Instance));
            rows = ElectionFixture.OutputsOf(mixes[^1]);
        }
        // Another vote brings the log's time past the close, so the first decryption is final after it.
        Assert.Equal("PRT-ENC-0021", Ask("vote", Users[0], Ballot(first.Id, key, Users[0], 1, 9)).Outputs.Find("code")!.Value.ToText());
        var tally = Ask("decrypt", Users[0], [ElectionFixture.Named("election", first.Id), .. mixes.Select(static mix => ElectionFixture.Bytes("mix", mix))]);
        Assert.Equal(ResultStatus.Ok, tally.Receipt.Leaf.Status);
        var record = new ElectionRecord(
            first.Terms, first.Id, key, first.Terms.CloseMs, ballots, mixes, tally.Outputs, tally.Record, _cluster.Directory.ChainId);
        Assert.Null(record.Verify());
        Assert.Equal([[1, 2]], record.Count());

        // The key of the counted election is gone, that of the other is not.
        Assert.All(_cluster.Members, member => Assert.Equal(
            [Election.KeyPurpose(second.Id)], member.Reads.Keys.Select(static one => one.Purpose)));
        Assert.Null(_cluster[1].Reads.Key(Election.KeyPurpose(first.Id)));
        Assert.Equal("PRT-ENC-0004", Ask("decrypt", Users[0], ElectionFixture.Named("election", first.Id)).Outputs.Find("code")!.Value.ToText());
        Assert.Empty(_cluster.Halted);
    }

    private (Election Terms, Digest Id) Open(byte number)
    {
        PublicKey[] keys = [.. Users.Select(static user => user.PublicKey)];
        var close = _cluster.Simulation.Time + 60_000;
        var terms = new Election(Hash.H("test", [number]), [new("Sure?", ["yes", "no"])], keys, close, close + 600_000, 2, keys, 2, "neff04");
        var id = new Digest(Ask("open", Users[0], ElectionFixture.Bytes("terms", terms)).Outputs.Find("election")!.Value.Span);
        Assert.Equal(terms.Id(_cluster.UnitId), id);
        return (terms, id);
    }

    private void Vote(Digest election, GeneratedKey key, SigningKey voter, int choice) =>
        Assert.Equal(ResultStatus.Ok, Ask("vote", voter, Ballot(election, key, voter, 1, choice)).Receipt.Leaf.Status);

    private NamedValue[] Ballot(Digest election, GeneratedKey key, SigningKey voter, uint sequence, int choice)
    {
        var context = new BallotContext(election, key.KeyId, voter.PublicKey, sequence);
        using var prepared = new PreparedBallot(
            context, key.Key.PublicKey, [Point.MultiplyBase(Scalar.FromInteger((ulong)choice + 1))], _dice);
        return [new("ballot", Bytes.Wrap(prepared.Ballot.Encode())), ElectionFixture.Named("election", election)];
    }

    private Reply.Done Ask(string function, SigningKey client, params NamedValue[] inputs)
    {
        _cluster.Client = client;
        return _cluster.Done((int)(_nonce % 4) + 1, _cluster.Direct(function, ++_nonce, inputs));
    }

    private GeneratedKey KeyOf(Digest election)
    {
        var reading = _cluster[1].Reads.Key(Election.KeyPurpose(election))!;
        Assert.Null(reading.Record.Verify(reading.Outputs, reading.Receipt.Header.Context, _cluster.Committee, _cluster.Scheme, out var key));
        return key!;
    }

    private IReadOnlyList<Protean.State.MapEntry> Shown(Digest election)
    {
        var prefix = ElectionKeys.Ballots(election);
        Assert.True(_cluster[2].Reads.Prove([], [prefix], 0)!.Witness.Proof.TryScan(prefix, out var entries));
        return entries;
    }

    private static SigningKey Key(ulong seed) => SigningKey.Generate(new SeededRandom(seed));
}
