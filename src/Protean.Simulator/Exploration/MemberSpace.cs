using Protean.Consensus;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Simulator.Exploration;

/// <summary>What can happen to a member.</summary>
internal enum Deed : byte
{
    LeadTimer,
    AdvanceTimer,
    Restart,

    /// <summary>Hears a leader's block.</summary>
    Hear,

    /// <summary>Learns what the others voted, in one kind and view.</summary>
    Learn,

    /// <summary>Gets the body of a block that it asked for.</summary>
    Fetch,

    /// <summary>Gets a run of final blocks.</summary>
    Run,
}

/// <summary>One input.</summary>
/// <param name="First">Statement number: the block, or the vote of the first of the other members; -1 for none.</param>
/// <param name="Second">The vote of the second.</param>
/// <param name="Third">The vote of the third.</param>
internal readonly record struct Input(Deed Deed, sbyte First = -1, sbyte Second = -1, sbyte Third = -1);

/// <summary>A state of one member: a running production member, never touched again, and what it has done on the way.</summary>
/// <param name="Sent">All that it ever said: others may hear it at any time later.</param>
/// <param name="Output">The blocks it output, in order.</param>
/// <param name="Fault">What it did that no honest member may.</param>
internal sealed record Moment(Seat Seat, Digest Essence, UInt128 Sent, IReadOnlyList<Block> Output, string? Fault)
{
    /// <summary>Where each input leads; nothing where it changes nothing.</summary>
    public Dictionary<Input, int[]> Next { get; } = [];
}

/// <summary>All states of one member that a search came to. Each input is tried on each state once.</summary>
internal sealed class MemberSpace
{
    private readonly Lexicon _lexicon;
    private readonly bool _crashes;
    private readonly List<Moment> _moments = [];
    private readonly Dictionary<Digest, int> _numbers = [];
    private readonly MemberId[] _others;

    /// <param name="world">Common to all.</param>
    /// <param name="lexicon">Common to all.</param>
    /// <param name="member">Whose states these are.</param>
    /// <param name="crashes">Whether it may crash after any of an input's writes, before anything is sent.</param>
    public MemberSpace(World world, Lexicon lexicon, MemberId member, bool crashes)
    {
        (_lexicon, Member, _crashes) = (lexicon, member, crashes);
        _others = [.. World.Committee.Ids.Where(id => id != member)];
        Intern(null, new Seat(world, member, 0, new VersionedStore()), static (seat, outbox) => seat.Start(outbox));
    }

    public MemberId Member { get; }
    public IReadOnlyList<MemberId> Others => _others;
    public int Count => _moments.Count;
    public Moment this[int number] => _moments[number];

    /// <summary>How often each kind of input changed something.</summary>
    public SortedDictionary<Deed, long> Effective { get; } = [];

    /// <summary>Where an input may lead: done, or cut off by a crash after each of its writes and started again.</summary>
    public int[] Step(int number, Input input)
    {
        var before = _moments[number];
        if (before.Next.TryGetValue(input, out var known)) return known;
        var after = Try(number, input);
        if (after.Length > 0) Effective[input.Deed] = Effective.GetValueOrDefault(input.Deed) + 1;
        return before.Next[input] = after;
    }

    private int[] Try(int number, Input input)
    {
        var before = _moments[number];
        if (input.Deed is Deed.LeadTimer or Deed.AdvanceTimer && before.Seat.Member.View > _lexicon.Views) return []; // beyond the bound
        if (input.Deed == Deed.Restart) return Distinct(number, [Restart(before, before.Seat.Store.Durable())]);
        var seat = ObjectGraph.Copy(before.Seat);
        seat.Store.Begin();
        var after = Intern(before, seat, (at, outbox) => Apply(input, at, outbox, before.Sent), skipIfIdle: input.Deed == Deed.Learn);
        if (after is not { } done) return [];
        if (!_crashes) return Distinct(number, [done]);
        return Distinct(number, [done, .. seat.Store.AfterEachBatch.Select(disk => Restart(before, disk))]);
    }

    private static int[] Distinct(int from, IEnumerable<int> to) => [.. to.Where(number => number != from).Distinct().Order()];

    private int Restart(Moment before, VersionedStore disk) =>
        Intern(
            before with { Output = [], Sent = disk.Certificates.Where(Signed).Aggregate(before.Sent, (set, one) => set | Lexicon.Bit(_lexicon.Of(one.Vote))) },
            before.Seat.RestartOn(disk), static (seat, outbox) => seat.Start(outbox), before.Output)!.Value;

    // A vote that never left by itself may stand in a certificate that the disk kept, and be shown with it.
    private bool Signed(Certificate certificate) => certificate.View <= _lexicon.Views && certificate.Signatures.Signers.Contains(Member);

    /// <returns>The number of the state that the seat comes to; null where votes that it learnt change nothing yet: they can be learnt later,
    /// with more.</returns>
    private int? Intern(
        Moment? before, Seat seat, Action<Seat, Outbox> input, IReadOnlyList<Block>? outputBefore = null, bool skipIfIdle = false)
    {
        var outbox = new Outbox();
        string? fault = null;
        try
        {
            input(seat, outbox);
        }
        catch (Exception thrown) // a rule that throws is a finding, with its place
        {
            fault = thrown.ToString();
        }
        var sent = outbox.Sent.Where(item => item.To is null).Select(item => _lexicon.Find(item.Message)).OfType<int>()
            .Aggregate(before?.Sent ?? 0, static (set, id) => set | Lexicon.Bit(id));
        IReadOnlyList<Block> output = outbox.Output.Count == 0 ? before?.Output ?? [] : [.. before?.Output ?? [], .. outbox.Output];
        var (essence, whole) = Fingerprint.Of(seat);
        if (skipIfIdle && fault is null && essence == before!.Essence && sent == before.Sent && output.Count == before.Output.Count) return null;
        fault ??= Fault(seat, sent, output, outputBefore ?? before?.Output ?? []);
        var name = Name(whole, sent, output);
        if (_numbers.TryGetValue(name, out var number)) return number;
        _moments.Add(new Moment(seat, essence, sent, output, fault));
        return _numbers[name] = _moments.Count - 1;
    }

    private static Digest Name(Digest state, UInt128 sent, IReadOnlyList<Block> output)
    {
        var to = new Codec.Encoder().Digest(state).U64((ulong)sent).U64((ulong)(sent >> 64));
        foreach (var block in output) to.Digest(block.Id);
        return Hash.H("protean/moment/v1", to.Written);
    }

    private void Apply(Input input, Seat seat, Outbox outbox, UInt128 sent)
    {
        var member = seat.Member;
        var effects = outbox.Of(seat);
        switch (input.Deed)
        {
            case Deed.LeadTimer: member.TimeOut(new TimerId("consensus/lead"), effects); break;
            case Deed.AdvanceTimer: member.TimeOut(new TimerId("consensus/advance"), effects); break;
            case Deed.Hear: member.Receive(_others[0], World.Propose(_lexicon[input.First].Block!), effects); break;
            case Deed.Fetch: member.Receive(_others[0], new BlockMessage(_lexicon[input.First].Block!), effects); break;
            case Deed.Learn: Learn(Votes(input), member, effects, sent); break;
            case Deed.Run: Run(Votes(input), member, effects, sent); break;
            case Deed.Restart:
            default: throw new InvalidOperationException($"{input.Deed} is no message");
        }
    }

    private (MemberId From, Vote Vote)[] Votes(Input input) =>
        [.. new[] { input.First, input.Second, input.Third }.Zip(_others).Where(pair => pair.First >= 0).Select(pair => (pair.Second, _lexicon[pair.First].Vote!.Value))];

    private void Learn((MemberId From, Vote Vote)[] votes, SimplexMember member, Outbox effects, UInt128 sent)
    {
        if (votes[0].Vote.View <= member.View + 1)
            foreach (var (from, vote) in votes) member.Receive(from, new VoteMessage(World.Sign(from, vote)), effects);
        else
            foreach (var vote in votes.Select(item => item.Vote).Distinct())
                member.Receive(_others[0], new CertificateMessage(Certify(vote, votes, sent)), effects);
    }

    private void Run((MemberId From, Vote Vote)[] votes, SimplexMember member, Outbox effects, UInt128 sent)
    {
        foreach (var vote in votes.Select(item => item.Vote).Distinct())
        {
            var blocks = new List<Block>();
            for (var block = _lexicon[_lexicon.Of(vote)].Block; block is not null; block = _lexicon.Parent(block)) blocks.Insert(0, block);
            member.Receive(_others[0], new FinalizedRun(Certify(vote, votes, sent), blocks), effects);
        }
    }

    // By all who said so; the member itself only where it is needed for the quorum.
    private Certificate Certify(Vote vote, (MemberId From, Vote Vote)[] votes, UInt128 sent)
    {
        var signers = votes.Where(item => item.Vote == vote).Select(item => item.From).ToList();
        if (signers.Count < World.Committee.Quorum && (sent & Lexicon.Bit(_lexicon.Of(vote))) != 0) signers.Add(Member);
        return new Certificate(vote, QuorumSignature.Of(
            World.Size, signers.Select(signer => new KeyValuePair<MemberId, Signature>(signer, World.Sign(signer, vote).Signature))));
    }

    private string? Fault(Seat seat, UInt128 sent, IReadOnlyList<Block> output, IReadOnlyList<Block> before)
    {
        if (seat.Member.Halted is { } reason) return $"stopped itself: {reason}";
        if (seat.Member.IsSilent) return "fell silent: it has forgotten what it said";
        if (output.Zip(before).Any(static pair => pair.First != pair.Second)) return "output other blocks after its restart";
        for (var i = 0; i < output.Count; i++)
        {
            if (output[i].Height != World.Start.Height + (ulong)i + 1) return $"output height {output[i].Height} as block {i + 1}";
            if (i > 0 && output[i - 1].EndsEpoch) return "output a block after the end of the epoch";
        }
        var said = Enumerable.Range(0, Lexicon.Capacity).Where(id => (sent & Lexicon.Bit(id)) != 0).Select(id => _lexicon[id]).ToArray();
        var twice = said.GroupBy(static one => (one.View, Kind: one.Vote?.Kind == VoteKind.Nullify ? VoteKind.Finalize : one.Vote?.Kind))
            .FirstOrDefault(static group => group.Count() > 1);
        return twice is null ? null : $"contradicted itself in view {twice.Key.View}: {string.Join(", ", twice)}";
    }
}
