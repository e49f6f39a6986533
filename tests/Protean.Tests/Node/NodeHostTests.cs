using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node;
using Protean.Node.Keys;
using Protean.Node.Storage;
using Protean.Node.Transport;
using Protean.Runtime;
using Xunit;

namespace Protean.Tests.Node;

public sealed class NodeHostTests : IAsyncDisposable
{
    private static readonly PeerTimings Fast = PeerTimings.Default with
    {
        FirstRetry = TimeSpan.FromMilliseconds(20),
        LastRetry = TimeSpan.FromMilliseconds(100),
    };

    private readonly TestNetwork _network = new(4, ("state", [0, 1, 2, 3]), ("randomness", [1, 2, 3, 0]));
    private readonly List<NodeHost<Word, string>> _hosts = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        _network.Dispose();
    }

    [Fact]
    public async Task Four_nodes_talk_in_two_units_over_their_sockets()
    {
        var heard = new ConcurrentDictionary<string, int>();
        for (var i = 0; i < 4; i++)
        {
            var host = Open(i);
            foreach (var member in host.Members)
                member.OnOutput(output => heard.AddOrUpdate($"{member.Assignment.Unit.Class} {output}", 1, (_, count) => count + 1));
            host.Start();
        }
        foreach (var host in _hosts)
            foreach (var member in host.Members)
                await member.Loop.Ask(effects => Greet(effects, member.Assignment));

        string[] everyone = ["state 1", "state 2", "state 3", "state 4", "randomness 1", "randomness 2", "randomness 3", "randomness 4"];
        await Waiting.Until(() => everyone.All(who => heard.GetValueOrDefault(who) >= 3));
    }

    [Fact]
    public async Task A_node_remembers_what_it_wrote_across_a_restart()
    {
        var host = Open(0);
        host.Start();
        var member = host.Members.First();
        await member.Loop.Ask(_ => ((Greeter)member.Protocol).Remember("promise"));
        await host.DisposeAsync();
        _hosts.Clear();

        using var reopened = RocksDatabase.Open(_network.DataFolder(0), _network.Genesis.ChainId, _network.Nodes[0].Keys.NodeId);
        Assert.NotNull(reopened.StoreFor(member.Assignment.Unit.UnitId.Span).Get("promise"u8));
    }

    [Fact]
    public async Task A_node_whose_member_breaks_serves_its_other_units()
    {
        for (var i = 0; i < 4; i++) Open(i).Start();
        var (broken, whole) = (_hosts[0].Members.First(), _hosts[0].Members.Last());
        await Assert.ThrowsAnyAsync<Exception>(() => broken.Loop.Ask<int>(_ => throw new InvalidOperationException("broken")));
        Assert.False(broken.Loop.IsRunning);
        Assert.Equal(1, await whole.Loop.Ask(_ => 1));
    }

    [Fact]
    public void Keys_that_are_not_those_of_the_genesis_are_refused()
    {
        using var folder = new TemporaryFolder();
        using var strange = NodeKeys.Create(folder.At("keys"), Passphrase.FromText("x"), KeyCost.Development, SystemRandom.Instance);
        var (keys, epoch, _) = _network.Nodes[0];
        Assert.Equal("PRT-NOD-0023", Assert.Throws<RefusedException>(() => NodeRecords.Find(_network.Genesis, strange)).Refusal.Code);
        var others = _network.Genesis.Nodes.Select(node =>
            node.NodeId == keys.NodeId ? node with { PvssKey = _network.Genesis.Nodes[1].PvssKey } : node);
        var other = _network.Genesis with { Nodes = [.. others] };
        Assert.Equal("PRT-NOD-0024", Assert.Throws<RefusedException>(() => NodeRecords.Find(other, keys)).Refusal.Code);
        Assert.Equal(keys.NodeId, NodeRecords.Find(_network.Genesis, keys).NodeId);

        var directory = new LinkedDirectory(_network.Genesis);
        var assignment = UnitAssignment.Of(directory, directory.Units[0], keys.NodeId)!;
        assignment.Require(epoch);
        Assert.Equal("PRT-NOD-0024", Assert.Throws<RefusedException>(() => assignment.Require(_network.Nodes[1].Epoch)).Refusal.Code);
    }

    private static int Greet(IEffects<Word, string> effects, UnitAssignment assignment)
    {
        effects.Broadcast(new Word($"{assignment.Self}"));
        return 0;
    }

    private NodeHost<Word, string> Open(int node)
    {
        var (keys, _, listener) = _network.Nodes[node];
        var directory = new LinkedDirectory(_network.Genesis);
        var parts = new NodeParts(_network.Genesis, keys, _network.DataFolder(node), listener) { Timings = Fast };
        var host = NodeHost.Open<Word, string>(parts, NullLoggerFactory.Instance);
        _hosts.Add(host);
        foreach (var unit in directory.Units)
        {
            if (UnitAssignment.Of(directory, unit, host.NodeId) is not { } assignment) continue;
            var store = host.StoreFor(unit.UnitId);
            host.Join(assignment, new Greeter(store), store);
        }
        return host;
    }

    private sealed record Word(string Text) : ICanonical<Word>
    {
        public void Encode(Encoder to) => to.Text(Text);
        public static Word Decode(ref Decoder from) => new(from.Text(Limits.MaxName));
    }

    /// <summary>Says whom it heard.</summary>
    private sealed class Greeter(IStore store) : IProtocol<Word, string>
    {
        public void Start(IEffects<Word, string> effects) { }
        public void Receive(MemberId from, Word message, IEffects<Word, string> effects) =>
            effects.Output(message.Text == $"{from}" ? $"{from}" : "a liar");

        public int Remember(string key)
        {
            var batch = new StoreBatch();
            batch.Put(Bytes.Of(key), [1]);
            store.Write(batch);
            return 0;
        }
    }
}
