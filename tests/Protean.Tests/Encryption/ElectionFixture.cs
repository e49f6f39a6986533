using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.KeyGeneration;
using Protean.Tests.Units;
using Protean.Units.Encryption;
using Xunit;

namespace Protean.Tests.Encryption;

/// <summary>An encryption unit of four, without a log around it, with an open election.</summary>
internal sealed class ElectionFixture
{
    public const ulong CloseMs = 20_000, LapseMs = 60_000;

    // The key's purpose is the election, so the terms come first.
    private static readonly Lazy<ThresholdKey[]> Generated = new(() => KeysOf(Election.KeyPurpose(Standard.Id(new TestNetwork().IdOf("encryption")))));

    public ElectionFixture()
    {
        Unit = new TestUnit(new TestNetwork(), new EncryptionUnit());
        Id = Standard.Id(Unit.Context.UnitId);
        Assert.Equal(Id, Unit.Direct("open", Organizer.PublicKey, [Bytes("terms", Standard)]).Digest("election"));
        Unit.Keys.Add(Election.KeyPurpose(Id), Keys[0]);
    }

    public static SigningKey Organizer { get; } = TestNetwork.Key(50);
    public static SigningKey[] Voters { get; } = Sorted(1, 2, 3, 4);
    public static SigningKey[] Mixers { get; } = Sorted(11, 12, 13);
    public static ThresholdKey[] Keys => Generated.Value;

    public TestUnit Unit { get; }
    public Digest Id { get; }
    public static Point Key => Keys[0].Public.PublicKey;

    public static Election Standard => new(
        Digest.Zero, [new("Who?", ["Ada", "Bea", "Cy"]), new("How?", ["so", "otherwise"])], [.. Voters.Select(static voter => voter.PublicKey)], CloseMs, LapseMs, 2,
        [.. Mixers.Select(static mixer => mixer.PublicKey)], 2, "tw");

    public Ballot Prepare(SigningKey voter, uint sequence = 1, params int[] choices)
    {
        using var prepared = new PreparedBallot(
            new BallotContext(Id, Keys[0].KeyId, voter.PublicKey, sequence), Key,
            [.. (choices is [] ? [0, 0] : choices).Select(static choice => Point.MultiplyBase(Scalar.FromInteger((ulong)choice + 1)))], Unit.Random);
        return prepared.Ballot;
    }

    public Outcome Cast(Ballot ballot, SigningKey by) =>
        Unit.Direct("vote", by.PublicKey, [new("ballot", Protean.Codec.Bytes.Wrap(ballot.Encode())), Named("election", Id)]);

    /// <summary>All four vote; time passes to the close.</summary>
    public void VoteAndClose()
    {
        for (var i = 0; i < Voters.Length; i++) Assert.Null(Cast(Prepare(Voters[i], 1, i % 3, i % 2), Voters[i]).Code());
        Close();
    }

    public void Close()
    {
        while (Unit.Height * 1000 < CloseMs) Unit.Direct("open", Organizer.PublicKey, [new("terms", Protean.Codec.Bytes.Empty)]);
    }

    public Ciphertexts Frozen => BallotBox.Rows(Unit.State.Scan(ElectionKeys.Ballots(Id)).Select(static entry => entry.Value), Standard.Width)!;

    public SignedMix Mix(SigningKey mixer, ushort round, Ciphertexts inputs) => SignedMix.Of(
        Standard, Id, round, inputs, Key, mixer.PublicKey, Unit.Network.ChainId, payload => mixer.Sign(payload), Unit.Random, OneCore.Instance);

    /// <summary>A chain of honest shuffles, from the frozen ballots.</summary>
    public SignedMix[] Chain(params SigningKey[] mixers)
    {
        var (chain, inputs) = (new List<SignedMix>(), Frozen);
        foreach (var mixer in mixers)
        {
            chain.Add(Mix(mixer, (ushort)chain.Count, inputs));
            inputs = OutputsOf(chain[^1]);
        }
        return [.. chain];
    }

    public static Ciphertexts OutputsOf(SignedMix mix) =>
        Ciphertexts.TryDecode(mix.Outputs.Span, OneCore.Instance, out var outputs) ? outputs : throw new ArgumentException("not canonical");

    /// <summary>The same, with another entry that the mixer signs.</summary>
    public SignedMix Signed(SignedMix mix, SigningKey mixer, MixEntry entry) =>
        mix with { Word = new MixWord(mixer.PublicKey, entry, mixer.Sign(entry.SignedPayload(Unit.Network.ChainId))) };

    public Outcome Decrypt(params SignedMix[] mixes) =>
        Unit.Direct("decrypt", Organizer.PublicKey, [Named("election", Id), .. mixes.Select(static mix => Bytes("mix", mix))]);

    public ISharedResult Member(Outcome.Pending pending, int who)
    {
        Unit.Keys[Election.KeyPurpose(Id)] = Keys[who];
        var result = Unit.Pending["decrypt"](new PendingResult(Digest.Zero, Digest.Zero, "decrypt", pending.About, Unit.State));
        Unit.Keys[Election.KeyPurpose(Id)] = Keys[0];
        return result;
    }

    /// <summary>What t members find.</summary>
    public ISharedResult Together(Outcome.Pending pending, params int[] members)
    {
        var result = Member(pending, members[0]);
        foreach (var other in members[1..]) Assert.True(result.Accept(Keys[other].Self, Member(pending, other).OwnShare!.Value));
        return result;
    }

    /// <summary>The election to its end, as anybody checks it.</summary>
    public ElectionRecord Counted()
    {
        VoteAndClose();
        var chain = Chain(Mixers[0], Mixers[1]);
        var result = Together(Assert.IsType<Outcome.Pending>(Decrypt(chain)), 0, 1, 2);
        return new ElectionRecord(
            Standard, Id, Keys[0].Generated, CloseMs, [.. Unit.State.Scan(ElectionKeys.Ballots(Id))], chain, result.Result!, result.Record!.Value,
            Unit.Network.ChainId);
    }

    public static NamedValue Bytes<T>(string name, T value) where T : ICanonical<T> => new(name, Protean.Codec.Bytes.Wrap(Canonical.Encode(value)));
    public static NamedValue Named(string name, Digest value) => new(name, new Bytes(value.Span));

    private static SigningKey[] Sorted(params ulong[] seeds) => [.. seeds.Select(TestNetwork.Key).OrderBy(static key => key.PublicKey)];

    private static ThresholdKey[] KeysOf(string purpose)
    {
        var log = new GenerationLog(4, seed: 5, purpose: purpose);
        log.Run();
        return [.. log.Nodes.Select(static node => node.Holder.Key(node.Keys)!)];
    }
}
