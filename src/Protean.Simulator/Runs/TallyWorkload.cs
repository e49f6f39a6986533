using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;
using Protean.Workflows;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Simulator.Runs;

/// <summary>Clients of the tally: sums, polls and plans of three steps, and a client who tries to get more than its due.</summary>
public sealed class TallyWorkload : IWorkload
{
    private const int Requests = 14, Lies = 6;
    private const ulong LateAfterMs = 50;

    private readonly Dictionary<Digest, ulong> _amounts = [];
    private TallyPlans? _plans;
    private bool _oracleSpoke;
    private ulong _acknowledged;

    public IFunctionalUnit Unit { get; } = new TallyUnit();
    public ISignatureScheme Scheme { get; } = new CheapSignatures();
    public IReadOnlyList<NamedValue> Parameters => [];
    public string Shared => TallyUnit.Poll;

    public void Begin(UnitRun run)
    {
        _plans = new TallyPlans(run.Network, LateAfterMs);
        var at = 0;
        for (var i = 1; i <= Requests; i++)
        {
            var number = (ulong)i;
            at = run.Dice.Chance(600) ? Math.Min(at + run.Dice.Between(0, 50), run.Duration) : run.Dice.Between(0, run.Duration); // often in bursts
            run.After(at, () => Request(run, number));
        }
        run.After(run.Dice.Between(0, run.Duration), () => _oracleSpoke = true);
        run.After(run.Dice.Between(0, run.Duration), () => run.Await(run.Dice.Between(0, 2000)));
        if (!run.Settings.Allows(Faults.LyingClient)) return;
        var liar = new TallyLiar(run, _plans);
        for (var i = 0; i < Lies; i++)
        {
            var number = (ulong)(1000 + i);
            run.After(run.Dice.Between(0, run.Duration), () => liar.Lie(number, _oracleSpoke));
        }
    }

    public Request Probe(UnitRun run, ulong nonce) => Sum(run.Network, nonce, 1);
    public Request? SharedProbe(UnitRun run, ulong nonce) => Direct(run.Network, TallyUnit.Poll, nonce);
    public bool IsPassed(Barrier barrier) => barrier is not Barrier.AfterTime || _oracleSpoke;

    public void CheckEnd(UnitRun run, UnitState state)
    {
        var sum = run.Done.Values.Where(done => done.Leaf is { Function: TallyUnit.Add, Status: ResultStatus.Ok })
            .Aggregate(0UL, (sum, done) => sum + AmountOf(done.Leaf));
        var total = state.Data.Get(Bytes.Of("total")) is { } entry ? BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : 0;
        Invariants.NothingLost.Require(total >= sum, () => $"the total is {total}, and {sum} was added");
        Invariants.ExecutedOnce.Require(total <= sum, () => $"the total is {total}, and {sum} was added");
    }

    internal static Request.Direct Sum(Surroundings network, ulong nonce, ulong amount) =>
        Direct(network, TallyUnit.Add, nonce, new NamedValue(TallyUnit.Amount, Values.OfU64(amount)));

    internal static Request.Direct Direct(Surroundings network, string function, ulong nonce, params IReadOnlyList<NamedValue> arguments) =>
        new(network.UnitId, Surroundings.Client.PublicKey, nonce, 1, function, arguments, [], Proofs.None);

    private void Request(UnitRun run, ulong number)
    {
        var kind = run.Dice.Between(0, 9);
        if (kind < 5) Add(run, Sum(run.Network, number, (ulong)run.Dice.Between(0, 9)));
        else if (kind < 7) run.Ask(Direct(run.Network, TallyUnit.Poll, number));
        else Start(run, number);
    }

    private void Start(UnitRun run, ulong number)
    {
        var plan = run.Network.Compile(_plans!.Plan(number));
        Add(run, TallyPlans.Start(plan, (ulong)run.Dice.Between(1, 9)), first =>
        {
            Add(run, TallyPlans.Double(plan, first));
            if (_oracleSpoke) Add(run, TallyPlans.Finish(plan, first, run.Network.Seal(Surroundings.Oracle, 9, LateAfterMs)));
        });
    }

    // Every sum is above all that were acknowledged before it was asked for.
    private void Add(UnitRun run, Request request, Action<Reply.Done>? then = null)
    {
        var before = _acknowledged;
        var asked = run.Ask(request, done =>
        {
            if (done.Receipt.Leaf.Status != ResultStatus.Ok) return;
            var total = BinaryPrimitives.ReadUInt64LittleEndian(done.Outputs.Find(TallyUnit.Total)!.Value.Span);
            Invariants.NothingLost.Require(total > before, () => $"a sum came to {total} after {before} was acknowledged");
            _acknowledged = Math.Max(_acknowledged, total);
            then?.Invoke(done);
        });
        _amounts[asked.RequestDigest] = BinaryPrimitives.ReadUInt64LittleEndian(asked.Inputs.Single().Value.Span);
    }

    // Probes add one each.
    private ulong AmountOf(ResultLeaf leaf) => _amounts.GetValueOrDefault(leaf.RequestDigest, 1UL);
}

/// <summary>A client who asks for what is not its due, in a new way each time.</summary>
internal sealed class TallyLiar(UnitRun run, TallyPlans plans)
{
    private readonly Surroundings _network = run.Network;

    private Request.Direct Sum(ulong number) => TallyWorkload.Sum(_network, number, 1_000_000);

    public void Lie(ulong number, bool oracleSpoke)
    {
        switch (run.Dice.Between(0, 11))
        {
            case 0: run.Lie("unsigned", Sum(number), null, Invariants.Agreement); break;
            case 1: run.Lie("signed by a stranger", Sum(number), Surroundings.Stranger, Invariants.Agreement); break;
            case 2: run.Lie("for another unit", Sum(number) with { UnitId = _network.IdOf(Surroundings.Oracle) }, Surroundings.Client, Invariants.Agreement); break;
            case 3: TwiceUnderOneNonce(number); break;
            case 4: Planned("plan of another unit", TallyPlans.Start(_network.Compile(plans.Plan(number), by: Surroundings.Oracle), 1)); break;
            case 5: Planned("plan of nobody", TallyPlans.Start(Unsealed(plans.Plan(number)), 1)); break;
            case 6: Planned("attempt without a stale result", TallyPlans.Start(_network.Compile(plans.Plan(number)), 1) with { Attempt = 1 }, Invariants.ExecutedOnce); break;
            case 7: Planned("without its dependency", WithoutDependency(number)); break;
            case 8: AfterFirst(number, (first, other) => Planned("result of another plan", TallyPlans.Double(other, first))); break;
            case 9: Planned("result of nobody", TallyPlans.Double(_network.Compile(plans.Plan(number)), Invented(number))); break;
            case 10: AfterFirst(number, (first, _) => OtherOutput(number, first)); break;
            case 11 when !oracleSpoke: AfterFirst(number, (first, _) => TooEarly(number, first)); break;
        }
    }

    // Two requests, one of which may happen.
    private void TwiceUnderOneNonce(ulong number)
    {
        run.Counters.Add("lie/two requests under one nonce");
        run.Contest(TallyWorkload.Sum(_network, number, 1));
        run.Contest(TallyWorkload.Direct(_network, TallyUnit.Poll, number));
    }

    private void AfterFirst(ulong number, Action<Reply.Done, SealedPlan> then) =>
        run.Ask(TallyPlans.Start(_network.Compile(plans.Plan(number)), 1), first => then(first, _network.Compile(plans.Plan(number + 100_000))));

    private Request.Planned WithoutDependency(ulong number)
    {
        var plan = _network.Compile(plans.Plan(number));
        return new Request.Planned(plan, TallyPlans.Late, 0, [], [], Proofs.None with
        {
            Heights = [new ProvenHeight(_network.Seal(Surroundings.Oracle, 9, plans.LateAfterMs), null)],
        });
    }

    private void OtherOutput(ulong number, Reply.Done first)
    {
        var honest = TallyPlans.Double(_network.Compile(plans.Plan(number)), first);
        var dependency = honest.Proofs.Dependencies[0];
        var other = dependency.Openings[0] with { Value = new NamedValue(TallyUnit.Total, Values.OfU64(9_000_000)) };
        Planned("another output than was sealed", honest with { Proofs = honest.Proofs with { Dependencies = [dependency with { Openings = [other] }] } });
    }

    private void TooEarly(ulong number, Reply.Done first)
    {
        var early = _network.Seal(Surroundings.Oracle, 8, plans.LateAfterMs - 1);
        var forged = early with { Header = early.Header with { TimeMs = plans.LateAfterMs } };
        Planned("before its barrier", TallyPlans.Finish(_network.Compile(plans.Plan(number)), first, run.Dice.Chance(500) ? early : forged));
    }

    private SealedPlan Unsealed(Plan plan)
    {
        var made = _network.Compile(plan);
        var header = made.Receipt.Header;
        return made with { Receipt = made.Receipt with { Seal = new SealedHeader(header, _network.Sign(header.SignedPayload(), _network.Committee.Ids.Take(_network.Faulty))) } };
    }

    // A result of the first step under a seal that f members signed.
    private Reply.Done Invented(ulong number)
    {
        var plan = plans.Plan(number);
        var outputs = new Outputs([new NamedValue(TallyUnit.Total, Values.OfU64(7_000_000))]);
        var leaf = new ResultLeaf(
            plan.Digest, TallyPlans.First, RequestDigests.ReplayKey(plan, TallyPlans.First, 0), default, default, TallyUnit.Add, ResultStatus.Ok, outputs.Digest);
        var header = new SealHeader(_network.Context, 1, default, 1, default, default, MerkleTree.Root([Canonical.Encode(leaf)]), 1);
        var seal = new SealedHeader(header, _network.Sign(header.SignedPayload(), _network.Committee.Ids.Take(_network.Faulty)));
        return new Reply.Done(new Receipt(leaf, 0, [], seal), outputs, Bytes.Empty);
    }

    private void Planned(string name, Request.Planned request, Invariant? violated = null) =>
        run.Lie(name, request, Surroundings.Client, violated ?? Invariants.DependenciesFirst);
}
