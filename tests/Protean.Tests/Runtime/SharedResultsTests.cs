using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.Simulator.Runs;
using Protean.State;
using Xunit;

namespace Protean.Tests.Runtime;

public sealed class SharedResultsTests
{
    private static readonly Surroundings Network = new(4, "tally", new CheapSignatures(), []);
    private static readonly PendingResult Pending = new(Hash.H("test/subject", []), default, "poll", Bytes.Empty, new StateMap(new InMemoryStore(), "data").Current);

    [Fact]
    public void Two_members_that_both_have_a_result_fall_silent_however_often_one_says_its_share_again()
    {
        var (one, other) = (MemberThatHasTheResult(1), MemberThatHasTheResult(2));
        for (var time = 0; time < 8; time++) Assert.InRange(SaidFrom(one, other), 1, 4);
    }

    [Fact]
    public void Who_still_lacks_a_result_is_answered_within_two_questions()
    {
        var (has, lacks) = (MemberThatHasTheResult(1), MemberThatLacksTheResult(2));
        var question = lacks.Unanswered().Single();
        Assert.Contains(Enumerable.Range(0, 2), _ => has.Receive(new MemberId(2), question) is not null);
    }

    // What is said from the first one's share on, until nobody answers any more.
    private static int SaidFrom(Party one, Party other)
    {
        const int Storm = 100;
        var said = 0;
        for (UnitMessage.Share? next = one.Own; next is not null && said < Storm; said++)
            (next, one, other) = (other.Results.Receive(one.Id, next), other, one);
        return said;
    }

    private static Party MemberThatHasTheResult(ushort index) => Begun(index, need: 1);
    private static SharedResults MemberThatLacksTheResult(ushort index) => Begun(index, need: 4).Results;

    private static Party Begun(ushort index, int need)
    {
        var id = new MemberId(index);
        var results = new SharedResults(Network.Context, Network.Committee, Surroundings.ConsensusKey(id), Network.Scheme);
        return new Party(id, results, results.Begin(Pending, new Agreed(need), silent: false)!);
    }

    private sealed record Party(MemberId Id, SharedResults Results, UnitMessage.Share Own)
    {
        public UnitMessage.Share? Receive(MemberId from, UnitMessage.Share share) => Results.Receive(from, share);
    }

    /// <summary>A result of as many equal shares, the own one included.</summary>
    private sealed class Agreed(int need) : ISharedResult
    {
        private readonly SortedSet<MemberId> _others = [];

        public Bytes? OwnShare => Bytes.Of("word");

        public bool Accept(MemberId from, Bytes share)
        {
            _others.Add(from);
            return true;
        }

        public (int Have, int Need) Progress => (_others.Count + 1, need);
        public Outputs? Result => Progress.Have >= need ? new Outputs([]) : null;
        public Bytes? Record => null;
    }
}
