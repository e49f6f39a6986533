using Protean.Consensus;
using Protean.Runtime;

namespace Protean.Simulator.Exploration;

/// <summary>What one member can come to, hearing any of what was said so far in any order, until it says something itself.</summary>
/// <remarks>Nobody else sees what a member only hears, and what was said stays there to be heard: so all that a member hears can be put right
/// before what it says next, and the members' inner steps need not be interleaved.</remarks>
internal sealed class Reach
{
    private readonly MemberSpace _space;
    private readonly Dictionary<int, (int From, Input Input)> _cameFrom = [];
    private readonly Dictionary<int, (int From, Input Input)> _says = [];

    /// <param name="space">The member's states.</param>
    /// <param name="start">Where it stands.</param>
    /// <param name="inputs">All that can reach it before it speaks again.</param>
    /// <param name="check">What is wrong with a state, or null.</param>
    public Reach(MemberSpace space, int start, IReadOnlyList<Input> inputs, Func<Moment, string?> check)
    {
        _space = space;
        var open = new Queue<int>([start]);
        _cameFrom[start] = (start, default);
        while (open.TryDequeue(out var at) && Violation is null)
            foreach (var input in inputs)
                foreach (var to in space.Step(at, input))
                    Come(to, at, input, open, check);
        After = [.. _says.Keys];
    }

    /// <summary>States in which the member has just said something new.</summary>
    public int[] After { get; }

    /// <summary>Whether the member comes there without a word.</summary>
    public bool Covers(int state) => _cameFrom.ContainsKey(state);

    public (int State, string What)? Violation { get; private set; }

    /// <summary>Inputs by which the member comes to a state.</summary>
    public IReadOnlyList<Input> WayTo(int state)
    {
        var (at, last) = _says.TryGetValue(state, out var step) || _cameFrom.TryGetValue(state, out step) ? step : throw new ArgumentException("not reached", nameof(state));
        var way = new List<Input>();
        if (at != state) way.Add(last);
        for (; _cameFrom[at].From != at; at = _cameFrom[at].From) way.Insert(0, _cameFrom[at].Input);
        return way;
    }

    private void Come(int to, int from, Input input, Queue<int> open, Func<Moment, string?> check)
    {
        var speaks = _space[to].Sent != _space[from].Sent;
        if (!(speaks ? _says : _cameFrom).TryAdd(to, (from, input))) return;
        if (check(_space[to]) is { } wrong) Violation ??= (to, wrong);
        if (!speaks) open.Enqueue(to);
    }
}

/// <summary>All that can reach a member, given what everybody has said.</summary>
internal static class Deliveries
{
    /// <param name="lexicon">What the numbers stand for.</param>
    /// <param name="space">Whose inputs.</param>
    /// <param name="said">What each honest member has said.</param>
    /// <param name="restarts">Whether it may start again.</param>
    public static IReadOnlyList<Input> To(Lexicon lexicon, MemberSpace space, IReadOnlyDictionary<MemberId, UInt128> said, bool restarts)
    {
        var inputs = new List<Input> { new(Deed.LeadTimer), new(Deed.AdvanceTimer) };
        if (restarts) inputs.Add(new(Deed.Restart));
        foreach (var block in Blocks(lexicon, said.Values))
        {
            inputs.Add(new(Deed.Hear, (sbyte)block));
            inputs.Add(new(Deed.Fetch, (sbyte)block));
        }
        for (var view = 1UL; view <= lexicon.Views; view++)
            foreach (var kind in (VoteKind[])[VoteKind.Notarize, VoteKind.Nullify, VoteKind.Finalize])
                inputs.AddRange(Votes(lexicon, space, said, kind, view));
        return inputs;
    }

    // Proposed by an honest member, or by the Byzantine one on what exists.
    private static List<int> Blocks(Lexicon lexicon, IEnumerable<UInt128> said)
    {
        var proposed = Lexicon.Members(said.Aggregate(UInt128.Zero, static (all, one) => all | one) & lexicon.Proposals);
        return [.. proposed, .. lexicon.ByzantineBlocksOn(null), .. proposed.SelectMany(id => lexicon.ByzantineBlocksOn(lexicon[id].Block))];
    }

    // What the three others say in one kind and view: what the honest ones said, and with it whatever suits the Byzantine one.
    private static IEnumerable<Input> Votes(
        Lexicon lexicon, MemberSpace space, IReadOnlyDictionary<MemberId, UInt128> said, VoteKind kind, ulong view)
    {
        var votes = said.ToDictionary(static pair => pair.Key, pair => lexicon.VotesIn(pair.Value, kind, view));
        var any = votes.Values.SelectMany(static ids => ids).Distinct().ToList();
        if (kind == VoteKind.Nullify && any.Count == 0 && World.Leaders[view] == lexicon.Byzantine) any.Add(lexicon.Of(Vote.Nullify(view)));
        if (any.Count == 0) yield break;
        List<int>[] choices = [.. space.Others.Select(other => other == lexicon.Byzantine ? any : votes[other] is { Count: > 0 } own ? own : [-1])];
        foreach (var first in choices[0])
            foreach (var second in choices[1])
                foreach (var third in choices[2])
                {
                    var learn = new Input(Deed.Learn, (sbyte)first, (sbyte)second, (sbyte)third);
                    yield return learn;
                    if (kind == VoteKind.Finalize) yield return learn with { Deed = Deed.Run };
                }
    }
}
