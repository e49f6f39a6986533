using Protean.Cli.Lottery;
using Protean.Client;
using Protean.Client.Plans;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.LocalNetwork;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Workflows;

namespace Protean.Cli.Chaos;

/// <summary>Where the client of a run dies: as it sends a step's request.</summary>
/// <param name="Delivered">Whether the unit still gets the request and answers it.</param>
internal sealed record Boundary(string Workflow, string Step, bool Delivered)
{
    public override string ToString() => $"{Workflow}/{Step}, {(Delivered ? "executed, its answer lost" : "before it is sent")}";
}

/// <summary>Plays small lotteries on a network of processes, each cut at another step boundary: the client dies there, up to f members of every unit are
/// killed, the request is sent a hundred times over, and the client goes on from its journal. All must end as the one that nobody disturbs.</summary>
internal sealed class CutLottery : IDisposable
{
    private const ulong Price = 100, FundsEach = 1_000, Supply = 1_000_000;
    private const int Copies = 100, Participants = 2;

    /// <summary>Refuses a ticket after the end of the sale.</summary>
    private const string TooLate = "PRT-ADM-0022";

    private static readonly string[] Workflows = ["open", "join", "reveal"];
    private static readonly TimeSpan UntilFinalDeadline = TimeSpan.FromHours(1), LongestSale = TimeSpan.FromMinutes(10);

    private readonly NetworkFolder _folder;
    private readonly IReadOnlyList<ChaosNode> _nodes;
    private readonly Network _network;
    private readonly LotteryApplication _application;
    private readonly Session _organizer;
    private readonly Violations _violations;
    private readonly Terminal _terminal;
    private readonly HttpClient _http = new();
    private readonly List<Identity> _identities = [];
    private Coins _coins = null!;
    private TimeSpan _sale = TimeSpan.FromSeconds(5);

    public CutLottery(NetworkFolder folder, IReadOnlyList<ChaosNode> nodes, Network network, Violations violations, Terminal terminal)
    {
        (_folder, _nodes, _network, _violations, _terminal) = (folder, nodes, network, violations, terminal);
        _application = new LotteryApplication(network);
        _organizer = NewUser();
    }

    /// <summary>Every step of the workflows that are played, before and after it is executed.</summary>
    public IReadOnlyList<Boundary> Boundaries =>
    [
        .. from name in Workflows
           from step in _application.Steps(name)
           from delivered in (bool[])[false, true]
           select new Boundary(name, step, delivered),
    ];

    /// <returns>How many lotteries were cut.</returns>
    public async Task<int> Play(IReadOnlyList<Boundary> boundaries, CancellationToken cancel)
    {
        await _application.Publish(_organizer, cancel);
        _coins = await Coins.Of(_application, _organizer, cancel);
        await _coins.Mint(Supply, cancel);
        var undisturbed = await Play((Boundary?)null, cancel);
        _terminal.Step("undisturbed", $"{undisturbed}");
        foreach (var boundary in boundaries)
        {
            var end = await Play(boundary, cancel);
            _terminal.Step("cut", $"{boundary}: {end}");
            if (end != undisturbed) _violations.Add($"{boundary}: {end}, undisturbed {undisturbed}");
        }
        return boundaries.Count;
    }

    public void Dispose()
    {
        _http.Dispose();
        foreach (var identity in _identities) identity.Dispose();
    }

    // How long a sale must be depends on the machine: where a buyer came too late, others buy in a longer one.
    private async Task<string> Play(Boundary? boundary, CancellationToken cancel)
    {
        for (; ; _sale *= 3)
        {
            Session[] users = [.. Enumerable.Range(0, Participants).Select(_ => NewUser())];
            PublicKey[] keys = [.. users.Select(static user => user.Identity.PublicKey)];
            await _coins.Fund(keys, FundsEach, cancel);
            var instance = await Open(boundary, cancel);
            if (!await Sell(users, instance, boundary, cancel)) continue;
            (await Run(users[0], instance, "reveal", [], boundary, cancel)).RequireSuccess();
            var balances = await Coins.Balances(_application, _network, keys, cancel);
            var left = (await _network.State(instance.StateUnit, [], [_application.LotteryPrefix(instance)], cancel: cancel)).Witness!.Proof.Entries;
            return $"balances {string.Join(", ", balances.Order())}; {left.Count} entries of {left.Sum(static entry => entry.Value.Length)} bytes";
        }
    }

    private async Task<Instance> Open(Boundary? boundary, CancellationToken cancel)
    {
        var end = DateTimeOffset.UtcNow + _sale;
        var instance = await _application.Create(
            _organizer, "lottery", ["join", "open", "reveal"],
            [new("price", Values.OfU64(Price)), new("endOfSale", Time(end)), new("finalDeadline", Time(end + UntilFinalDeadline))], cancel);
        (await Run(_organizer, instance, "open", [], boundary, cancel)).RequireSuccess();
        return instance;
    }

    /// <returns>False where the sale was too short.</returns>
    private async Task<bool> Sell(Session[] users, Instance instance, Boundary? boundary, CancellationToken cancel)
    {
        try
        {
            foreach (var user in users)
            {
                NamedValue[] inputs = [new("buyer", new Bytes(user.Identity.PublicKey.Span)), new("instance", new Bytes(instance.Id.Span))];
                (await Run(user, instance, "join", inputs, user == users[0] ? boundary : null, cancel)).RequireSuccess();
            }
            return true;
        }
        catch (RefusedException refused) when (refused.Refusal.Code == TooLate && _sale < LongestSale)
        {
            return false;
        }
    }

    private async Task<RunResult> Run(
        Session user, Instance instance, string workflow, IReadOnlyList<NamedValue> inputs, Boundary? boundary, CancellationToken cancel)
    {
        var plan = await user.Compile(instance, workflow, cancel);
        if (boundary?.Workflow != workflow) return await user.Begin(plan, inputs).Complete(cancel);
        var path = Path.Combine(_folder.Root, $"journal-{Guid.NewGuid():N}");
        var step = (ushort)plan.Plan.Workflow.Steps.ToList().FindIndex(one => one.Name == boundary.Step);
        var unit = plan.Plan.UnitIdOf(plan.Plan.Workflow.Steps[step]);
        await RunUntil(user, plan, inputs, RunJournal.Create(path), unit, boundary.Delivered, cancel);

        var down = Crew.Bearable(_nodes, Crew.Of(_folder), Random.Shared);
        await Task.WhenAll(down.Select(static node => node.KillAsync()));
        var journal = RunJournal.Load(path);
        var request = journal.Sent(step, 0) ?? throw new InvalidOperationException($"{boundary}: the journal knows of no request");
        var copies = await SendCopies(unit, request, [.. _nodes.Except(down).Select(static node => node.Local)], cancel);
        var healing = Task.WhenAll(down.Select(node => node.HealAsync(cancel)));
        var result = await user.Resume(journal).Complete(cancel);
        await healing;

        copies = [.. copies, .. await Task.WhenAll(MembersOf(unit, _folder.Nodes).Select(member => SentAgain.To(_http, member, unit, request, cancel)))];
        var different = copies.Count(copy => !SentAgain.IsSame(result.Outcomes[step]!.Result.Receipt, copy));
        if (different > 0) _violations.Add($"{boundary}: {different} of {copies.Length} copies of one request got another result, or none");
        var again = await user.Resume(RunJournal.Load(path)).Complete(cancel);
        if (!again.Outcomes.Zip(result.Outcomes).All(static pair => pair.First?.Result.Receipt.Leaf == pair.Second?.Result.Receipt.Leaf))
            _violations.Add($"{boundary}: the run ended otherwise when it was resumed once more");
        return result;
    }

    // Another client of the same user, who dies where it asks this unit for something.
    private async Task RunUntil(
        Session user, SealedPlan plan, IReadOnlyList<NamedValue> inputs, RunJournal journal, Digest unit, bool delivered, CancellationToken cancel)
    {
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var network = await Network.Connect(
            [.. _folder.Nodes.Select(static node => node.Api)], _network.ChainId, handler: new CutWire($"/v1/units/{unit}/requests", delivered, killed.Cancel), cancel: cancel);
        try
        {
            await new Session(network, user.Identity).Begin(plan, inputs, journal).Complete(killed.Token);
        }
        catch (OperationCanceledException) when (killed.IsCancellationRequested)
        {
            cancel.ThrowIfCancellationRequested();
            return;
        }
        throw new InvalidOperationException("the run ended without asking the unit that it was to be cut at");
    }

    private Task<Receipt?[]> SendCopies(Digest unit, Request request, IReadOnlyList<LocalNode> running, CancellationToken cancel)
    {
        var members = MembersOf(unit, running).ToArray();
        return Task.WhenAll(Enumerable.Range(0, Copies).Select(i => SentAgain.To(_http, members[i % members.Length], unit, request, cancel)));
    }

    private IEnumerable<LocalNode> MembersOf(Digest unit, IEnumerable<LocalNode> nodes)
    {
        var members = _network.Directory.CommitteeOf(unit, 0)!.Members.Select(static member => member.NodeId).ToHashSet();
        return nodes.Where(node => members.Contains(node.Record.NodeId));
    }

    private Session NewUser()
    {
        var identity = Identity.Create();
        _identities.Add(identity);
        return new Session(_network, identity);
    }

    private static Bytes Time(DateTimeOffset time) => Values.OfU64((ulong)time.ToUnixTimeMilliseconds());
}
