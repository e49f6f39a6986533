using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.State;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.Units;

/// <summary>One member of a unit without a log around it: calls execute at once, one block for each unless a test says otherwise, and what
/// fails leaves no trace.</summary>
internal sealed class TestUnit : IMembership
{
    private readonly SortedDictionary<string, Func<Call, Outcome>> _handlers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Func<Query, Answer>> _queries = new(StringComparer.Ordinal);
    private readonly IFunctionalUnit _unit;
    private ulong _nonce;

    public TestUnit(TestNetwork network, IFunctionalUnit unit)
    {
        (Network, _unit) = (network, unit);
        unit.Join(this);
    }

    public TestNetwork Network { get; }
    public MapEdit State { get; } = new StateMap(new InMemoryStore(), UnitData).Edit();
    public ulong Height { get; private set; }
    public int Position { get; set; }
    public IEnumerable<string> Handled => _handlers.Keys;
    public Genesis Genesis => Network.Genesis;
    public UnitContext Context => Network.ContextOf(_unit.Name);
    public Committee Committee => Network.Committee;
    public MemberId Self => new(1);
    public IDirectory Directory => Network;
    public EpochRecord Record => EpochRecord.OfGenesis(Genesis);
    public IRandom Random { get; } = new SeededRandom(1);
    public ISignatureScheme Scheme => Ed25519Scheme.Instance;
    private const string UnitData = ProvenHeight.DataMap;

    /// <summary>The keys that this member holds, by purpose.</summary>
    public SortedDictionary<string, ThresholdKey> Keys { get; } = new(StringComparer.Ordinal);

    /// <summary>How the unit finds results that are left pending, by function.</summary>
    public SortedDictionary<string, Func<PendingResult, ISharedResult>> Pending { get; } = new(StringComparer.Ordinal);

    /// <summary>What the unit changes once a pending result stands.</summary>
    public SortedDictionary<string, Action<DoneCall>> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>The map of keys that the log begins and erases.</summary>
    public MapEdit Begun { get; } = new StateMap(new InMemoryStore(), "keys").Edit();

    /// <summary>What falls due by time.</summary>
    public (Func<MapView, ulong?> Next, Action<DueCall> Execute)? Due { get; private set; }

    public ThresholdKey? Key(string purpose) => Keys.GetValueOrDefault(purpose);
    public void Handle(string transaction, Func<Call, Outcome> execute) => _handlers.Add(transaction, execute);
    public void HandleQuery(string name, Func<Query, Answer> answer) => _queries.Add(name, answer);
    public void HandlePending(string function, Func<PendingResult, ISharedResult> begin) => Pending.Add(function, begin);
    public void HandleDone(string function, Action<DoneCall> execute) => Done.Add(function, execute);
    public void HandleDue(Func<MapView, ulong?> next, Action<DueCall> execute) => Due = (next, execute);

    /// <summary>A direct request of this client, signed by it and by all others.</summary>
    public Outcome Direct(string function, PublicKey client, IReadOnlyList<NamedValue> inputs, ProvenHeight? state = null,
        params IReadOnlyList<PublicKey> others) =>
        Execute(function, [.. inputs.Select(static input => new AdmittedInput(input.Name, input.Value, null))], client, [client, .. others],
            null, 0, state);

    /// <summary>A step of a plan.</summary>
    public Outcome Step(Plan plan, ushort step, IReadOnlyList<AdmittedInput> inputs, ProvenHeight? state = null, Proofs? proofs = null) =>
        Execute(plan.Workflow.Steps[step].Function, inputs, plan.Workflow.Steps[step].Authorization is Authorization.Client ? plan.Client
            : null, [plan.Client], plan, step, state, proofs);

    public Bytes Ask(string query, Bytes question) =>
        ((Answer.Given)_queries[query](new Query(question, State, static (_, _) => new DutyReading(false, null)))).Value;

    /// <summary>The state as it is now, sealed, with a witness of these keys and prefixes.</summary>
    public ProvenHeight Prove(IReadOnlyList<Bytes> keys, IReadOnlyList<Bytes>? prefixes = null)
    {
        var root = new StateRoot([(UnitData, State.Root), ("keys", Digest.Zero), ("replay", Digest.Zero)]);
        return new ProvenHeight(Network.Seal(_unit.Name, Height, root.Root),
            new StateWitness(root.Open(UnitData), State.Prove(keys, prefixes ?? [])));
    }

    private Outcome Execute(
        string function, IReadOnlyList<AdmittedInput> inputs, PublicKey? caller, IReadOnlyList<PublicKey> signers, Plan? plan, ushort step,
            ProvenHeight? state, Proofs? proofs = null)
    {
        if (Position == 0) Height++;
        var request = new AdmittedRequest(
            _unit.Transactions.Single(transaction => transaction.Name == function), inputs, caller, signers,
                Hash.H("test/replay", BitConverter.GetBytes(_nonce++)),
            plan?.Digest ?? Digest.Zero, step, Digest.Zero, Digest.Zero, Network.CurrentEpoch, plan, state, proofs ?? Proofs.None)
        {
            Quota = new Quota(0, false, Digest.Zero),
        };
        var edit = State.Begin();
        var outcome = _handlers[function](new Call(request, edit, Height, Height * 1000, Position, new BegunKeys(Begun)));
        if (outcome is Outcome.Ok or Outcome.Pending or Outcome.Failed { Recorded: true }) edit.Merge();
        return outcome;
    }
}

/// <summary>What outcomes hold, for assertions.</summary>
internal static class OutcomeExtensions
{
    public static string? Code(this Outcome outcome) => outcome switch
    {
        Outcome.Failed failed => failed.Code,
        Outcome.Stale stale => stale.Code,
        Outcome.Refused refused => refused.Refusal.Code,
        _ => null,
    };

    public static Bytes Output(this Outcome outcome, string name) => Assert.IsType<Outcome.Ok>(outcome).Outputs.Find(name)!.Value;
    public static Digest Digest(this Outcome outcome, string name) => new(outcome.Output(name).Span);
}
