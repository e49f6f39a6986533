using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Xunit;

namespace Protean.Tests.KeyGeneration;

/// <summary>Protocols 3.4: a member that was away while shares were checked.</summary>
public sealed class LateComplaintTests
{
    [Theory, InlineData(4, 2), InlineData(7, 4)]
    public void A_share_found_wrong_when_the_key_is_there_is_repaired_by_the_others(int members, ushort threshold)
    {
        var log = KeyWithAWrongShareOf(members, victim: 1, threshold);
        Assert.True(log.Key!.Qualified.Contains(new MemberId((ushort)members)));
        Assert.Null(log[1].Holder.Key(log[1].Keys)!.Share);

        log.Faulty.Remove(1);
        log.Run();
        var evidence = Assert.Single(log.Evidence);
        Assert.Equal((new MemberId((ushort)members), Offence.WrongShare), (evidence.Accused, evidence.Offence));
        Assert.Equal(log.Committee.Threshold, log[1].Generator.Reveals(log[1].Keys, evidence.Accused).Count);
        log.AssertShared(log.HonestNodes);
        log[1].Restart();
        log.AssertShared(log.HonestNodes);
    }

    [Fact]
    public void The_key_stays_the_same_when_one_of_its_dealers_is_exposed()
    {
        var log = KeyWithAWrongShareOf(4, victim: 1);
        var before = log.Key!.ToOutputs();
        log.Faulty.Remove(1);
        log.Run();
        Assert.Equal(before, log.Key!.ToOutputs());
    }

    [Fact]
    public void Where_every_honest_share_is_needed_a_member_that_was_away_cannot_be_repaired()
    {
        // n = 4, t = 3: two members stay that are neither cheated nor cheat, and t shares open a polynomial.
        var log = KeyWithAWrongShareOf(4, victim: 1);
        log.Faulty.Remove(1);
        log.Run();
        Assert.Null(log[1].Holder.Key(log[1].Keys)!.Share);
        Assert.Equal(2, log[1].Generator.Reveals(log[1].Keys, new MemberId(4)).Count);
        Assert.NotNull(log[2].Holder.Key(log[2].Keys)!.Share);
    }

    [Fact]
    public void A_false_late_complaint_convicts_the_complainer_and_exposes_nobody()
    {
        var log = new GenerationLog(4);
        log.Run();
        log.Block(log.Sign(4, Deeds.FalseComplaint(log, self: 4, dealer: 1)));
        Assert.Equal(("E8", new MemberId(4)), (log.Evidence.Single().Code, log.Evidence.Single().Accused));
        Assert.True(log.State.Exposed.IsEmpty);
        Assert.All(log.Nodes, node => Assert.Empty(node.Owed()));
    }

    [Fact]
    public void Shares_of_a_dealer_that_nobody_convicted_are_not_revealed()
    {
        var log = new GenerationLog(4);
        log.Run();
        var reveal = new Reveal(new MemberId(1), 4, Scalar.One);
        log.Block(log.Sign(4, new Posting(KeyGenerator.RevealTopic, log.Session.Sid, Codec.Bytes.Wrap(Codec.Canonical.Encode(reveal)))));
        Assert.Equal((4, "PRT-KEY-0041"), log.Refusals.Single());
    }

    // The victim deals but is away while shares are checked; the dealer with the highest index cheats it.
    private static GenerationLog KeyWithAWrongShareOf(int members, ushort victim, ushort? threshold = null)
    {
        var log = new GenerationLog(members, threshold: threshold);
        var dealer = (ushort)members;
        log.Faulty.Add(victim, Deeds.SilentAfterDealing);
        log.Faulty.Add(dealer, Deeds.DealsWrongSharesTo(log, dealer, victim));
        log.Run();
        return log;
    }
}
