using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;

namespace Protean.Units.Encryption;

/// <summary>Elections: a key of its own for each, encrypted ballots, and one decryption of what enough mixers have shuffled (paper 4.2;
/// protocols 6).</summary>
public sealed class EncryptionUnit : IFunctionalUnit
{
    public string Name => "encryption";
    public IReadOnlyList<Transaction> Transactions => EncryptionTransactions.All;

    public void Join(IMembership membership)
    {
        membership.Handle(EncryptionTransactions.Open.Name, call => Open(call, membership));
        membership.Handle(EncryptionTransactions.Vote.Name, call => InElection(call, membership, Vote));
        membership.Handle(EncryptionTransactions.Decrypt.Name, call => InElection(call, membership, (call, election, id, key) =>
            Decrypt(call, election, id, key, membership)));
        membership.HandlePending(EncryptionTransactions.Decrypt.Name, pending => Begin(pending, membership));
        membership.HandleDone(EncryptionTransactions.Decrypt.Name, static done => done.Keys.Erase(Election.KeyPurpose(IdOf(done.About))));
        membership.HandleDue(NextLapse, Lapse);
    }

    private static Outcome Open(Call call, IMembership membership)
    {
        if (Read<Election>(call.Bytes(EncryptionTransactions.TermsField), out var malformed) is not { } election)
            return CallOutcomes.Malformed("PRT-ENC-0005", "the terms are malformed", malformed!);
        var id = election.Id(membership.Context.UnitId);
        if (OpenRules.Checks.FirstRefusal(new OpenCase(election, id, membership.Committee, call.State, call.TimeMs)) is { } refusal)
            return CallOutcomes.Failed(refusal);
        call.State.Keep(ElectionKeys.Election(id), call.Height, election);
        call.State.Put(new MapEntry(ElectionKeys.Lapse(election.LapseMs, id), call.Height, Bytes.Empty, Bytes.Empty));
        call.Keys.Begin(Election.KeyPurpose(id));
        return CallOutcomes.Ok(CallOutcomes.Output(EncryptionTransactions.ElectionField, id));
    }

    private static Outcome InElection(Call call, IMembership membership, Func<Call, Election, Digest, ThresholdKey, Outcome> act)
    {
        var id = call.Digest(EncryptionTransactions.ElectionField);
        if (call.State.Find<Election>(ElectionKeys.Election(id)) is not { } election) return Failed(EncryptionTransactions.UnknownElection);
        if (membership.Key(Election.KeyPurpose(id)) is { } key) return act(call, election, id, key);
        return call.State.Get(ElectionKeys.Lapse(election.LapseMs, id)) is null ? Failed(EncryptionTransactions.Over) : NoKey();
    }

    private static Outcome Vote(Call call, Election election, Digest id, ThresholdKey key)
    {
        var encoded = call.Bytes(EncryptionTransactions.BallotField);
        if (!Ballot.TryDecode(encoded.Span, election.Width, out var ballot))
            return CallOutcomes.Malformed("PRT-ENC-0006", "the ballot is malformed", new MalformedException($"no ballot of {election.Width} answers"));
        var vote = new VoteCase(election, id, ballot, call.Admitted.Signers, key.KeyId, key.Public.PublicKey, call.State, call.TimeMs);
        if (VoteRules.Checks.FirstRefusal(vote) is { } refusal) return CallOutcomes.Failed(refusal);
        if (vote.Before is { } before) call.State.Delete(ElectionKeys.Ballot(id, before.Tracking));
        var tracking = BallotBox.TrackingOf(encoded.Span);
        call.State.Put(new MapEntry(ElectionKeys.Ballot(id, tracking), call.Height, Bytes.Empty, encoded));
        call.State.Keep(ElectionKeys.Voter(id, vote.Voter), call.Height, new CastBallot(ballot.Context.Sequence, tracking));
        foreach (var u in ballot.U.Span) call.State.Put(new MapEntry(ElectionKeys.Cell(id, u), call.Height, Bytes.Empty, new Bytes(vote.Voter.Span)));
        return CallOutcomes.Ok(CallOutcomes.Output(EncryptionTransactions.TrackingField, tracking));
    }

    private static Outcome Decrypt(Call call, Election election, Digest id, ThresholdKey key, IMembership membership)
    {
        if (call.TimeMs < election.CloseMs) return NotClosed(election.CloseMs, call.TimeMs);
        var mixes = new List<SignedMix>();
        foreach (var encoded in call.All(EncryptionTransactions.MixField))
        {
            if (Read<SignedMix>(encoded, out var malformed) is not { } mix) return CallOutcomes.Malformed("PRT-ENC-0007", "a shuffle is malformed", malformed!);
            mixes.Add(mix);
        }
        var gate = new DecryptCase(
            election, id, Frozen(call.State, election, id), mixes, ConvictedOf(call.State, election, id), call.State.Get(ElectionKeys.Mixed(id)) is not null,
            key.Public.PublicKey, membership.Context.ChainId, membership.Scheme, membership.Random, OneCore.Instance);
        if (DecryptRules.Checks.FirstRefusal(gate) is { } refusal)
        {
            if (refusal.Code != DecryptRules.Checks[^1].Code) return CallOutcomes.Failed(refusal);
            // Only what the mixer signed was looked at: its word convicts it, and nobody else's time is spent on it again.
            var word = mixes[gate.Unproven!.Value.Round].Word;
            call.State.Keep(ElectionKeys.Convicted(id, word.Mixer), call.Height, word);
            return CallOutcomes.Failed(refusal) with { Recorded = true };
        }
        call.State.Put(new MapEntry(ElectionKeys.Mixed(id), call.Height, Bytes.Empty, mixes[^1].Outputs));
        call.State.Delete(ElectionKeys.Lapse(election.LapseMs, id));
        return new Outcome.Pending(new Bytes(id.Span));
    }

    private static Tally Begin(PendingResult pending, IMembership membership)
    {
        var id = IdOf(pending.About);
        var election = pending.State.Find<Election>(ElectionKeys.Election(id))!;
        var mixed = pending.State.Get(ElectionKeys.Mixed(id))!.Value;
        if (!Ciphertexts.TryDecode(mixed.Span, OneCore.Instance, out var ciphertexts)) throw new InvalidOperationException("what passed the gate is canonical");
        return new Tally(membership.Key(Election.KeyPurpose(id))!, Frozen(pending.State, election, id)!.Root(), ciphertexts, membership.Random);
    }

    // Votes count before the close only, so after it this never changes.
    private static Ciphertexts? Frozen(MapView state, Election election, Digest id) =>
        BallotBox.Rows(state.Scan(ElectionKeys.Ballots(id)).Select(static entry => entry.Value), election.Width);

    private static IReadOnlyCollection<PublicKey> ConvictedOf(MapView state, Election election, Digest id) =>
        [.. election.Mixers.Where(mixer => state.Get(ElectionKeys.Convicted(id, mixer)) is not null)];

    private static ulong? NextLapse(MapView state) =>
        state.Scan(ElectionKeys.Lapses).FirstOrDefault() is { } first ? ElectionKeys.LapseOf(first.Key).TimeMs : null;

    private static void Lapse(DueCall due)
    {
        foreach (var entry in due.State.Scan(ElectionKeys.Lapses).TakeWhile(entry => ElectionKeys.LapseOf(entry.Key).TimeMs <= due.TimeMs).ToArray())
        {
            due.State.Delete(entry.Key);
            due.Keys.Erase(Election.KeyPurpose(ElectionKeys.LapseOf(entry.Key).Election));
        }
    }

    private static Digest IdOf(Bytes about) => new(about.Span);

    private static T? Read<T>(Bytes encoded, out MalformedException? malformed) where T : class, ICanonical<T>
    {
        try
        {
            malformed = null;
            return Canonical.Decode<T>(encoded.Span);
        }
        catch (MalformedException caught)
        {
            malformed = caught;
            return null;
        }
    }

    private static Outcome.Failed Failed((string Code, string Meaning) why) => new(why.Code, why.Meaning);

    private static Outcome.Refused NotClosed(ulong closeMs, ulong nowMs) => new(new Refusal(
        EncryptionTransactions.NotClosed.Code, EncryptionTransactions.NotClosed.Meaning, Expected: $"block time {closeMs}", Got: $"{nowMs}", Retry: true,
        Advice: "Ask again then."));

    private static Outcome.Refused NoKey() => new(new Refusal(
        EncryptionTransactions.NoKey.Code, EncryptionTransactions.NoKey.Meaning, Expected: "a key of the election's own", Got: "its generation is under way",
        Retry: true, Advice: "Ask again in a few seconds; the unit's status says which members it waits for."));
}
