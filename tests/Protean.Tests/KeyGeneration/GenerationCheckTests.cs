using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Protean.Simulator;
using Protean.State;
using Protean.Tests.Cryptography;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.KeyGeneration;

/// <summary>Every check of a contribution is needed: what it alone refuses would pass without it.</summary>
public sealed class GenerationCheckTests
{
    private readonly GenerationLog _log = new(4);

    public GenerationCheckTests()
    {
        _log.Block();
        _log.Block(_log.Owed());
    }

    [Fact]
    [LeavesOut(typeof(GenerationChecks), nameof(GenerationChecks.Contribution))]
    public void Of_any_contribution()
    {
        var good = Arrive(_log[1].Owed()[0]);
        Needed.EachIs(GenerationChecks.Contribution, good,
            ("PRT-KEY-0001", good with { Contribution = good.Contribution with { Subject = Digest.Zero } }),
            ("PRT-KEY-0002", good with { State = good.State with { Excluded = new MemberSet(1) } }),
            ("PRT-KEY-0002", good with { State = good.State with { Guilty = new MemberSet(1) } }));
    }

    [Fact]
    [LeavesOut(typeof(GenerationChecks), nameof(GenerationChecks.OwnDealing))]
    [LeavesOut(typeof(GenerationChecks), nameof(GenerationChecks.CountedDealing))]
    public void Of_dealings()
    {
        var dealing = Deeds.WrongDealing(_log, self: 1);
        var arrival = Arrive(Deeds.Dealt(dealing));
        Needed.EachIs(GenerationChecks.OwnDealing, (arrival, dealing),
            ("PRT-KEY-0011", (arrival, dealing with { Dealer = 2 })),
            ("PRT-KEY-0011", (arrival, dealing with { Sid = Digest.Zero })));

        var dealt = arrival with { State = arrival.State with { Phase = GenerationPhase.Dealing, Dealt = default } };
        var spoilt = dealing with { Proof = dealing.Proof with { RandomResponse = Scalar.One } };
        Needed.EachIs(GenerationChecks.CountedDealing, dealt,
            ("PRT-KEY-0013", dealt with { State = dealt.State with { Phase = GenerationPhase.Checking } }),
            ("PRT-KEY-0014", dealt with { Contribution = _log.Sign(1, Deeds.Dealt(spoilt)) }));
    }

    [Fact]
    [LeavesOut(typeof(GenerationChecks), nameof(GenerationChecks.Acknowledgement))]
    public void Of_acknowledgements()
    {
        var arrival = Arrive(_log[1].Owed()[0]);
        IReadOnlyList<Acknowledgement> own = [new(new MemberId(1), default)];
        Needed.EachIs(GenerationChecks.Acknowledgement, (arrival, MemberSet.All(4)),
            ("PRT-KEY-0021", (arrival with { State = arrival.State with { Phase = GenerationPhase.Done } }, MemberSet.All(4))),
            ("PRT-KEY-0022", (arrival with { State = arrival.State with { Acknowledgements = own } }, MemberSet.All(4))),
            ("PRT-KEY-0023", (arrival, MemberSet.All(5))));
    }

    [Fact]
    [LeavesOut(typeof(GenerationChecks), nameof(GenerationChecks.Complaint))]
    public void Of_complaints()
    {
        var counted = Deeds.Counted(_log, dealer: 2);
        var complaint = counted.Accuse(1, _log.EncryptionSecrets[0], new SeededRandom(1));
        var arrival = Arrive(Deeds.Complaint(_log, complaint));
        var good = new ComplaintArrival(arrival, complaint, counted);
        var done = arrival.State with { Phase = GenerationPhase.Done };
        Needed.EachIs(GenerationChecks.Complaint, good,
            ("PRT-KEY-0031", good with { Arrival = arrival with { State = arrival.State with { Phase = GenerationPhase.Dealing } } }),
            ("PRT-KEY-0032", good with { Arrival = arrival with { Contribution = _log.Sign(3, Deeds.Complaint(_log, complaint)) } }),
            ("PRT-KEY-0034", good with { Arrival = arrival with { State = arrival.State with { Guilty = new MemberSet(2) } } }),
            ("PRT-KEY-0034", good with { Arrival = arrival with { State = done with { Exposed = new MemberSet(2) } } }),
            ("PRT-KEY-0035", new ComplaintArrival(arrival, complaint with { SharedKey = Point.Base }, counted)));
        var late = arrival with { State = done with { Guilty = new MemberSet(2) } };
        Assert.Null(GenerationChecks.Complaint.FirstRefusal(good with { Arrival = late }));
    }

    [Fact]
    [LeavesOut(typeof(GenerationChecks), nameof(GenerationChecks.Reveal))]
    public void Of_reveals()
    {
        var counted = Deeds.Counted(_log, dealer: 2);
        Assert.True(counted.TryOpen(1, _log.EncryptionSecrets[0], new SeededRandom(1), out var share, out _));
        var value = new byte[Scalar.Size];
        share.CopyTo(value);
        var reveal = new Reveal(new MemberId(2), 1, Fixtures.Decode(Convert.ToHexString(value)));
        var arrival = Arrive(new Posting(KeyGenerator.RevealTopic, _log.Session.Sid, Bytes.Wrap(Canonical.Encode(reveal))));
        arrival = arrival with { State = arrival.State with { Phase = GenerationPhase.Done, Exposed = new MemberSet(2) } };
        var others = _log.Sign(3, new Posting(KeyGenerator.RevealTopic, _log.Session.Sid, Bytes.Empty));
        var good = new RevealArrival(arrival, reveal, [], counted);
        Needed.EachIs(GenerationChecks.Reveal, good,
            ("PRT-KEY-0041", good with { Arrival = arrival with { State = arrival.State with { Exposed = default } } }),
            ("PRT-KEY-0042", good with { Arrival = arrival with { Contribution = others } }),
            ("PRT-KEY-0043", good with { Revealed = [reveal] }),
            ("PRT-KEY-0043", good with { Revealed = [.. Enumerable.Range(2, 3).Select(index => reveal with { Index = (ushort)index })] }),
            ("PRT-KEY-0044", good with { Reveal = reveal with { Value = Scalar.One } }));
    }

    [Fact]
    public void Bytes_that_are_no_contribution_of_their_topic_are_refused_and_change_nothing()
    {
        var before = _log[1].Keys.Root;
        string[] topics =
            [KeyGenerator.DealingTopic, KeyGenerator.AcknowledgementTopic, KeyGenerator.ComplaintTopic, KeyGenerator.RevealTopic, "other"];
        foreach (var topic in topics)
            foreach (var payload in new[] { Bytes.Empty, Bytes.Of("not canonical"), new Bytes(new byte[98]), new Bytes(new byte[5000]) })
                _log.Block(_log.Sign(4, new Posting(topic, _log.Session.Sid, payload)));
        Assert.All(_log.Refusals, refusal => Assert.Equal((4, "PRT-KEY-0003"), refusal));
        Assert.Equal(before, _log[1].Keys.Root);
    }

    [Fact]
    public void A_contribution_before_the_generation_begins_is_refused()
    {
        var fresh = new StateMap(new InMemoryStore(), "keys").Edit();
        Assert.Equal("PRT-KEY-0001", _log[1].Generator.Apply(fresh, _log.Sign(1, _log[1].Owed()[0]))?.Code);
    }

    private Arrival Arrive(Posting posting) => new(_log[1].Generator, _log.State, _log.Sign(1, posting));
}
