using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Consensus;

/// <summary>R1 to R4, hygiene and evidence, at one member whose world the test plays.</summary>
public class VoteRuleTests
{
    private static readonly Entry Entry = new(EntryKind.Request, Bytes.Of("entry"));

    [Fact]
    public void A_valid_proposal_is_notarised_once_and_finalised_after_its_certificate()
    {
        var lone = new Lone();
        var block = lone.Block(1, entries: Entry);
        lone.Propose(block);
        lone.Propose(block);
        Assert.Equal([Vote.Notarize(1, block.Id)], lone.Votes);
        lone.AllVote(Vote.Notarize(1, block.Id));
        Assert.Contains(Vote.Finalize(1, block.Id), lone.Votes);
        Assert.Equal(2UL, lone.Member.View);
        lone.AllVote(Vote.Finalize(1, block.Id));
        Assert.Equal(block.Id, Assert.Single(lone.Outputs).Block.Id);
    }

    [Fact]
    public void Who_gave_a_view_up_may_still_notarise_it_and_never_finalises_it()
    {
        var lone = new Lone();
        lone.Vote(lone.Leader(1), Vote.Nullify(1));
        var block = lone.Block(1);
        lone.Propose(block);
        lone.AllVote(Vote.Notarize(1, block.Id));
        Assert.Equal([Vote.Nullify(1), Vote.Notarize(1, block.Id)], lone.Votes);
    }

    [Fact]
    public void Who_finalised_a_view_never_gives_it_up()
    {
        var lone = new Lone();
        var block = lone.Notarize(1);
        lone.Vote(lone.Leader(1), Vote.Nullify(1));
        lone.Member.TimeOut(new TimerId("consensus/advance"), lone);
        Assert.DoesNotContain(Vote.Nullify(1), lone.Votes);
        Assert.Contains(Vote.Finalize(1, block.Id), lone.Votes);
    }

    [Fact]
    public void Two_proposals_of_one_leader_give_the_view_up_and_are_kept_as_evidence()
    {
        var lone = new Lone();
        lone.Propose(lone.Block(1));
        lone.Propose(lone.Block(1, change: header => header with { TimeMs = header.TimeMs + 1 }));
        Assert.Contains(Vote.Nullify(1), lone.Votes);
        var evidence = Assert.Single(lone.Member.Evidence);
        Assert.Equal((EvidenceKind.TwoProposals, lone.Leader(1)), (evidence.Kind, evidence.Culprit));
        lone.Receive(lone.Others[1], new GetEvidence());
        Assert.Contains(new EvidenceMessage(evidence), lone.Sent);
    }

    public static TheoryData<EvidenceKind> VoteDeeds =>
        [EvidenceKind.TwoNotarize, EvidenceKind.NullifyAndFinalize, EvidenceKind.TwoFinalize];

    [Theory]
    [MemberData(nameof(VoteDeeds))]
    public void Contradicting_votes_are_evidence_that_convinces_others_and_frames_nobody(EvidenceKind kind)
    {
        var lone = new Lone();
        var (a, b) = (lone.Block(1).Id, lone.Block(1, change: header => header with { TimeMs = 1 }).Id);
        var (first, second) = kind switch
        {
            EvidenceKind.TwoNotarize => (Vote.Notarize(1, a), Vote.Notarize(1, b)),
            EvidenceKind.TwoFinalize => (Vote.Finalize(1, a), Vote.Finalize(1, b)),
            _ => (Vote.Nullify(1), Vote.Finalize(1, a)),
        };
        var culprit = lone.Others[2];
        lone.Vote(culprit, second);
        lone.Vote(culprit, first);
        var evidence = Assert.Single(lone.Member.Evidence);
        Assert.Equal((kind, culprit), (evidence.Kind, evidence.Culprit));

        var other = new Lone();
        other.Receive(other.Others[0], new EvidenceMessage(evidence with { Culprit = other.Others[0] }));
        other.Receive(
            other.Others[0], new EvidenceMessage(evidence with { Second = evidence.First, SecondSignature = evidence.FirstSignature }));
        Assert.Empty(other.Member.Evidence);
        other.Receive(other.Others[0], new EvidenceMessage(evidence));
        Assert.Equal(evidence, Assert.Single(other.Member.Evidence));
    }

    [Fact]
    public void A_vote_for_the_next_view_counts_there_and_only_there()
    {
        var lone = new Lone();
        var next = lone.Block(2);
        lone.AllVote(Vote.Notarize(2, next.Id));
        Assert.Equal(3UL, lone.Member.View);
        lone.AllVote(Vote.Nullify(9));
        Assert.Equal(3UL, lone.Member.View);
        Assert.Equal(3, lone.Member.Counters["refused/vote/ahead"]);
    }

    [Fact]
    public void One_vote_less_than_a_quorum_certifies_nothing()
    {
        var lone = new Lone();
        foreach (var other in lone.Others[..2]) lone.Vote(other, Vote.Nullify(1));
        Assert.Equal(1UL, lone.Member.View);
        lone.Receive(lone.Others[0], new CertificateMessage(lone.Certify(Vote.Nullify(1), signers: 2)));
        Assert.Equal(1, lone.Member.Counters["refused/certificate/form"]);
        Assert.Equal(1UL, lone.Member.View);
    }

    [Fact]
    public void Certificates_of_another_network_epoch_or_doubled_signers_are_refused()
    {
        var lone = new Lone();
        var good = lone.Certify(Vote.Nullify(1));
        lone.Receive(lone.Others[0], new CertificateMessage(lone.Certify(Vote.Nullify(1), lone.Context with { Epoch = 2 })));
        lone.Receive(lone.Others[0], new CertificateMessage(lone.Certify(Vote.Nullify(1), lone.Context with { ChainId = Digest.Zero })));
        Assert.Equal(2, lone.Member.Counters["refused/certificate/signature"]);
        var twice = good.Signatures.Signatures;
        lone.Receive(
            lone.Others[0],
                new CertificateMessage(good with { Signatures = good.Signatures with { Signatures = [twice[0], twice[0], twice[0]] } }));
        Assert.Equal(3, lone.Member.Counters["refused/certificate/signature"]);
        lone.Receive(
            lone.Others[0], new CertificateMessage(good with { Signatures = good.Signatures with { Signatures = [.. twice, twice[0]] } }));
        Assert.Equal(1, lone.Member.Counters["refused/certificate/form"]);
        Assert.Equal(1UL, lone.Member.View);
        lone.Receive(lone.Others[0], new CertificateMessage(good));
        Assert.Equal(2UL, lone.Member.View);
    }

    [Fact]
    public void A_signature_is_verified_once_and_none_after_the_quorum()
    {
        var lone = new Lone();
        var block = lone.Notarize(1);
        var before = lone.Member.Counters["verify"];
        lone.AllVote(Vote.Notarize(1, block.Id));
        lone.Receive(lone.Others[0], new CertificateMessage(lone.Certify(Vote.Notarize(1, block.Id))));
        Assert.Equal(before, lone.Member.Counters["verify"]);
    }

    [Fact]
    public void A_restarted_member_stands_by_its_votes_and_never_votes_at_or_below_the_last_final_view()
    {
        var store = new Protean.Simulator.InMemoryStore();
        var lone = new Lone(store: store);
        var final = lone.Notarize(1);
        lone.AllVote(Vote.Finalize(final.View, final.Id));
        var notarized = lone.Block(lone.Member.View, final);
        lone.Propose(notarized);

        var again = new Lone(store: store) { Now = lone.Now + TimeSpan.FromSeconds(1) };
        Assert.Equal(notarized.View, again.Member.View);
        again.Propose(again.Block(notarized.View, final)); // another block of the same view
        again.Propose(again.Block(final.View));            // another block of the final view
        foreach (var id in again.Others) again.Vote(id, Vote.Nullify(final.View));
        Assert.DoesNotContain(again.Votes, vote => vote.Kind == VoteKind.Notarize || vote.View <= final.View);
    }

    [Fact]
    public void A_restarted_member_still_holds_the_certificates_that_led_it_on()
    {
        var store = new Protean.Simulator.InMemoryStore();
        new Lone(store: store).AllVote(Vote.Nullify(1)); // it did not vote itself
        var again = new Lone(store: store);
        Assert.Equal(2UL, again.Member.View);
        again.Receive(again.Others[0], new GetCertificate(1));
        Assert.Equal(Vote.Nullify(1), Assert.Single(again.Sent.OfType<CertificateMessage>()).Certificate.Vote);
    }

    [Fact]
    public void A_vote_of_its_own_that_it_has_forgotten_silences_a_member()
    {
        var lone = new Lone();
        var vote = Vote.Nullify(1);
        var signers = lone.Committee.Ids.Where(id => id != lone.Others[0]);
        var certificate =
            new Certificate(
                vote,
                    QuorumSignature.Of(4, signers.Select(id => new KeyValuePair<MemberId, Signature>(id, lone.Sign(id, vote).Signature))));
        lone.Receive(lone.Others[0], new CertificateMessage(certificate));
        Assert.True(lone.Member.IsSilent);
        lone.Propose(lone.Block(2, change: header => header with { ParentView = 0 }));
        Assert.Empty(lone.Votes);
    }

    [Fact]
    public void A_block_that_ends_the_epoch_is_followed_by_tail_blocks_that_are_never_output()
    {
        var lone = new Lone();
        var last = lone.Block(1, entries: new Entry(EntryKind.Epoch, Bytes.Of("next epoch")));
        lone.Propose(last);
        lone.AllVote(Vote.Notarize(1, last.Id));
        var tail = lone.Block(2, last, header => header with { Kind = BlockKind.Tail });
        lone.Propose(tail);
        Assert.Contains(Vote.Notarize(2, tail.Id), lone.Votes);
        lone.AllVote(Vote.Notarize(2, tail.Id));
        lone.AllVote(Vote.Finalize(2, tail.Id));
        Assert.Equal(last.Id, Assert.Single(lone.Outputs).Block.Id);
        lone.Sent.Clear();
        lone.Propose(lone.Block(3, tail, header => header with { Kind = BlockKind.Tail }));
        Assert.Empty(lone.Votes);
    }

    /// <summary>For each rule a proposal that this rule alone refuses. PRT-CON-0002 has none: the rules after it read the parent.</summary>
    private static void ProposeBreaking(Lone lone, string code)
    {
        var start = lone.Start;
        switch (code)
        {
            case "PRT-CON-0001": // the parent was voted for, and given up by all
                var given = lone.Block(1);
                lone.Propose(given);
                lone.AllVote(Vote.Nullify(1));
                lone.Propose(lone.Block(2, given));
                break;
            case "PRT-CON-0003": // view 1 was notarised, and is skipped
                lone.Notarize(1);
                lone.Propose(lone.Block(2));
                break;
            case "PRT-CON-0004": lone.Propose(lone.Block(1, change: header => header with { Height = header.Height + 1 })); break;
            case "PRT-CON-0005":
                var parent = lone.Notarize(1);
                lone.Propose(lone.Block(2, parent, header => header with { TimeMs = parent.Header.TimeMs }));
                break;
            case "PRT-CON-0006": lone.Propose(lone.Block(1, change: header => header with { TimeMs = header.TimeMs + 2001 })); break;
            case "PRT-CON-0007": lone.Propose(lone.Block(1, change: header => header with { TimeMs = header.TimeMs - 3_600_000 })); break;
            case "PRT-CON-0008": lone.Propose(lone.Block(1, change: header => header with { Kind = BlockKind.Tail })); break;
            case "PRT-CON-0009": lone.Propose(lone.Block(1, entries: new Entry(EntryKind.Request, Bytes.Empty))); break;
            case "PRT-CON-0010":
                var eighth = lone.Notarize(8);
                if (lone.Leader(lone.Member.View) == lone.Self) lone.AllVote(Vote.Nullify(lone.Member.View));
                lone.Propose(lone.Block(lone.Member.View, eighth, entries: Entry));
                break;
            case "PRT-CON-0011":
                lone.Propose(
                lone.Block(1, change: header => header with { SealedHash = Hash.H("another seal", []) })); break;
            case "PRT-CON-0012":
                var own = Seal(lone, start.Height + 1);
                lone.Propose(
                    lone.Block(1, change: header => header with { SealedHeight = own.Header.Height, SealedHash = own.Header.Hash }), own);
                break;
            case "PRT-CON-0013":
                var first = lone.Notarize(1);
                var seal = Seal(lone, first.Height);
                lone.Propose(
                    lone.Block(2, first, header => header with { SealedHeight = seal.Header.Height, SealedHash = seal.Header.Hash }));
                break;
            default: throw new ArgumentException(code, nameof(code));
        }
    }

    private static SealedHeader Seal(Lone lone, ulong height) => new(
        new SealHeader(lone.Context, height, Digest.Zero, 0, Digest.Zero, Digest.Zero, Digest.Zero, 0),
            new QuorumSignature(Bytes.Empty, [default]));

    public static TheoryData<string> Codes => [.. ProposalRules.All.Select(rule => rule.Code).Where(code => code != "PRT-CON-0002")];

    [Theory]
    [MemberData(nameof(Codes))]
    [LeavesOut(typeof(ProposalRules), nameof(ProposalRules.All))]
    public void Each_rule_refuses_what_no_other_rule_refuses(string code)
    {
        Assert.False(NotarizesLast(ProposalRules.All, code));
        Assert.True(NotarizesLast([.. ProposalRules.All.Where(rule => rule.Code != code)], code));
    }

    private static bool NotarizesLast(IReadOnlyList<ProposalRule> rules, string code)
    {
        var lone = new Lone(startHeight: 5, rules: rules);
        ProposeBreaking(lone, code);
        return lone.Votes.Any(vote => vote.Kind == VoteKind.Notarize && vote.View == lone.Member.View);
    }
}
