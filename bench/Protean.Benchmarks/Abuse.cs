using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Protean.Cli;
using Protean.Cli.Chaos;
using Protean.Client;
using Protean.Node.Configuration;
using Protean.Node.LocalNetwork;

namespace Protean.Benchmarks;

/// <summary>What honest clients feel while one member of the state unit is abused, and what memory its process takes; attackers share the machine.</summary>
internal sealed class Abuse(NetworkFolder folder, ChaosNode victim, Func<TimeSpan, Task<Latencies>> work, TimeSpan window)
{
    // Attackers of the nodes' port come from an address at which no node lives.
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("127.0.0.2"), 0);

    private readonly string _unit = folder.Genesis.Units.Single(static unit => unit.Class == "state").UnitId(folder.Genesis.ChainId).ToString();
    private readonly int _peerPort = NodeConfiguration.Read(victim.Local.ConfigurationFile).ListenPeer.Port;
    private double _restMs;
    private long _restBytes;

    /// <summary>On a network of processes, each attack after the other.</summary>
    public static async Task Print(NetworkShape shape, Func<RunningNetwork, Task<Func<TimeSpan, Task<Latencies>>>> prepare, bool quick)
    {
        var root = Path.Combine(Path.GetTempPath(), $"protean-bench-{Guid.NewGuid():N}");
        try
        {
            var folder = NetworkFolder.Create(root, shape);
            ChaosNode[] nodes = [.. folder.Nodes.Select(node => new ChaosNode(folder, node))];
            await using var running = await ChaosNode.StartAll(folder, nodes, new Terminal(TextWriter.Null, TextWriter.Null, isJson: false), CancellationToken.None);
            var member = folder.Genesis.Units.Single(static unit => unit.Class == "state").Members[0];
            var victim = nodes.Single(node => node.Local.Record.NodeId == member);
            await new Abuse(folder, victim, await prepare(running), TimeSpan.FromSeconds(quick ? 5 : 15)).Print();
        }
        finally
        {
            if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
        }
    }

    private async Task Print()
    {
        await work(window);
        await Measure("at rest", 0, static _ => Task.CompletedTask);
        await Measure("slow headers", 500, stop => Api("GET / HTTP/1.1\r\nX: ", "x", stop));
        await Measure("slow bodies", 200, stop => Api(Post(Limits.MaxApiBody) + "{", " ", stop));
        await Measure("large bodies", 16, stop => Api(Post(Limits.MaxApiBody) + "{\"request\":\"" + new string('A', Limits.MaxApiBody - 14) + "\"}", "", stop));
        await Measure("length of 2^31", 32, stop => Api(Post(1L << 31) + "{", "", stop));
        await Measure("deep JSON", 16, stop => Api(Post(1 << 20) + new string('[', 1 << 20), "", stop));
        await Measure("API connections", 3_000, stop => Api("", "", stop));
        await Measure("events, not read", 400, stop => Api($"GET /v1/units/{_unit}/events HTTP/1.1\r\nHost: x\r\n\r\n", "", stop));
        await Measure("node connections", 500, stop => Drip(_peerPort, "", "", stop));
        await Measure("node, 2^31", 64, stop => Drip(_peerPort, "\u00ff\u00ff\u00ff\u007f", "", stop));
        await Measure("TLS handshakes", 32, Handshakes);
    }

    private async Task Measure(string what, int attackers, Func<CancellationToken, Task> attack)
    {
        using var over = new CancellationTokenSource();
        var attacks = Enumerable.Range(0, attackers).Select(_ => Again(attack, over.Token)).ToArray();
        var peak = Watch(over.Token);
        var times = await work(window);
        await over.CancelAsync();
        await Task.WhenAll(attacks);
        var p50 = times.At(0.5).TotalMilliseconds;
        var most = await peak;
        if (attackers == 0) (_restMs, _restBytes) = (p50, most);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"abuse: {what,-18}{attackers,6} attackers   {times}, {p50 / _restMs:0.00} of rest   {(most - _restBytes) / 1048576.0,6:+0;-0;0} MiB"));
    }

    private async Task<long> Watch(CancellationToken stop)
    {
        var most = 0L;
        while (!stop.IsCancellationRequested)
        {
            most = Math.Max(most, victim.ResidentBytes);
            await Task.Delay(100, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return most;
    }

    // Whoever is hung up on comes again.
    private static async Task Again(Func<CancellationToken, Task> attack, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await attack(stop);
            }
            catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException or AuthenticationException)
            {
                // As it was to be expected.
            }
            await Task.Delay(20, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string Post(long length) => string.Create(CultureInfo.InvariantCulture,
        $"POST /v1/units/{_unit}/requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");

    private Task Api(string first, string drop, CancellationToken stop) => Drip(victim.Local.Api.Port, first, drop, stop);

    // Says the first thing, then a little every second, and reads nothing but the end.
    private static async Task Drip(int port, string first, string drop, CancellationToken stop)
    {
        using var client = await Connect(port, stop);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(first), stop);
        using var poll = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!client.Client.Poll(0, SelectMode.SelectRead) || client.Available > 0)
        {
            await poll.WaitForNextTickAsync(stop);
            if (drop.Length > 0) await stream.WriteAsync(Encoding.Latin1.GetBytes(drop), stop);
        }
    }

    private async Task Handshakes(CancellationToken stop)
    {
        using var client = await Connect(_peerPort, stop);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "x", RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null }, stop);
    }

    private static async Task<TcpClient> Connect(int port, CancellationToken stop)
    {
        var client = new TcpClient(Elsewhere);
        await client.ConnectAsync(IPAddress.Loopback, port, stop);
        return client;
    }
}
