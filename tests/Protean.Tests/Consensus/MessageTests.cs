using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Xunit;

namespace Protean.Tests.Consensus;

public class MessageTests
{
    private static readonly UnitContext Context = new(Hash.H("chain", []), Hash.H("unit", []), 3, Hash.H("committee", []));
    private static readonly Entry Entry = new(EntryKind.Request, Bytes.Of("entry"));
    private static readonly BlockHeader Header =
        new(Context, 5, 2, 3, Hash.H("parent", []), 1000, 1, Hash.H("seal", []), Block.RootOf([Entry]), BlockKind.Normal);
    private static readonly Signature Signature = new([.. Enumerable.Range(0, 64).Select(i => (byte)i)]);
    private static readonly QuorumSignature Quorum = new(Bytes.Wrap([0b0111]), [Signature, Signature, Signature]);
    private static readonly Certificate Certificate = new(Vote.Finalize(4, Header.Id), Quorum);
    private static readonly SealedHeader Seal = new(new SealHeader(Context, 1, Header.Id, 9, Header.Id, Header.Id, Header.Id, 7), Quorum);

    public static TheoryData<string, string> Golden => new()
    {
        { nameof(Proposal), "82f41bf1451f6488" },
        { nameof(VoteMessage), "f5d5b0627b4b8543" },
        { nameof(CertificateMessage), "e2f370a332c0a994" },
        { nameof(Gossip), "499245b96ea5f7ed" },
        { nameof(Status), "c1cde66b7d050b98" },
        { nameof(GetCertificate), "27767070e1b829cb" },
        { nameof(GetBlock), "57da9a41bc857e12" },
        { nameof(BlockMessage), "c2b387be7261d113" },
        { nameof(GetFinal), "de25abbfd3dea88d" },
        { nameof(FinalizedRun), "be6023ee26022e51" },
        { nameof(GetEvidence), "44e9e1dfd31e4c8c" },
        { nameof(EvidenceMessage), "fb94a4e4f19f8a2f" },
    };

    private static readonly ConsensusMessage[] All =
    [
        new Proposal(new Block(Header, [Entry]), Signature, Certificate, [new Certificate(Vote.Nullify(4), Quorum)], Seal),
        new VoteMessage(new SignedVote(Vote.Notarize(5, Header.Id), Signature)),
        new CertificateMessage(Certificate),
        new Gossip(Entry),
        new Status(5, 2),
        new GetCertificate(4),
        new GetBlock(Header.Id),
        new BlockMessage(new Block(Header, [Entry])),
        new GetFinal(2),
        new FinalizedRun(Certificate, [new Block(Header, [Entry])]),
        new GetEvidence(),
        new EvidenceMessage(Evidence.OfVotes(EvidenceKind.NullifyAndFinalize, Context, new MemberId(2),
            new SignedVote(Vote.Nullify(4), Signature), new SignedVote(Vote.Finalize(4, Header.Id), Signature))),
    ];

    [Theory]
    [MemberData(nameof(Golden))]
    public void Every_message_has_one_byte_form(string name, string hash)
    {
        var message = All.Single(message => message.GetType().Name == name);
        var bytes = Canonical.Encode(message);
        Assert.Equal(message, Canonical.Decode<ConsensusMessage>(bytes));
        Assert.Equal(hash, Hash.Blake2b(bytes).ToString()[..16]);
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_are_the_form_of_another_message()
    {
        var dice = new Dice(1);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Canonical.Encode(dice.Pick(All));
            for (var k = dice.Between(1, 3); k > 0; k--) bytes[dice.Between(0, bytes.Length - 1)] = (byte)dice.Between(0, 255);
            if (dice.Chance(200)) bytes = bytes[..dice.Between(0, bytes.Length)];
            try
            {
                Assert.Equal(bytes, Canonical.Encode(Canonical.Decode<ConsensusMessage>(bytes)));
            }
            catch (MalformedException)
            {
                // refused, as it should be
            }
        }
    }

    [Fact]
    public void Leaders_are_a_permutation_of_the_committee()
    {
        var committee = Cluster.CommitteeOf(10);
        var schedule = new LeaderSchedule(committee, Hash.H("seed", []));
        Assert.Equal(committee.Ids, Enumerable.Range(0, 10).Select(view => schedule[(ulong)view]).Order());
        Assert.Equal(schedule[3], schedule[13]);
    }

    [Fact]
    public void Waits_grow_by_half_with_every_failed_view_up_to_their_bound()
    {
        var timers = ConsensusTimers.Default;
        Assert.Equal([200, 200, 300, 450, 675], Enumerable.Range(0, 5).Select(k => (int)timers.DelayAfter((ulong)k).TotalMilliseconds));
        Assert.Equal(timers.MaxDelay, timers.DelayAfter(1000));
    }
}
