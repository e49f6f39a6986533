using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Tests.KeyGeneration;
using Protean.Tests.Tidy;
using Protean.Tests.Units;
using Protean.Units.Encryption;
using Xunit;
using static Protean.Tests.Encryption.ElectionFixture;

namespace Protean.Tests.Encryption;

/// <summary>What the encryption unit promises, and what its attackers try (protocols 6, 7.5).</summary>
public sealed class ElectionTests
{
    private readonly ElectionFixture _election = new();

    [Fact]
    public void What_was_voted_is_counted_whichever_members_decrypt()
    {
        _election.VoteAndClose();
        var pending = Assert.IsType<Outcome.Pending>(_election.Decrypt(_election.Chain(Mixers[0], Mixers[1])));
        var results = new[] { (int[])[0, 1, 2], [3, 2, 1] }.Select(members => _election.Together(pending, members).Result).ToArray();
        Assert.Equal(results[0], results[1]);
        Assert.Equal([[2, 1, 1], [2, 2]], Record(results[0]!).Count());
    }

    [Fact]
    public void Of_a_voters_ballots_the_last_one_counts()
    {
        var first = _election.Prepare(Voters[0], 1);
        Assert.Equal(BallotBox.TrackingOf(first.Encode()), _election.Cast(first, Voters[0]).Digest("tracking"));
        var second = _election.Prepare(Voters[0], 2);
        Assert.Null(_election.Cast(second, Voters[0]).Code());
        Assert.Equal("PRT-ENC-0024", _election.Cast(first, Voters[0]).Code());
        Assert.Equal(second.Encode(), Assert.Single(_election.Unit.State.Scan(ElectionKeys.Ballots(_election.Id))).Value.ToArray());
    }

    [Fact]
    public void A_ballot_of_another_is_refused_copied_whole_rebound_in_part_or_replaced_since()
    {
        var victim = _election.Prepare(Voters[0], 1);
        Assert.Null(_election.Cast(victim, Voters[0]).Code());
        Assert.Equal("PRT-ENC-0023", _election.Cast(victim with { Context = victim.Context with { Sequence = 2 } }, Voters[1]).Code());
        Assert.Equal("PRT-ENC-0025", _election.Cast(victim with { Context = victim.Context with { Voter = Voters[1].PublicKey } }, Voters[1]).Code());
        var own = _election.Prepare(Voters[1], 1);
        var part = own with { U = new PointList(own.U[0], victim.U[1]), V = new PointList(own.V[0], victim.V[1]) };
        Assert.Equal("PRT-ENC-0025", _election.Cast(part, Voters[1]).Code());
        Assert.Null(_election.Cast(_election.Prepare(Voters[0], 2), Voters[0]).Code());
        Assert.Equal("PRT-ENC-0025", _election.Cast(part, Voters[1]).Code());
        Assert.Null(_election.Cast(own, Voters[1]).Code());
    }

    [Fact]
    public void Nobody_votes_without_being_a_voter_nor_after_the_close()
    {
        Assert.Equal("PRT-ENC-0022", _election.Cast(_election.Prepare(Organizer), Organizer).Code());
        _election.Close();
        Assert.Equal("PRT-ENC-0021", _election.Cast(_election.Prepare(Voters[0]), Voters[0]).Code());
    }

    [Fact]
    public void Nothing_is_decrypted_before_the_close_unshuffled_twice_or_of_another_set()
    {
        Assert.Equal("PRT-ENC-0002", _election.Decrypt().Code());
        _election.VoteAndClose();
        var chain = _election.Chain(Mixers[0], Mixers[1]);
        Assert.Equal("PRT-ENC-0033", _election.Decrypt().Code());
        Assert.Equal("PRT-ENC-0033", _election.Decrypt(chain[0]).Code());
        var others = OutputsOf(chain[0]);
        Assert.Equal("PRT-ENC-0037", _election.Decrypt(_election.Mix(Mixers[0], 0, others), chain[1]).Code());
        Assert.IsType<Outcome.Pending>(_election.Decrypt(chain));
        Assert.Equal("PRT-ENC-0031", _election.Decrypt(chain).Code());
    }

    [Fact]
    public void A_mixer_that_cheats_is_convicted_by_its_own_word_and_others_go_on_without_it()
    {
        _election.VoteAndClose();
        var chain = _election.Chain(Mixers[0], Mixers[1]);
        var cheat = Cheated(chain[1], Mixers[1]);
        Assert.Equal("PRT-ENC-0038", _election.Decrypt(chain[0], cheat).Code());
        Assert.Equal(cheat.Word, Canonical.Decode<MixWord>(_election.Unit.State.Get(ElectionKeys.Convicted(_election.Id, Mixers[1].PublicKey))!.Value.Span));
        Assert.Equal("PRT-ENC-0034", _election.Decrypt(chain).Code());
        Assert.IsType<Outcome.Pending>(_election.Decrypt(_election.Chain(Mixers[0], Mixers[2])));
    }

    [Fact]
    public void Wrong_shares_neither_count_nor_stop_the_tally()
    {
        _election.VoteAndClose();
        var pending = Assert.IsType<Outcome.Pending>(_election.Decrypt(_election.Chain(Mixers[0], Mixers[1])));
        var (result, share) = (_election.Member(pending, 0), _election.Member(pending, 1).OwnShare!.Value);
        Assert.True(ProvenShares.TryDecode(share.Span, 8, out var good));
        Point[] moved = [.. good.Values.Span];
        (moved[0], moved[1]) = (moved[1], moved[0]);
        Assert.False(result.Accept(new MemberId(2), Protean.Codec.Bytes.Of("garbage")));
        Assert.False(result.Accept(new MemberId(2), Protean.Codec.Bytes.Wrap((good with { Values = new PointList(moved) }).Encode())));
        Assert.False(result.Accept(new MemberId(3), share));
        Assert.Equal((1, 3), result.Progress);
        Assert.True(result.Accept(new MemberId(2), share));
        Assert.True(result.Accept(new MemberId(4), _election.Member(pending, 3).OwnShare!.Value));
        Assert.NotNull(result.Result);
    }

    [Fact]
    public void The_key_is_begun_by_the_opening_and_erased_once_the_tally_stands_or_the_election_has_lapsed()
    {
        var purpose = Election.KeyPurpose(_election.Id);
        Assert.Equal([purpose], BegunKeys.In(_election.Unit.Begun));
        var (next, execute) = _election.Unit.Due!.Value;
        Assert.Equal(LapseMs, next(_election.Unit.State));
        var lapsed = _election.Unit.State.Begin();
        execute(new DueCall(lapsed, 60, LapseMs, static (_, _) => { }, static (_, _, _) => { }, new BegunKeys(_election.Unit.Begun.Begin())));
        Assert.Null(next(lapsed));

        _election.VoteAndClose();
        var pending = Assert.IsType<Outcome.Pending>(_election.Decrypt(_election.Chain(Mixers[0], Mixers[1])));
        Assert.Null(next(_election.Unit.State));
        _election.Unit.Done["decrypt"](new DoneCall(pending.About, _election.Unit.State, _election.Unit.Height, new BegunKeys(_election.Unit.Begun)));
        Assert.Empty(BegunKeys.In(_election.Unit.Begun));
        _election.Unit.Keys.Remove(purpose);
        Assert.Equal("PRT-ENC-0004", _election.Decrypt().Code());
    }

    [Fact]
    [LeavesOut(typeof(OpenRules), nameof(OpenRules.Checks))]
    public void Every_rule_of_terms_is_needed()
    {
        var good = new OpenCase(
            Standard with { Nonce = Hash.H("test", []) }, Hash.H("test/id", []), _election.Unit.Committee, _election.Unit.State.Begin(), 1000);
        var crowded = _election.Unit.State.Begin();
        for (ulong i = 0; i < Limits.MaxElections; i++)
            crowded.Put(new MapEntry(ElectionKeys.Lapse(i, good.Id), 1, Protean.Codec.Bytes.Empty, Protean.Codec.Bytes.Empty));
        PublicKey[] many = [.. Enumerable.Range(1, Limits.MaxTallyCells).Select(static i => new PublicKey(Hash.H("test", BitConverter.GetBytes(i)).Span))];
        Needed.EachIs(OpenRules.Checks, good,
            ("PRT-ENC-0011", With(static terms => terms with { Questions = [] })),
            ("PRT-ENC-0011", With(static terms => terms with { Questions = [new("Sure?", ["yes"])] })),
            ("PRT-ENC-0012", With(static terms => terms with { LeastBallots = 1 })),
            ("PRT-ENC-0012", With(static terms => terms with { LeastBallots = 5 })),
            ("PRT-ENC-0013", With(terms => terms with { Voters = many })),
            ("PRT-ENC-0014", good with { TimeMs = CloseMs }),
            ("PRT-ENC-0014", With(static terms => terms with { LapseMs = terms.CloseMs })),
            ("PRT-ENC-0014", With(static terms => terms with { LapseMs = ulong.MaxValue })),
            ("PRT-ENC-0015", With(static terms => terms with { Mixes = 1 })),
            ("PRT-ENC-0015", With(static terms => terms with { Mixes = 4 })),
            ("PRT-ENC-0016", With(static terms => terms with { Shuffle = "none" })),
            ("PRT-ENC-0017", good with { Id = _election.Id }),
            ("PRT-ENC-0018", good with { State = crowded }));

        OpenCase With(Func<Election, Election> change) => good with { Election = change(good.Election) };
    }

    [Fact]
    [LeavesOut(typeof(VoteRules), nameof(VoteRules.Checks))]
    public void Every_rule_of_ballots_is_needed()
    {
        var good = Vote(Voters[0], _election.Unit.State.Begin());
        var voted = _election.Unit.State.Begin();
        voted.Put(new MapEntry(ElectionKeys.Voter(_election.Id, good.Voter), 1, Protean.Codec.Bytes.Empty,
            Protean.Codec.Bytes.Wrap(Canonical.Encode(new CastBallot(1, Digest.Zero)))));
        var copied = _election.Unit.State.Begin();
        copied.Put(new MapEntry(ElectionKeys.Cell(_election.Id, good.Ballot.U[1]), 1, Protean.Codec.Bytes.Empty, new Bytes(Voters[1].PublicKey.Span)));
        Needed.EachIs(VoteRules.Checks, good,
            ("PRT-ENC-0021", good with { TimeMs = CloseMs }), ("PRT-ENC-0022", Vote(Organizer, good.State)), ("PRT-ENC-0023", good with { Signers = [] }),
            ("PRT-ENC-0024", good with { State = voted }), ("PRT-ENC-0025", good with { State = copied }),
            ("PRT-ENC-0026", good with { Ballot = good.Ballot with { Challenge = Scalar.One } }), ("PRT-ENC-0026", good with { Id = Digest.Zero }),
            ("PRT-ENC-0026", good with { KeyId = Digest.Zero }), ("PRT-ENC-0026", good with { Key = Point.Base }));

        VoteCase Vote(SigningKey voter, MapView state) => new(
            Standard, _election.Id, _election.Prepare(voter), [voter.PublicKey], Keys[0].KeyId, ElectionFixture.Key, state, 1000);
    }

    [Fact]
    [LeavesOut(typeof(DecryptRules), nameof(DecryptRules.Checks))]
    public void Every_rule_of_the_gate_is_needed()
    {
        _election.VoteAndClose();
        var chain = _election.Chain(Mixers[0], Mixers[1]);
        var good = new DecryptCase(
            Standard, _election.Id, _election.Frozen, chain, [], false, ElectionFixture.Key, _election.Unit.Network.ChainId, Ed25519Scheme.Instance,
            _election.Unit.Random, OneCore.Instance);
        var (last, inputs) = (chain[1].Word.Entry, OutputsOf(chain[0]));
        Needed.EachIs(DecryptRules.Checks, Again(),
            ("PRT-ENC-0031", good with { Begun = true }), ("PRT-ENC-0032", good with { Election = Standard with { LeastBallots = 5 } }),
            ("PRT-ENC-0033", Again(chain[0])), ("PRT-ENC-0034", Again(_election.Chain(Mixers[0], Mixers[0]))),
            ("PRT-ENC-0034", Again(_election.Chain(Mixers[0], Organizer))), ("PRT-ENC-0034", good with { Convicted = [Mixers[1].PublicKey] }),
            ("PRT-ENC-0035", Again(chain[0], chain[1] with { Word = chain[1].Word with { Signature = chain[0].Word.Signature } })),
            ("PRT-ENC-0036", Again(chain[0], _election.Signed(chain[1], Mixers[1], last with { ProofHash = Digest.Zero }))),
            ("PRT-ENC-0037", Again(chain[0], _election.Signed(chain[1], Mixers[1], last with { ElectionId = Digest.Zero }))),
            ("PRT-ENC-0037", Again(chain[0], _election.Mix(Mixers[1], 2, inputs))),
            ("PRT-ENC-0038", Again(chain[0], Cheated(chain[1], Mixers[1]))));

        DecryptCase Again(params SignedMix[] mixes) => new(
            good.Election, good.Id, good.Frozen, mixes is [] ? chain : mixes, [], false, good.Key, good.ChainId, good.Scheme, good.Random, good.Cores);
    }

    [Fact]
    [LeavesOut(typeof(ElectionRecord), nameof(ElectionRecord.Checks))]
    public void A_counted_election_is_checked_by_anybody_and_every_check_is_needed()
    {
        var good = _election.Counted();
        Assert.Null(good.Verify());
        var shares = Canonical.Decode<TallyRecord>(good.Record.Span).Shares;
        var lacking = Protean.Codec.Bytes.Wrap(Canonical.Encode(new TallyRecord([.. shares.Take(2)])));
        var wrong = new Outputs([.. good.Outputs.Values.Select(static value =>
            value.Name == "plaintexts" ? value with { Value = Protean.Codec.Bytes.Wrap([.. value.Value.Span[32..], .. value.Value.Span[..32]]) } : value)]);
        Needed.EachIs(ElectionRecord.Checks, good,
            ("PRT-ENC-0041", good with { Key = good.Key with { Purpose = "another" } }), ("PRT-ENC-0042", good with { FrozenMs = CloseMs - 1 }),
            ("PRT-ENC-0043", good with { Election = good.Election with { Voters = [.. good.Election.Voters.Skip(1)] } }),
            ("PRT-ENC-0044", good with { Election = good.Election with { LeastBallots = 5 } }), ("PRT-ENC-0045", good with { Outputs = wrong }),
            ("PRT-ENC-0045", good with { Record = lacking }), ("PRT-ENC-0045", good with { Record = Protean.Codec.Bytes.Of("garbage") }));
        foreach (var (code, bad) in new[]
        {
            ("PRT-ENC-0043", good with { Ballots = [.. good.Ballots, good.Ballots[0]] }), ("PRT-ENC-0044", good with { Ballots = [.. good.Ballots.Skip(1)] }),
            ("PRT-ENC-0044", good with { Mixes = [good.Mixes[0]] }),
        }) Assert.Equal(code, bad.Verify()?.Code);
    }

    [Fact]
    public void Terms_ballots_and_shuffles_have_one_form_each()
    {
        _election.VoteAndClose();
        var mix = _election.Chain(Mixers[0])[0];
        Assert.Equal(Standard, Canonical.Decode<Election>(Canonical.Encode(Standard)));
        Assert.Equal(mix, Canonical.Decode<SignedMix>(Canonical.Encode(mix)));
        var doubled = Standard with { Voters = [Voters[0].PublicKey, Voters[0].PublicKey] };
        Assert.Throws<MalformedException>(() => Canonical.Decode<Election>(Canonical.Encode(doubled)));
        Assert.Equal("PRT-ENC-0005", _election.Unit.Direct("open", Organizer.PublicKey, [Bytes("terms", doubled)]).Code());
        Assert.Equal("PRT-ENC-0007", _election.Unit.Direct("decrypt", Organizer.PublicKey,
            [Named("election", _election.Id), new("mix", Protean.Codec.Bytes.Of("garbage"))]).Code());
    }

    private ElectionRecord Record(Outputs outputs) => new(
        Standard, _election.Id, Keys[0].Generated, CloseMs, [], [], outputs, Protean.Codec.Bytes.Empty, Digest.Zero);

    // The mixer stands by a proof that does not hold.
    private SignedMix Cheated(SignedMix mix, SigningKey mixer)
    {
        byte[] proof = [.. mix.Proof.Span];
        proof[^1] ^= 1;
        return _election.Signed(mix with { Proof = Protean.Codec.Bytes.Wrap(proof) }, mixer, mix.Word.Entry with { ProofHash = MixEntry.HashOf(proof) });
    }
}
