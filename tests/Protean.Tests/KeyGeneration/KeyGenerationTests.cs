using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Xunit;

namespace Protean.Tests.KeyGeneration;

public sealed class KeyGenerationTests
{
    [Theory, InlineData(1), InlineData(4), InlineData(7)]
    public void Honest_members_generate_one_key_before_any_window_ends(int members)
    {
        var log = new GenerationLog(members);
        var began = log.TimeMs;
        log.Run();
        log.AssertShared();
        Assert.Equal(members, log.Key!.Qualified.Count);
        Assert.Empty(log.Evidence);
        Assert.Empty(log.Refusals);
        Assert.True(log.TimeMs - began < GenerationLog.Windows.Dealing);
    }

    [Theory, InlineData(4), InlineData(7)]
    public void With_f_members_silent_the_others_finish_when_the_windows_end(int members)
    {
        var log = new GenerationLog(members);
        for (var i = 0; i < log.Committee.Faulty; i++) log.Faulty.Add((ushort)(members - i), Deeds.Silent);
        log.Run();
        log.AssertShared();
        Assert.Equal(members - log.Committee.Faulty, log.Key!.Qualified.Count);
        Assert.Empty(log.Evidence);
    }

    [Fact]
    public void A_phase_waits_for_its_window_while_a_member_is_missing()
    {
        var log = new GenerationLog(4);
        log.Faulty.Add(4, Deeds.Silent);
        log.Block();
        log.Block(log.Owed());
        Assert.Equal(GenerationPhase.Dealing, log.State.Phase);
        Assert.Equal(log.State.SinceMs + GenerationLog.Windows.Dealing, log[1].Generator.NextDue(log[1].Keys));
        Assert.Equal("key generation 3/4 dealings, 0/4 acks; waiting for 4", log[1].Generator.Progress(log[1].Keys)!.ToString());

        log.TimeMs = log.State.SinceMs + GenerationLog.Windows.Dealing;
        log.Block();
        Assert.Equal(GenerationPhase.Checking, log.State.Phase);
        log.Block(log.Owed());
        Assert.Equal(log.State.SinceMs + GenerationLog.Windows.Checking, log[1].Generator.NextDue(log[1].Keys));
        Assert.Equal("key generation 3/4 dealings, 3/4 acks; waiting for 4", log[1].Generator.Progress(log[1].Keys)!.ToString());
    }

    [Fact]
    public void An_erased_key_leaves_nothing_but_what_convicted_members()
    {
        var log = new GenerationLog(4);
        log.Faulty.Add(4, Deeds.DealsTwice(log, 4));
        log.Run();
        var keys = log[1].Edit();
        var begun = new BegunKeys(keys);
        begun.Begin("another");
        begun.Erase(GenerationLog.Purpose);
        Assert.Equal(log.Evidence, BegunKeys.Evidence(keys));
        Assert.NotEmpty(log.Evidence);
        Assert.Null(log[1].Generator.State(keys));
        Assert.Null(log[1].Generator.Key(keys));
        Assert.Equal(["another"], BegunKeys.In(keys));
        Assert.Equal(2, keys.Scan(Bytes.Empty).Count());
    }

    [Fact]
    public void Fewer_than_n_minus_f_dealings_are_waited_for_however_long()
    {
        var log = new GenerationLog(4);
        log.Faulty.Add(3, Deeds.Silent);
        log.Faulty.Add(4, Deeds.Silent);
        log.Block();
        log.Block(log.Owed());
        Assert.Null(log[1].Generator.NextDue(log[1].Keys));
        log.TimeMs += 1_000 * GenerationLog.Windows.Dealing;
        log.Block();
        Assert.Equal(GenerationPhase.Dealing, log.State.Phase);
    }

    [Theory, InlineData(4), InlineData(7)]
    public void F_dealers_of_wrong_shares_are_convicted_and_left_out(int members)
    {
        var log = new GenerationLog(members);
        for (var cheat = (ushort)members; cheat > members - log.Committee.Faulty; cheat--)
            log.Faulty.Add(cheat, Deeds.DealsWrongSharesTo(log, cheat, 1));
        log.Run();
        log.AssertShared();
        Assert.Equal(log.Faulty.Keys, log.Evidence.Select(evidence => evidence.Accused.Index));
        Assert.All(log.Evidence, evidence => Assert.Equal(("E7", Offence.WrongShare), (evidence.Code, evidence.Offence)));
        Assert.Equal(MemberSet.All(members - log.Committee.Faulty), log.Key!.Qualified);
        Assert.Equal(0, log.Key.Attempt);
    }

    [Fact]
    public void A_false_complaint_convicts_the_complainer_and_nobody_else()
    {
        var log = new GenerationLog(4);
        log.Faulty.Add(4, Deeds.ComplainsFalselyAbout(log, self: 4, dealer: 1));
        log.Run();
        log.AssertShared();
        var evidence = Assert.Single(log.Evidence);
        Assert.Equal(("E8", new MemberId(4)), (evidence.Code, evidence.Accused));
        Assert.True(log.Key!.Qualified.Contains(new MemberId(1)));
    }

    [Fact]
    public void A_dealer_of_two_dealings_is_convicted_and_left_out()
    {
        var log = new GenerationLog(4);
        log.Faulty.Add(4, Deeds.DealsTwice(log, self: 4));
        log.Run();
        log.AssertShared();
        var evidence = Assert.Single(log.Evidence);
        Assert.Equal(("E7", Offence.TwoDealings, new MemberId(4)), (evidence.Code, evidence.Offence, evidence.Accused));
        Assert.All([evidence.Dealing, evidence.Against], one =>
            Assert.True(one.IsSigned(log.Context, log.Committee, Ed25519Scheme.Instance)));
        Assert.Equal(MemberSet.All(3), log.Key!.Qualified);
    }

    [Fact]
    public void The_same_dealing_twice_convicts_nobody()
    {
        var log = new GenerationLog(4);
        log.Block();
        var owed = log.Owed().ToArray();
        log.Block(owed[..2]);
        log.Block(owed);
        Assert.Equal(["PRT-KEY-0012", "PRT-KEY-0012"], log.Refusals.Select(refusal => refusal.Code));
        Assert.True(log.State.Convicted.IsEmpty);
    }

    [Fact]
    public void A_complaint_about_a_dealing_that_was_kept_back_convicts_nobody()
    {
        // N92: the dealer logs one dealing and hands the victim another of the same session.
        var log = new GenerationLog(4);
        log.Block();
        log.Block(log.Owed());
        Assert.Null(VerifiedDealing.TryVerify(log.Session, Deeds.WrongDealing(log, self: 1, victims: 2), out var keptBack));
        var complaint = keptBack!.Accuse(2, log.EncryptionSecrets[1], new SeededRandom(2));
        log.Block(log.Sign(2, Deeds.Complaint(log, complaint)));
        Assert.Equal((2, "PRT-KEY-0035"), log.Refusals.Single());
        Assert.Empty(log.Evidence);
    }

    [Fact]
    public void A_dealer_who_copies_another_ones_randomness_is_not_counted_so_nobody_reveals_a_mask()
    {
        // N93, N06: member 4 takes R and commitments of member 1, with shares of its own making.
        var log = new GenerationLog(4);
        log.Block();
        var honest = Decode(log, log[1].Owed().Single());
        var copied = honest with { Dealer = 4, Shares = honest.Shares.ToArray().Reverse().ToArray() };
        log.Block([.. log.Owed().Take(3), log.Sign(4, Deeds.Dealt(copied))]);
        Assert.Equal((4, "PRT-KEY-0014"), log.Refusals.Single());
        log.TimeMs += GenerationLog.Windows.Dealing;
        log.Block();
        Assert.Equal(GenerationPhase.Checking, log.State.Phase);
        Assert.All(log.Nodes, node => Assert.DoesNotContain(node.Owed(), posting => posting.Topic == KeyGenerator.ComplaintTopic));
    }

    [Fact]
    public void Another_members_dealing_is_nobodys_own()
    {
        // N06: the dealing as it is, under the signature of somebody else.
        var log = new GenerationLog(4);
        log.Block();
        log.Block(log.Sign(4, log[1].Owed().Single()));
        Assert.Equal((4, "PRT-KEY-0011"), log.Refusals.Single());
    }

    [Fact]
    public void An_invalid_dealing_does_not_keep_out_the_good_one_that_follows()
    {
        // N22.
        var log = new GenerationLog(4);
        log.Block();
        var good = Decode(log, log[4].Owed().Single());
        var spoilt = good with { Proof = good.Proof with { RandomResponse = Scalar.One } };
        log.Block(log.Sign(4, Deeds.Dealt(spoilt)), log.Sign(4, Deeds.Dealt(good)));
        Assert.Equal((4, "PRT-KEY-0014"), log.Refusals.Single());
        Assert.True(log.State.Dealt.Contains(new MemberId(4)));
        Assert.True(log.State.Convicted.IsEmpty);
    }

    [Fact]
    public void A_dealing_of_a_higher_threshold_is_no_dealing()
    {
        // N25.
        var log = new GenerationLog(4);
        log.Block();
        var keys = log.Committee.Ids.Select(id => log.Session.EncryptionKey(id.Index)).ToArray();
        var raised = Dealing.Deal(new DkgSession(log.Session.Sid, log.Committee.Threshold + 1, keys), 4, new SeededRandom(4));
        log.Block(log.Sign(4, Deeds.Dealt(raised)));
        Assert.Equal((4, "PRT-KEY-0003"), log.Refusals.Single());
    }

    [Fact]
    public void A_dealing_of_identity_points_is_refused()
    {
        // N97.
        var log = new GenerationLog(4);
        log.Block();
        var good = Decode(log, log[4].Owed().Single());
        Point[] commitments = [Point.Identity, .. good.Commitments.ToArray().Skip(1)];
        log.Block(log.Sign(4, Deeds.Dealt(good with { Commitments = commitments })),
            log.Sign(4, Deeds.Dealt(good with { R = Point.Identity })));
        Assert.Equal([(4, "PRT-KEY-0014"), (4, "PRT-KEY-0014")], log.Refusals);
    }

    [Fact]
    public void A_committee_with_an_encryption_key_that_is_no_point_generates_nothing()
    {
        var log = new GenerationLog(4);
        Member[] members = [log.Committee.Members[0] with { EncryptionKey = default }, .. log.Committee.Members.Skip(1)];
        var committee = new Committee(members, log.Committee.Quorum, log.Committee.Threshold);
        Assert.Throws<MalformedException>(() => new KeyGenerator("draw", log.Context, committee, GenerationLog.Windows));
    }

    [Theory, InlineData(4), InlineData(7)]
    public void Restarted_between_any_two_blocks_members_deal_once_and_end_with_the_same_key(int members)
    {
        var log = new GenerationLog(members);
        log.Faulty.Add((ushort)members, Deeds.DealsWrongSharesTo(log, (ushort)members, 1));
        var shown = new SortedDictionary<(ushort, Digest), Bytes>();
        log.Run(betweenBlocks: () =>
        {
            foreach (var node in log.HonestNodes)
            {
                var owed = node.Owed();
                node.Restart();
                Assert.Equal(owed.Select(posting => posting.Topic), node.Owed().Select(posting => posting.Topic));
                foreach (var dealing in node.Owed().Where(posting => posting.Topic == KeyGenerator.DealingTopic))
                {
                    shown.TryAdd((node.Id.Index, dealing.Subject), dealing.Payload);
                    Assert.Equal(shown[(node.Id.Index, dealing.Subject)], dealing.Payload);
                }
            }
        });
        log.AssertShared();
        Assert.Equal([(ushort)members], log.Evidence.Select(evidence => evidence.Accused.Index));
        foreach (var node in log.Nodes) node.Restart();
        log.AssertShared();
    }

    [Fact]
    public void An_attempt_without_enough_acknowledgements_is_followed_by_another_with_longer_windows()
    {
        var log = new GenerationLog(4);
        log.Faulty.Add(3, Deeds.SilentAfterDealing);
        log.Faulty.Add(4, Deeds.DealsWrongSharesTo(log, 4, 1, 2));
        log.Block();
        log.Block(log.Owed());
        log.Block(log.Owed());
        log.TimeMs = log.State.SinceMs + GenerationLog.Windows.Checking;
        log.Block();
        Assert.Equal((1, GenerationPhase.Dealing), (log.State.Attempt, log.State.Phase));
        Assert.Equal(MemberSet.Empty.With(new MemberId(4)), log.State.Excluded);
        Assert.Equal(2 * GenerationLog.Windows.Dealing, GenerationLog.Windows.OfPhase(log.State.Phase, log.State.Attempt));

        log.Faulty.Remove(3);
        log.Run();
        log.AssertShared();
        Assert.Equal((1, MemberSet.All(3)), (log.Key!.Attempt, log.Key.Qualified));
    }

    [Fact]
    public void A_generation_not_done_by_the_end_of_its_epoch_begins_anew_in_the_next()
    {
        var log = new GenerationLog(4);
        log.Block();
        log.Block(log.Owed().Take(2));
        var next = log.Context with { Epoch = 1 };
        var generator = new KeyGenerator(GenerationLog.Purpose, next, log.Committee, GenerationLog.Windows);
        var edit = new Protean.State.StateMap(new Protean.Simulator.InMemoryStore(), "keys").Edit();
        foreach (var entry in log[1].Keys.Scan(Bytes.Empty)) edit.Put(entry);
        Assert.Null(KeyGenerator.EpochOf(edit, GenerationLog.Purpose));
        generator.Begin(edit, 5);
        Assert.Equal(GenerationState.Begin(epoch: 1, timeMs: 5), generator.State(edit)! with { Acknowledgements = [] });
        Assert.Single(edit.Scan(Bytes.Empty));
    }

    [Fact]
    public void A_key_stays_with_the_committee_of_the_epoch_that_generated_it()
    {
        var log = new GenerationLog(4, epoch: 3);
        log.Run();
        Assert.Equal(3UL, KeyGenerator.EpochOf(log[1].Keys, GenerationLog.Purpose));
        Assert.Equal(3UL, log.Key!.Epoch);
    }

    [Fact]
    public void Whatever_f_members_do_the_others_finish_with_one_key_and_none_of_them_is_convicted() => Gen.Select(
        Gen.Bool.Select(small => small ? 4 : 7), Gen.ULong, Gen.Int[0, 5].Array[2]).Sample(
        (members, seed, deeds) =>
        {
            var log = new GenerationLog(members, seed);
            for (var i = 0; i < log.Committee.Faulty; i++)
            {
                var self = (ushort)(members - i);
                log.Faulty.Add(self, Deed(log, self, deeds[i]));
            }
            log.Run();
            log.AssertShared();
            Assert.All(log.HonestNodes, node => Assert.False(log.State.Convicted.Contains(node.Id)));
        },
        iter: 12);

    private static Func<Posting, IEnumerable<Posting>> Deed(GenerationLog log, ushort self, int which) => which switch
    {
        0 => Deeds.Silent,
        1 => Deeds.SilentAfterDealing,
        2 => Deeds.DealsWrongSharesTo(log, self, 1),
        3 => Deeds.DealsWrongSharesTo(log, self, 1, 2, 3),
        4 => Deeds.DealsTwice(log, self),
        _ => Deeds.ComplainsFalselyAbout(log, self, dealer: 1),
    };

    private static Dealing Decode(GenerationLog log, Posting posting) =>
        Dealing.TryDecode(posting.Payload.Span, log.Committee.Size, log.Committee.Threshold, out var dealing)
            ? dealing
            : throw new FormatException();
}
