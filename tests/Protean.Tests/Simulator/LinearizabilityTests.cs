using Protean.Simulator.Histories;
using Xunit;

namespace Protean.Tests.Simulator;

public class LinearizabilityTests
{
    private static readonly Held Nothing = new(null);

    [Fact]
    public void The_checker_scores_108_of_108_on_histories_of_known_verdict()
    {
        var judged = KnownHistories.All().Select(static known => (known.File, Right: Linearizability.Misfit(known.History, Nothing) is null == known.IsLinearizable)).ToArray();
        Assert.Empty(judged.Where(static one => !one.Right).Select(static one => one.File));
        Assert.Equal(108, judged.Length);
    }

    [Fact]
    public void A_read_that_began_after_a_write_was_acknowledged_sees_it()
    {
        var write = At(1, 2, new WriteCall("1"));
        var stale = At(3, 4, new ReadCall(null));
        Assert.Same(stale, Linearizability.Misfit([write, stale], Nothing));
        Assert.Null(Linearizability.Misfit([write, At(3, 4, new ReadCall("1"))], Nothing));
        Assert.Null(Linearizability.Misfit([write, At(2, 4, new ReadCall(null))], Nothing));
    }

    [Fact]
    public void No_reader_sees_an_older_value_than_one_who_was_answered_before()
    {
        var write = At(1, null, new WriteCall("1"));
        Assert.Null(Linearizability.Misfit([write, At(2, 3, new ReadCall(null)), At(4, 5, new ReadCall("1"))], Nothing));
        Assert.NotNull(Linearizability.Misfit([write, At(2, 3, new ReadCall("1")), At(4, 5, new ReadCall(null))], Nothing));
    }

    [Fact]
    public void Of_two_who_set_from_the_same_value_one_fails()
    {
        Operation<Held>[] both = [At(1, 4, new CompareAndSetCall(null, "1", true)), At(2, 3, new CompareAndSetCall(null, "2", true))];
        Assert.NotNull(Linearizability.Misfit(both, Nothing));
        both[1] = At(2, 3, new CompareAndSetCall(null, "2", false));
        Assert.Null(Linearizability.Misfit(both, Nothing));
        Assert.NotNull(Linearizability.Misfit([.. both, At(5, 6, new ReadCall("2"))], Nothing));
    }

    [Fact]
    public void What_nobody_was_told_of_may_have_happened_or_not()
    {
        var unknown = At(1, null, new CompareAndSetCall(null, "1", null));
        Assert.Null(Linearizability.Misfit([unknown, At(2, 3, new ReadCall(null))], Nothing));
        Assert.Null(Linearizability.Misfit([unknown, At(2, 3, new ReadCall("1"))], Nothing));
        Assert.NotNull(Linearizability.Misfit([unknown, At(2, 3, new ReadCall("2"))], Nothing));
    }

    [Fact]
    public void Registers_are_judged_one_by_one()
    {
        var other = new Operation<Held>("other", new ReadCall(null), 3, 4);
        Assert.Null(Linearizability.Misfit([At(1, 2, new WriteCall("1")), other], Nothing));
    }

    private static Operation<Held> At(long invoked, long? returned, ICall<Held> call) => new("key", call, invoked, returned);
}
