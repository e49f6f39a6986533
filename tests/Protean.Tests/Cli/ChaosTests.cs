using System.Net;
using System.Net.Sockets;
using CsCheck;
using Protean.Cli.Chaos;
using Protean.Cryptography;
using Protean.Node.LocalNetwork;
using Protean.Tests.Node;
using Xunit;

namespace Protean.Tests.Cli;

public sealed class ChaosTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void No_more_members_of_a_unit_are_down_at_once_than_it_bears() =>
        Gen.Select(Gen.Int[4, 20], Gen.Int[4, 7], Gen.Int).Where(static drawn => drawn.Item1 >= drawn.Item2).Sample((nodes, members, seed) =>
        {
            var shape = new NetworkShape(nodes, members);
            Crew[] crews = [.. Enumerable.Range(0, shape.Units.Count).Select(unit =>
                new Crew(Digest.Zero, [.. shape.MembersOf(unit).Select(static node => node + 1)], (members - 1) / 3))];
            var down = Crew.Bearable(Nodes(nodes), crews, new Random(seed)).Select(static node => node.Local.Number).ToHashSet();
            Assert.NotEmpty(down);
            Assert.All(crews, crew => Assert.InRange(crew.Nodes.Count(down.Contains), 0, crew.Faulty));
            // And no other node could be down as well.
            Assert.All(Enumerable.Range(1, nodes).Where(number => !down.Contains(number)), number =>
                Assert.Contains(crews, crew => crew.Nodes.Contains(number) && crew.Nodes.Count(down.Contains) == crew.Faulty));
        });

    [Fact]
    public async Task A_storm_lets_every_fault_loose_once_before_any_comes_again_and_the_same_from_the_same_seed()
    {
        await using var wires = SomeWires();
        async Task<List<string>> Said()
        {
            var storm = new Storm(Nodes(4), wires, [new Crew(Digest.Zero, [1, 2, 3, 4], 1)], Enum.GetValues<FaultKind>(), 7);
            var said = new List<string>();
            while (storm.IsBlind) said.Add((await storm.Begin()).What);
            Assert.All(storm.Fired.Values, static count => Assert.Equal(1, count));
            for (var i = 0; i < 20; i++) said.Add((await storm.Begin()).What);
            return said;
        }
        Assert.Equal(await Said(), await Said());
    }

    [Fact]
    public async Task A_wire_carries_bytes_both_ways_in_order_and_holds_them_back_while_it_is_cut()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var wire = new Wire(1, 2, (IPEndPoint)listener.LocalEndpoint);
        using var dialler = new TcpClient();
        await dialler.ConnectAsync(wire.EndPoint, Cancel);
        using var dialled = await listener.AcceptTcpClientAsync(Cancel);
        var (left, right) = (dialler.GetStream(), dialled.GetStream());

        wire.There.Delay = TimeSpan.FromMilliseconds(20);
        byte[] sent = [.. Enumerable.Range(0, 100_000).Select(static i => (byte)(i * 31))];
        await left.WriteAsync(sent, Cancel);
        Assert.Equal(sent, await Read(right, sent.Length));

        wire.From(1)!.Cut();
        await left.WriteAsync(sent, Cancel);
        await right.WriteAsync(new byte[] { 1, 2, 3 }, Cancel);
        Assert.Equal([1, 2, 3], await Read(left, 3));
        var held = Read(right, sent.Length);
        await right.WriteAsync(new byte[] { 4 }, Cancel);
        Assert.Equal([4], await Read(left, 1));
        Assert.False(held.IsCompleted);
        wire.There.Mend();
        Assert.Equal(sent, await held);

        dialler.Close();
        Assert.Equal(0, await right.ReadAsync(new byte[1], Cancel).AsTask().Soon());
    }

    private static async Task<byte[]> Read(NetworkStream from, int length)
    {
        var bytes = new byte[length];
        await from.ReadExactlyAsync(bytes, Cancel).AsTask().Soon();
        return bytes;
    }

    // Nobody dials them.
    private static Wires SomeWires() => new([.. Enumerable.Range(2, 3).Select(static number => new Wire(1, number, new IPEndPoint(IPAddress.Loopback, 1)))]);

    // They are never started.
    private static ChaosNode[] Nodes(int count) => [.. Enumerable.Range(1, count).Select(static number => new ChaosNode(null!, new LocalNode(number, "", null!)))];
}
