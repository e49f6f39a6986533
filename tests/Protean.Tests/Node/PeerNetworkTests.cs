using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Node;
using Protean.Node.Transport;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Node;

public sealed class PeerNetworkTests : IAsyncDisposable
{
    private static readonly Digest Chain = Hash.Blake2b("chain"u8);
    private static readonly Digest Unit = Hash.Blake2b("unit"u8);
    private static readonly PeerTimings Fast = new(
        Handshake: TimeSpan.FromSeconds(1), KeepAlive: TimeSpan.FromMilliseconds(200), Silence: TimeSpan.FromSeconds(5),
        FirstRetry: TimeSpan.FromMilliseconds(20), LastRetry: TimeSpan.FromMilliseconds(100));

    private readonly List<Party> _parties = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var party in _parties) await party.DisposeAsync();
    }

    [Fact]
    public async Task Peers_find_each_other_whoever_starts_first_and_messages_arrive_whole_and_in_order()
    {
        var (a, b) = Pair();
        a.Start();
        b.Start();
        var large = new byte[Limits.MaxFrame];
        new Random(1).NextBytes(large);
        await Connected(a, b);
        for (byte i = 0; i < 100; i++) Assert.True(a.Network!.Send(b.Id, Unit, i, new[] { i }));
        Assert.True(a.Network!.Send(b.Id, Unit, 100, large));
        Assert.True(b.Network!.Send(a.Id, Unit, 1, "back"u8.ToArray()));

        await Waiting.Until(() => b.Received.Count == 101 && a.Received.Count == 1);
        Assert.Equal(Enumerable.Range(0, 101).Select(i => (ulong)i), b.Received.Select(frame => frame.Epoch));
        Assert.Equal(large, b.Received.Last().Payload.ToArray());
        Assert.All(b.Received, frame => Assert.Equal((a.Id, Unit), (frame.Peer, frame.Unit)));
    }

    [Fact]
    public async Task What_is_sent_before_the_peer_is_up_waits_for_it_within_bounds()
    {
        var (a, b) = Pair();
        a.Start();
        for (var i = 0; i < 10_000; i++) a.Network!.Send(b.Id, Unit, (ulong)i, new byte[100]);
        b.Start();
        await Waiting.Until(() => b.Received.Any(frame => frame.Epoch == 9999));
        Assert.InRange(b.Received.Count, 100, Limits.MaxOfflineOutboxBytes / 100);
    }

    [Fact]
    public async Task A_peer_that_restarts_is_connected_again()
    {
        var (a, b) = Pair();
        foreach (var restarted in new[] { a, b })
        {
            a.Start();
            b.Start();
            await Connected(a, b);
            await restarted.StopAsync();
            var other = restarted == a ? b : a;
            await Waiting.Until(() => !other.IsConnected);
            restarted.Start();
            await Connected(a, b);
            Assert.True(other.Network!.Send(restarted.Id, Unit, 7, "hello again"u8.ToArray()));
            await Waiting.Until(() => restarted.Received.Any(frame => frame.Epoch == 7));
        }
    }

    [Fact]
    public async Task A_key_that_is_not_in_the_directory_gets_nowhere()
    {
        var (a, b) = Pair();
        a.Start();
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await TurnedAway(a, strange, hello: null);
        await TurnedAway(a, key: null, hello: null);
        Assert.False(a.IsConnected);
    }

    [Fact]
    public async Task A_dialled_node_with_another_key_is_not_talked_to()
    {
        var (a, b) = Pair();
        b.Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        b.Start();
        a.Start();
        await Waiting.Until(() => a.Network!.Peers.Single().Trouble.Contains("certificate", StringComparison.Ordinal));
        Assert.False(a.IsConnected || b.IsConnected);
    }

    public static TheoryData<string> Codes => [.. GreetingChecks.All.Select(check => check.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    [LeavesOut(typeof(GreetingChecks), nameof(GreetingChecks.All))]
    public void Each_check_of_a_greeting_refuses_what_no_other_does(string code)
    {
        var (self, peer) = (Hash.Blake2b("self"u8), Hash.Blake2b("peer"u8));
        var good = new Hello(Hello.CurrentVersion, SodiumLibrary.Version, Chain, peer, self);
        var bad = code switch
        {
            "PRT-NOD-0041" => good with { Version = 2 },
            "PRT-NOD-0042" => good with { Library = "1.0.23" },
            "PRT-NOD-0043" => good with { ChainId = Unit },
            "PRT-NOD-0044" => good with { From = Unit },
            _ => good with { To = Unit },
        };
        Assert.Null(GreetingChecks.Refuse(new Greeting(good, Chain, self, peer), GreetingChecks.All));
        Assert.Equal(code, GreetingChecks.Refuse(new Greeting(bad, Chain, self, peer), GreetingChecks.All)?.Code);
        Assert.Null(GreetingChecks.Refuse(new Greeting(bad, Chain, self, peer), GreetingChecks.All.Where(check => check.Code != code)));
    }

    [Fact]
    public async Task A_peer_of_another_network_is_told_why_it_is_refused()
    {
        var (a, b) = Pair();
        a.Start();
        b.Chain = Unit;
        b.Start();
        await Waiting.Until(() => a.Network!.Peers.Single().Trouble.Contains("PRT-NOD-0043", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000080")]
    [InlineData("ffffffff")]
    [InlineData("0100000001")]
    [InlineData("2800000000")]
    public async Task A_known_peer_that_greets_with_garbage_is_turned_away(string hex)
    {
        var (a, b) = Pair();
        a.Start();
        await TurnedAway(a, b.Key, Convert.FromHexString(hex));
    }

    [Fact]
    public async Task A_known_peer_that_announces_an_oversize_frame_is_cut_off_and_may_come_back()
    {
        var (a, b) = Pair();
        b.Start();
        await using (var tls = await Party.TlsTo(b, a.Key))
        {
            await Greet(tls, a.Id, b.Id);
            await Waiting.Until(() => b.IsConnected);
            var length = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(length, Limits.MaxFrame + Frame.HeaderSize + 1);
            await tls.WriteAsync(length, TestContext.Current.CancellationToken);
            await Waiting.Until(() => !b.IsConnected);
            Assert.Contains("at most", b.Network!.Peers.Single().Trouble, StringComparison.Ordinal);
        }
        a.Start();
        await Connected(a, b);
    }

    [Fact]
    public async Task Strangers_that_say_nothing_or_nonsense_are_closed_and_do_not_keep_peers_out()
    {
        var (a, b) = Pair();
        b.Start();
        var strangers = new List<TcpClient>();
        for (var i = 0; i < Limits.MaxPendingHandshakesPerAddress + 20; i++)
        {
            var stranger = new TcpClient();
            await stranger.ConnectAsync(IPAddress.Loopback, b.Port, TestContext.Current.CancellationToken);
            if (i % 2 == 0) await stranger.GetStream().WriteAsync(new byte[100], TestContext.Current.CancellationToken);
            strangers.Add(stranger);
        }
        a.Start();
        await Connected(a, b);
        foreach (var stranger in strangers) Assert.True(await IsClosed(stranger.GetStream()));
        strangers.ForEach(stranger => stranger.Dispose());
    }

    [Fact]
    public void A_port_in_use_is_named()
    {
        using var first = PeerListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var refused = Assert.Throws<RefusedException>(() => PeerListener.Bind(first.EndPoint));
        Assert.Equal("PRT-NOD-0030", refused.Refusal.Code);
        Assert.Contains($"{first.EndPoint.Port}", refused.Refusal.Where, StringComparison.Ordinal);
        var elsewhere = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);
        Assert.Equal("PRT-NOD-0031", Assert.Throws<RefusedException>(() => PeerListener.Bind(elsewhere)).Refusal.Code);
    }

    [Theory]
    [InlineData("127.0.0.1:7000", "127.0.0.1", 7000)]
    [InlineData("[::1]:80", "::1", 80)]
    [InlineData("node-3.example.org:65535", "node-3.example.org", 65535)]
    public void Addresses_are_read(string text, string host, int port)
    {
        Assert.True(PeerAddress.TryParse(text, out var address));
        Assert.Equal((host, port), (address.Host, address.Port));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":80")]
    [InlineData("host:")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("::1:80")]
    [InlineData("a b:80")]
    public void Nonsense_is_no_address(string text) => Assert.False(PeerAddress.TryParse(text, out _));

    private (Party Lower, Party Higher) Pair()
    {
        var parties = new[] { new Party("one"), new Party("two") }.OrderBy(party => party.Id).ToArray();
        _parties.AddRange(parties);
        var peers = parties.Select(party => party.Record).ToArray();
        foreach (var party in parties) party.Peers = peers;
        return (parties[0], parties[1]);
    }

    private static Task Connected(Party a, Party b) => Waiting.Until(() => a.IsConnected && b.IsConnected);

    private static async Task TurnedAway(Party to, ECDsa? key, byte[]? hello)
    {
        try
        {
            await using var tls = await Party.TlsTo(to, key);
            if (hello is not null) await tls.WriteAsync(hello, TestContext.Current.CancellationToken);
            Assert.True(await IsClosed(tls));
        }
        catch (Exception closed) when (closed is IOException or AuthenticationException)
        {
            // Closed already while shaking hands.
        }
        Assert.False(to.IsConnected);
    }

    private static async Task Greet(SslStream tls, Digest self, Digest peer)
    {
        var writer = new FrameWriter(tls);
        await writer.WriteAsync(Canonical.Encode(new Hello(Hello.CurrentVersion, SodiumLibrary.Version, Chain, self, peer)), default);
        await writer.WriteAsync(new Encoder().Text("").ToArray(), default);
        await writer.FlushAsync(default);
    }

    // Whatever the other side still says, it must end.
    private static async Task<bool> IsClosed(Stream stream)
    {
        var rest = new byte[4096];
        try
        {
            while (await stream.ReadAsync(rest).AsTask().Soon() > 0) { }
        }
        catch (IOException)
        {
            return true;
        }
        return true;
    }

    private sealed class Party(string name) : IAsyncDisposable
    {
        private PeerListener _listener = PeerListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        private int? _port;

        public Digest Id { get; } = Hash.Blake2b(System.Text.Encoding.UTF8.GetBytes(name));
        public ECDsa Key { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        public Digest Chain { get; set; } = PeerNetworkTests.Chain;
        public Peer[] Peers { get; set; } = [];
        public Peer Record => new(Id, TransportCertificate.PublicKeyOf(Key), new PeerAddress("127.0.0.1", (ushort)Port));
        public int Port => _port ??= _listener.EndPoint.Port;
        public PeerNetwork? Network { get; private set; }
        public ConcurrentQueue<Frame> Received { get; } = [];
        public bool IsConnected => Network is not null && Network.Peers.All(peer => peer.Connected);

        public void Start()
        {
            if (Network is not null) return;
            var certificate = new TransportCertificate(Key);
            Network = new PeerNetwork(Chain, Id, _listener, certificate, Peers, Received.Enqueue, Fast, NullLogger.Instance);
            Network.Start();
        }

        public async Task StopAsync()
        {
            var port = Port;
            await Network!.DisposeAsync();
            Network = null;
            _listener = PeerListener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }

        public static async Task<SslStream> TlsTo(Party other, ECDsa? key)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, other.Port);
            var tls = new SslStream(client.GetStream());
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = "x",
                RemoteCertificateValidationCallback = (_, shown, _, _) => TransportCertificate.PublicKeyOf((X509Certificate2)shown!) == other.Record.TransportKey,
                ClientCertificates = key is null ? null : [SelfSigned(key)],
            };
            await tls.AuthenticateAsClientAsync(options);
            return tls;
        }

        private static X509Certificate2 SelfSigned(ECDsa key) =>
            new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.MaxValue);

        public async ValueTask DisposeAsync()
        {
            if (Network is not null) await Network.DisposeAsync();
            else _listener.Dispose();
            Key.Dispose();
        }
    }
}
