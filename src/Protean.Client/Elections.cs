using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;
using Protean.Units.Encryption;

namespace Protean.Client;

/// <summary>The ballots of an election as they were when it closed, proven.</summary>
/// <param name="TimeMs">Of the sealed height.</param>
/// <param name="Entries">By tracking code.</param>
public sealed record FrozenBallots(ulong TimeMs, IReadOnlyList<MapEntry> Entries, Ciphertexts? Rows);

/// <summary>An election as a user sees it who takes part in it.</summary>
/// <param name="Key">Proven to be the sum of the members' dealings.</param>
public sealed record OpenElection(Digest Id, Election Terms, GeneratedKey Key);

/// <summary>Elections at an encryption unit: opened, voted in, shuffled, decrypted and checked by one user.</summary>
public sealed class Elections(Session session, UnitEntry? encryption = null)
{
    /// <summary>The class of the unit.</summary>
    public const string UnitClass = "encryption";

    public UnitEntry Unit { get; } = encryption ?? session.Network.Unit(UnitClass);

    private Identity User => session.Identity;

    /// <summary>Opens an election and waits for its key.</summary>
    public async Task<OpenElection> Open(Election terms, CancellationToken cancel = default)
    {
        var result = await Call(EncryptionTransactions.Open, cancel, Field(EncryptionTransactions.TermsField, terms));
        return await Find(new Digest(result.Output(EncryptionTransactions.ElectionField).Span), cancel);
    }

    /// <summary>An election that another has opened: its terms as its name binds them, its key with the dealings that it is the sum of.</summary>
    /// <exception cref="RefusedException">PRT-CLI-0063 there is none.</exception>
    public async Task<OpenElection> Find(Digest id, CancellationToken cancel = default)
    {
        var proven = await session.Network.State(Unit.UnitId, [ElectionKeys.Election(id)], [], cancel: cancel);
        if (!proven.Witness!.Proof.TryGet(ElectionKeys.Election(id), out var entry) || entry is null)
            throw new RefusedException(ClientRefusals.NoElection(id.ToString()));
        var key = await session.Network.Key(Unit.UnitId, Election.KeyPurpose(id), cancel);
        return new OpenElection(id, Canonical.Decode<Election>(entry.Value.Span), GeneratedKey.FromOutputs(key.Outputs));
    }

    /// <summary>A ballot of this user's, neither cast nor challenged yet.</summary>
    /// <param name="choices">For each question an answer, counted from 0.</param>
    /// <param name="sequence">Higher than that of the ballot before.</param>
    public PreparedBallot Prepare(OpenElection election, IReadOnlyList<int> choices, uint sequence)
    {
        var context = new BallotContext(election.Id, election.Key.KeyId, User.PublicKey, sequence);
        Point[] messages = [.. choices.Select((choice, question) => new CandidatePoints(election.Terms.Questions[question].Choices.Count)[choice + 1])];
        return new PreparedBallot(context, election.Key.Key.PublicKey, messages, SystemRandom.Instance);
    }

    /// <summary>Casts a ballot.</summary>
    /// <returns>Its tracking code.</returns>
    /// <exception cref="RefusedException">The unit refuses it.</exception>
    public async Task<Digest> Cast(Ballot ballot, CancellationToken cancel = default)
    {
        var encoded = ballot.Encode();
        await Call(EncryptionTransactions.Vote, cancel,
            new(EncryptionTransactions.BallotField, Bytes.Wrap(encoded)), new(EncryptionTransactions.ElectionField, new Bytes(ballot.Context.ElectionId.Span)));
        return BallotBox.TrackingOf(encoded);
    }

    /// <summary>Prepares a ballot and casts it.</summary>
    public async Task<Digest> Vote(OpenElection election, IReadOnlyList<int> choices, uint sequence = 1, CancellationToken cancel = default)
    {
        using var prepared = Prepare(election, choices, sequence);
        return await Cast(prepared.Ballot, cancel);
    }

    /// <summary>The ballots that count; waits for the close.</summary>
    public async Task<FrozenBallots> Frozen(OpenElection election, CancellationToken cancel = default)
    {
        var head = await session.Network.Head(Unit.UnitId, minTimeMs: election.Terms.CloseMs, cancel: cancel);
        var prefix = ElectionKeys.Ballots(election.Id);
        var proven = await session.Network.State(Unit.UnitId, [], [prefix], head.Header.Height, cancel);
        proven.Witness!.Proof.TryScan(prefix, out var entries);
        return new FrozenBallots(proven.Header.TimeMs, entries!, BallotBox.Rows(entries!.Select(static entry => entry.Value), election.Terms.Width));
    }

    /// <summary>This user's shuffle, as one of the election's mixers.</summary>
    /// <param name="before">Those of the mixers before.</param>
    public SignedMix Mix(OpenElection election, FrozenBallots frozen, IReadOnlyList<SignedMix> before)
    {
        var inputs = frozen.Rows!;
        if (before.Count > 0 && !Ciphertexts.TryDecode(before[^1].Outputs.Span, OneCore.Instance, out inputs))
            throw new RefusedException(ClientRefusals.MalformedShuffle(before[^1].Word.Mixer.ToString()));
        return SignedMix.Of(
            election.Terms, election.Id, (ushort)before.Count, inputs, election.Key.Key.PublicKey, User.PublicKey, session.Network.ChainId,
            payload => User.Sign(payload).Signature, SystemRandom.Instance, OneCore.Instance);
    }

    /// <summary>Asks for the one decryption.</summary>
    /// <returns>Sealed; a failure says which mixer or which rule it failed by.</returns>
    public Task<Result> Decrypt(OpenElection election, IReadOnlyList<SignedMix> mixes, CancellationToken cancel = default) => session.Call(
        Unit, EncryptionTransactions.Decrypt.Name,
        [new(EncryptionTransactions.ElectionField, new Bytes(election.Id.Span)), .. mixes.Select(static mix => Field(EncryptionTransactions.MixField, mix))],
        cancel: cancel);

    /// <summary>What anybody checks of a counted election.</summary>
    public ElectionRecord RecordOf(OpenElection election, FrozenBallots frozen, IReadOnlyList<SignedMix> mixes, Result tally) => new(
        election.Terms, election.Id, election.Key, frozen.TimeMs, frozen.Entries, mixes, tally.Outputs, tally.Record, session.Network.ChainId);

    private async Task<Result> Call(Transaction transaction, CancellationToken cancel, params IReadOnlyList<NamedValue> arguments) =>
        (await session.Call(Unit, transaction.Name, arguments, cancel: cancel)).RequireOk();

    private static NamedValue Field<T>(string name, T value) where T : ICanonical<T> => new(name, Bytes.Wrap(Canonical.Encode(value)));
}
