using System.Net;
using System.Net.Http.Json;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Api;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.Units;

namespace Protean.Tests.Client;

/// <summary>The real units of a network, in virtual time, behind the HTTP API of their nodes: what a client talks to, but for
/// sockets.</summary>
internal sealed class InMemoryNetwork : HttpMessageHandler
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly GenesisFixture _fixture;
    private readonly Dictionary<Digest, Simulation<UnitMessage, UnitEvent>> _units = [];
    private readonly Dictionary<(Digest Unit, MemberId Member, Digest Request), Reply> _answers = [];
    private readonly Lock _lock = new();

    public InMemoryNetwork(Catalog catalog)
    {
        _fixture = new GenesisFixture([.. catalog.Units.Select(static unit => unit.Name)]);
        Directory = new LinkedDirectory(_fixture.Genesis);
        foreach (var unit in Directory.Units) _units.Add(unit.UnitId, Start(unit, catalog.Find(unit.Class)!));
    }

    public LinkedDirectory Directory { get; }

    /// <summary>In place of what a node answers: null leaves the answer as it is. Node 1..4, path, the honest answer.</summary>
    public Func<int, string, HttpResponseMessage, HttpResponseMessage?> Deed { get; set; } = static (_, _, _) => null;

    /// <summary>What three members of every unit can sign if they conspire.</summary>
    /// <param name="header">What they say.</param>
    /// <param name="first">The first of the three.</param>
    public SealedHeader Seal(SealHeader header, int first = 1)
    {
        var signatures = Enumerable.Range(first, 3).Select(i =>
            KeyValuePair.Create(new MemberId((ushort)i), _fixture.ConsensusKeys[i - 1].Sign(header.SignedPayload())));
        return new SealedHeader(header, QuorumSignature.Of(GenesisFixture.Size, signatures));
    }

    /// <summary>A result that a conspiring quorum puts in the place of the true one.</summary>
    public Protean.Client.Result Reseal(Protean.Client.Result result, Func<ResultLeaf, ResultLeaf> change)
    {
        var leaf = change(result.Receipt.Leaf);
        var header = result.Receipt.Header with { ResultsRoot = MerkleTree.Root([Canonical.Encode(leaf)]), ResultsCount = 1 };
        return result with { Receipt = new Receipt(leaf, 0, [], Seal(header)) };
    }

    public int Calls { get; private set; }

    public Task<Protean.Client.Network> Connect() => Protean.Client.Network.Connect(
        [new Uri("http://node-1/")], Directory.ChainId,
            new Protean.Client.NetworkOptions { Pause = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromSeconds(20) }, this);

    public ulong TimeOf(string unitClass) => _units[Directory.Find(unitClass)!.UnitId].Time;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var node = request.RequestUri!.Host[^1] - '0';
        lock (_lock)
        {
            Calls++;
            var answer = Answer(node, request.RequestUri, body);
            return Deed(node, request.RequestUri.AbsolutePath, answer) ?? answer;
        }
    }

    private HttpResponseMessage Answer(int node, Uri uri, string body)
    {
        var path = uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path is [_, "network"])
            return Json(new NetworkMessage(Directory.ChainId.ToString(), Base64(Directory.Genesis), $"{node}", 0, []));
        var unit = Digest.FromHex(path[2]);
        var (simulation, member) = (_units[unit], (UnitMember)_units[unit][node].Protocol!);
        switch (path[3])
        {
            case "requests": return Json(Submit(unit, node, simulation, Parse<SubmitMessage>(body)));
            case "head": return Head(node, simulation, member, System.Web.HttpUtility.ParseQueryString(uri.Query));
            case "state": return State(simulation, member, Parse<ReadMessage>(body));
            case "keys":
                simulation.RunUntil(() => member.Reads.Key(path[4]) is not null, Patience);
                var key = member.Reads.Key(path[4])!;
                return Json(new KeyMessage(Base64(key.Receipt), Base64(key.Outputs), Base64(key.Record)));
            default:
                var input = Bytes.Wrap(Convert.FromBase64String(Parse<QueryMessage>(body).Input));
                return Json(new QueryAnswer(Convert.ToBase64String(((Answer.Given)member.Reads.Query(path[4], input)!).Value.Span)));
        }
    }

    private ReplyMessage Submit(Digest unit, int node, Simulation<UnitMessage, UnitEvent> simulation, SubmitMessage message)
    {
        Digest entry = default;
        var bytes = Bytes.Wrap(Convert.FromBase64String(message.Request));
        simulation[node].Do("submit", (protocol, effects) => entry = ((UnitMember)protocol).Submit(bytes, effects));
        var name = (unit, new MemberId((ushort)node), entry);
        simulation.RunUntil(() => _answers.ContainsKey(name), Patience);
        return _answers.Remove(name, out var reply) ? ReplyMessage.Of(reply) : new ReplyMessage("waiting", WaitingFor: []);
    }

    private static HttpResponseMessage Head(int node, Simulation<UnitMessage, UnitEvent> simulation, UnitMember member,
        System.Collections.Specialized.NameValueCollection query)
    {
        var (height, time) = (ulong.Parse(query["minHeight"]!, null), ulong.Parse(query["minTimeMs"]!, null));
        simulation[node].Do("await", (protocol, effects) => ((UnitMember)protocol).Await(time, effects));
        var until = TimeSpan.FromMilliseconds(time > simulation.Time ? time - simulation.Time : 0) + Patience;
        return simulation.RunUntil(() => member.Reads.Head is { } head && head.Header.Height >= height && head.Header.TimeMs >= time, until)
            ? Json(new HeadMessage(Base64(member.Reads.Head!)))
            : Late();
    }

    private static HttpResponseMessage State(Simulation<UnitMessage, UnitEvent> simulation, UnitMember member, ReadMessage message)
    {
        Bytes[] keys = [.. message.Keys.Select(static key => Bytes.Wrap(Convert.FromBase64String(key)))];
        Bytes[] prefixes = [.. message.Prefixes.Select(static prefix => Bytes.Wrap(Convert.FromBase64String(prefix)))];
        simulation.RunUntil(() => member.Reads.Prove(keys, prefixes, message.MinHeight ?? 0) is not null, Patience);
        return member.Reads.Prove(keys, prefixes, message.MinHeight ?? 0) is { } reading
            ? Json(new StateMessage(Base64(reading.Seal), Base64(reading.Witness))) : Late();
    }

    private static HttpResponseMessage Late() =>
        Json(new ReplyMessage("refused", Refusal: new Refusal("PRT-API-0003", "no sealed height is there yet", Retry: true)),
            HttpStatusCode.ServiceUnavailable);

    private Simulation<UnitMessage, UnitEvent> Start(UnitEntry entry, IFunctionalUnit unit)
    {
        var simulation = new Simulation<UnitMessage, UnitEvent>(11, GenesisFixture.Size, incarnation => new UnitMember(new UnitMemberParts(
            unit, UnitEpochs.Open(incarnation.Store, Directory.Genesis, Ed25519Scheme.Instance), entry.UnitId, incarnation.Member,
                _fixture.ConsensusKeys[incarnation.Member.Index - 1], _fixture.EncryptionKeys[incarnation.Member.Index - 1],
            Ed25519Scheme.Instance, new SeededRandom(incarnation.Member.Index), incarnation.Store)),
                GenesisFixture.StartMs + 1000);
        simulation.OnOutput = (member, _, output) =>
        {
            if (output is UnitEvent.Answered answered) _answers[(entry.UnitId, member, answered.Request)] = answered.Reply;
        };
        simulation.Start();
        simulation.RunUntil(() => unit.KeyPurposes.All(purpose => ((UnitMember)simulation[1].Protocol!).Reads.Key(purpose) is not null),
            Patience);
        return simulation;
    }

    private static string Base64<T>(T value) where T : ICanonical<T> => Convert.ToBase64String(Canonical.Encode(value));
    private static T Parse<T>(string body) =>
        System.Text.Json.JsonSerializer.Deserialize<T>(body, System.Text.Json.JsonSerializerOptions.Web)!;
    private static HttpResponseMessage Json<T>(T body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = JsonContent.Create(body) };
}
