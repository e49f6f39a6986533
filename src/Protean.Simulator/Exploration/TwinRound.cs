using Protean.Consensus;
using Protean.Runtime;

namespace Protean.Simulator.Exploration;

/// <summary>Where one seat stands between two rounds.</summary>
/// <param name="Said">All that it ever said.</param>
/// <param name="Output">The blocks it output, in order.</param>
/// <param name="Held">What it has said of views whose round is still to come: heard in that round, by those who are then with it.</param>
/// <param name="Fault">What no member may do, its twin or not.</param>
internal sealed record Station(Seat Seat, UInt128 Said, IReadOnlyList<Block> Output, IReadOnlyList<ConsensusMessage> Held, string? Fault);

/// <summary>One round of seats that hear each other and nobody else.</summary>
/// <remarks>They show each other what they hold, give up the views behind the round's, and then play the round's view until nobody has anything
/// more to say. Messages arrive in the order in which they are sent, seat by seat.</remarks>
internal sealed class TwinRound
{
    private static readonly TimerId Standstill = new("consensus/standstill");
    private static readonly TimerId Fetch = new("consensus/fetch");
    private static readonly TimerId Advance = new("consensus/advance");

    private readonly Lexicon _lexicon;
    private readonly ulong _round;
    private readonly Station[] _group;
    private readonly Queue<(int From, int To, ConsensusMessage Message)> _underway = [];

    private TwinRound(Lexicon lexicon, ulong round, IEnumerable<Station> group) => (_lexicon, _round, _group) = (lexicon, round, [.. group]);

    /// <summary>A seat before the first round.</summary>
    public static Station Start(Lexicon lexicon, Seat seat)
    {
        var alone = new TwinRound(lexicon, 0, [new Station(seat, 0, [], [], null)]);
        alone.Do(0, static (at, outbox) => at.Start(outbox));
        return alone._group[0];
    }

    /// <summary>Leaves the stations as they are: it plays on copies.</summary>
    public static Station[] Play(Lexicon lexicon, ulong round, IReadOnlyList<Station> group)
    {
        var play = new TwinRound(lexicon, round, group.Select(static one => one with { Seat = ObjectGraph.Copy(one.Seat), Held = [] }));
        for (var i = 0; i < group.Count; i++)
            foreach (var message in group[i].Held) play.Post(i, null, message);
        play.Run();
        return play._group;
    }

    private void Run()
    {
        Settle();
        Fire(Standstill, static _ => true);
        for (var view = 1UL; view < _round; view++) Fire(Advance, member => member.View == view);
    }

    private void Fire(TimerId timer, Func<SimplexMember, bool> fires)
    {
        for (var i = 0; i < _group.Length; i++)
            if (fires(_group[i].Seat.Member)) Do(i, (seat, outbox) => seat.Member.TimeOut(timer, outbox));
        Settle();
    }

    // Whatever a seat lacks it asks of each of the others in turn.
    private void Settle()
    {
        Deliver();
        var asks = true;
        for (var attempt = 1; attempt < World.Size && asks; attempt++)
        {
            asks = false;
            for (var i = 0; i < _group.Length; i++) asks |= Do(i, static (seat, outbox) => seat.Member.TimeOut(Fetch, outbox));
            Deliver();
        }
    }

    private void Deliver()
    {
        while (_underway.TryDequeue(out var next))
            Do(next.To, (seat, outbox) => seat.Member.Receive(_group[next.From].Seat.Id, next.Message, outbox));
    }

    /// <returns>Whether it makes the seat send anything.</returns>
    private bool Do(int at, Action<Seat, Outbox> input)
    {
        var station = _group[at];
        if (station.Fault is not null) return false;
        var outbox = new Outbox();
        string? fault = null;
        try
        {
            input(station.Seat, outbox.Of(station.Seat));
        }
        catch (Exception thrown) // a rule that throws is a finding, with its place
        {
            fault = thrown.ToString();
        }
        fault ??= station.Seat.Member.Halted is { } reason ? $"stopped itself: {reason}" : null;
        _group[at] = station with { Fault = fault, Output = outbox.Output.Count == 0 ? station.Output : [.. station.Output, .. outbox.Output] };
        foreach (var (to, message) in outbox.Sent) Post(at, to, message);
        return outbox.Sent.Count > 0;
    }

    private void Post(int from, MemberId? to, ConsensusMessage message)
    {
        var view = message switch { Proposal proposal => proposal.View, VoteMessage vote => vote.Signed.Vote.View, _ => 0UL };
        if (view > _lexicon.Views) return;
        var sender = _group[from];
        if (_lexicon.Find(message) is { } id) _group[from] = sender = sender with { Said = sender.Said | Lexicon.Bit(id) };
        if (view > _round)
        {
            _group[from] = sender with { Held = [.. sender.Held, message] };
            return;
        }
        for (var i = 0; i < _group.Length; i++)
            if (_group[i].Seat.Id is var other && other != sender.Seat.Id && (to ?? other) == other) _underway.Enqueue((from, i, message));
    }
}
