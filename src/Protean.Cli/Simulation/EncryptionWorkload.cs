using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;
using Protean.State;
using Protean.Units.Encryption;

namespace Protean.Cli.Simulation;

/// <summary>An election while things go wrong: a key begun on the log, votes and a changed mind, shuffles, and a tally that is checked share by
/// share.</summary>
internal sealed class EncryptionWorkload : IWorkload
{
    private const int Pause = 500;
    private const ulong WindowMs = 500, EndlessMs = 3_600_000;

    private static readonly SigningKey[] Users = [.. new[] { Surroundings.Client, Surroundings.Stranger }.OrderBy(static user => user.PublicKey)];

    private readonly SeededRandom _random = new(7);
    // Tracking codes by voter, and how many of them were cast before the last that was accepted.
    private readonly SortedDictionary<PublicKey, List<Digest>> _cast = [];
    private readonly SortedDictionary<PublicKey, int> _accepted = [];
    private ulong _nonce;

    public IFunctionalUnit Unit { get; } = new EncryptionUnit();
    public ISignatureScheme Scheme => Ed25519Scheme.Instance;
    public string Shared => EncryptionTransactions.Decrypt.Name;
    public IReadOnlyList<NamedValue> Parameters { get; } = [new("keygen.windowMs", Values.OfU64(WindowMs))];

    public void Begin(UnitRun run)
    {
        var (terms, id) = Terms(run);
        run.Ask(Open(run, ++_nonce), done =>
        {
            if (done.Receipt.Leaf.Status == ResultStatus.Ok) Vote(run, terms, id);
        });
    }

    public Request Probe(UnitRun run, ulong nonce) => Open(run, nonce);

    private void Vote(UnitRun run, Election terms, Digest id)
    {
        if (KeyOf(run, id) is not { } key)
        {
            run.After(Pause, () => Vote(run, terms, id));
            return;
        }
        foreach (var user in Users) Cast(run, id, key, user, 1, _ => Cast(run, id, key, user, 2, _ => { }));
        Count(run, terms, id, key);
    }

    private void Cast(UnitRun run, Digest id, GeneratedKey key, SigningKey voter, uint sequence, Action<Reply.Done> then)
    {
        using var prepared = new PreparedBallot(
            new BallotContext(id, key.KeyId, voter.PublicKey, sequence), key.Key.PublicKey, [new CandidatePoints(2)[(int)sequence]], _random);
        var encoded = Bytes.Wrap(prepared.Ballot.Encode());
        if (!_cast.TryGetValue(voter.PublicKey, out var cast)) _cast.Add(voter.PublicKey, cast = []);
        cast.Add(BallotBox.TrackingOf(encoded.Span));
        var request = Workloads.Direct(
            run.Network, EncryptionTransactions.Vote.Name, ++_nonce, new(EncryptionTransactions.BallotField, encoded), Named(id)) with
        { Client = voter.PublicKey };
        run.Ask(request, done =>
        {
            if (done.Receipt.Leaf.Status == ResultStatus.Ok) _accepted[voter.PublicKey] = (int)sequence - 1;
            then(done);
        }, voter);
    }

    private void Count(UnitRun run, Election terms, Digest id, GeneratedKey key)
    {
        if (run.Reads is not { Head: { } head } reads || head.Header.TimeMs < terms.CloseMs
            || reads.Prove([], [ElectionKeys.Ballots(id)], 0) is not { } proven
            || !proven.Witness.Proof.TryScan(ElectionKeys.Ballots(id), out var ballots) || proven.Seal.Header.TimeMs < terms.CloseMs)
        {
            run.After(Pause, () => Count(run, terms, id, key));
            return;
        }
        Invariants.NothingLost.Require(
            _accepted.All(one => _cast[one.Key].Skip(one.Value).Any(tracking => ballots.Any(entry => entry.Key == ElectionKeys.Ballot(id, tracking)))),
            () => "neither a ballot that was accepted counts, nor a later one of its voter");
        if (ballots.Count < terms.LeastBallots) return;
        var mixes = Chain(run, terms, id, key, ballots);
        var request = Workloads.Direct(run.Network, EncryptionTransactions.Decrypt.Name, ++_nonce,
            [Named(id), .. mixes.Select(static mix => new NamedValue(EncryptionTransactions.MixField, Bytes.Wrap(Canonical.Encode(mix))))]);
        run.Ask(request, done =>
        {
            var record = new ElectionRecord(
                terms, id, key, proven.Seal.Header.TimeMs, ballots, mixes, done.Outputs, done.Record, run.Network.Directory.ChainId);
            Invariants.NothingLost.Require(record.Verify() is null, () => $"the election was not counted as it should: {record.Verify()}");
        });
    }

    private List<SignedMix> Chain(UnitRun run, Election terms, Digest id, GeneratedKey key, IReadOnlyList<MapEntry> ballots)
    {
        var (mixes, inputs) = (new List<SignedMix>(), BallotBox.Rows(ballots.Select(static entry => entry.Value), terms.Width)!);
        foreach (var mixer in Users)
        {
            mixes.Add(SignedMix.Of(
                terms, id, (ushort)mixes.Count, inputs, key.Key.PublicKey, mixer.PublicKey, run.Network.Directory.ChainId, payload => mixer.Sign(payload),
                _random, OneCore.Instance));
            if (!Ciphertexts.TryDecode(mixes[^1].Outputs.Span, OneCore.Instance, out inputs!)) throw new InvalidOperationException("a shuffle is canonical");
        }
        return mixes;
    }

    private static Request.Direct Open(UnitRun run, ulong nonce) => Workloads.Direct(
        run.Network, EncryptionTransactions.Open.Name, nonce, new NamedValue(EncryptionTransactions.TermsField, Bytes.Wrap(Canonical.Encode(Terms(run).Terms))));

    // Half of the ways in which a run goes wrong lie before the close, and half after it.
    private static (Election Terms, Digest Id) Terms(UnitRun run)
    {
        PublicKey[] keys = [.. Users.Select(static user => user.PublicKey)];
        var close = run.Network.Directory.Genesis.TimeMs + (ulong)run.Duration / 2 + 2 * WindowMs;
        var terms = new Election(default, [new("Sure?", ["yes", "no"])], keys, close, close + EndlessMs, 2, keys, 2, ShuffleProtocol.TereliusWikstrom.Name);
        return (terms, terms.Id(run.Network.UnitId));
    }

    private static GeneratedKey? KeyOf(UnitRun run, Digest id) =>
        run.Reads?.Key(Election.KeyPurpose(id)) is { } reading ? GeneratedKey.FromOutputs(reading.Outputs) : null;

    private static NamedValue Named(Digest id) => new(EncryptionTransactions.ElectionField, new Bytes(id.Span));
}
