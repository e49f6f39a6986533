using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Protean.Client;
using Protean.Client.Api;
using Protean.Codec;
using Protean.Node.Transport;
using Protean.Tests.Node;
using Xunit;

namespace Protean.Tests.EndToEnd;

[Collection(OnALiveNetwork.Name)]
public sealed class HostileBytesTests(LiveNetwork live) : LiveTests(live)
{
    private const int Connections = 40;
    private const long MemoryForAll = 128L << 20;

    private static readonly string[] Garbage = ["", "GET / HTTP/1.1\r\n\r\n", "\u00ff\u00ff\u00ff\u00ff", "\u0016\u0003\u0001\u00ff\u00ff", new('\0', 1 << 20)];

    // All at once: who says too little is waited for as long as a handshake may take.
    [Fact]
    public Task Garbage_at_the_peer_port_is_hung_up_on_and_the_node_goes_on() => GoesOn(() => Task.WhenAll(
        from what in Garbage
        from i in Enumerable.Range(0, Connections)
        select HungUp(Live.Nodes[i % Live.Nodes.Count], Encoding.Latin1.GetBytes(what))));

    [Fact]
    public Task A_stranger_with_a_key_of_his_own_gets_no_frame_through() => GoesOn(async () =>
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var node = Live.Nodes[0];
        using var client = new TcpClient();
        await client.ConnectAsync(node.Configuration.ListenPeer, Cancel);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "x",
                    ClientCertificates = [certificate],
                    RemoteCertificateValidationCallback = (_, shown, _, _) =>
                        TransportCertificate.PublicKeyOf((X509Certificate2)shown!) == node.Local.Record.TransportKey,
                },
                Cancel);
            await HungUp(tls, [0xff, 0xff, 0xff, 0x7f, .. new byte[1024]]);
        }
        catch (Exception closed) when (closed is IOException or AuthenticationException)
        {
            // Hung up on while shaking hands already.
        }
    });

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("garbage", HttpStatusCode.BadRequest)]
    [InlineData("{\"request\": 7}", HttpStatusCode.BadRequest)]
    [InlineData("{\"request\": \"no base64!\"}", HttpStatusCode.BadRequest)]
    [InlineData("deep", HttpStatusCode.BadRequest)]
    [InlineData("oversize", HttpStatusCode.RequestEntityTooLarge)]
    public Task Garbage_at_the_API_is_refused_with_a_code_and_the_node_goes_on(string what, HttpStatusCode status) => GoesOn(async () =>
    {
        var body = what switch
        {
            "deep" => new string('[', 1 << 20),
            "oversize" => $"{{\"request\": \"{new string('A', 8 << 20)}\"}}",
            _ => what,
        };
        using var http = new HttpClient();
        await Task.WhenAll(Enumerable.Range(0, Live.Nodes.Count).Select(async i =>
        {
            var members = Live.MembersOf(Live.StateUnit);
            var address = new Uri(members[i % members.Count].Local.Api, $"v1/units/{Live.StateUnit}/requests");
            using var question = new HttpRequestMessage(HttpMethod.Post, address);
            question.Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json"));
            question.Headers.ExpectContinue = true;
            using var answer = await http.SendAsync(question, Cancel);
            Assert.Equal(status, answer.StatusCode);
            var said = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.Contains("\"code\":\"PRT-API-", said, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        }));
    });

    [Theory]
    [InlineData("v1/nothing")]
    [InlineData("v1/units/state/status")]
    [InlineData("v1/units/00/requests")]
    public async Task A_question_that_the_API_does_not_know_is_answered_with_a_code(string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(Live.Nodes[0].Local.Api, path), Cancel);
        Assert.InRange((int)answer.StatusCode, 400, 499);
        Assert.Contains("\"code\":\"PRT-API-", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0001\u0002\u0003")]
    [InlineData("\u0001\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")]
    [InlineData("\u0002")]
    public Task A_request_that_is_not_canonical_is_refused_by_code(string bytes) => GoesOn(async () =>
    {
        using var http = new HttpClient();
        foreach (var node in Live.MembersOf(Live.StateUnit))
        {
            var api = new NodeApi(http, node.Local.Api);
            var refused = await Assert.ThrowsAsync<RefusedException>(() =>
                api.Submit(Live.StateUnit, Bytes.Wrap(Encoding.Latin1.GetBytes(bytes)), TimeSpan.FromSeconds(5), Cancel));
            Explained("PRT-RUN-0001", refused.Refusal);
        }
    });

    // After the deed the nodes seal heights as before, nothing has changed, and the memory that it took is not kept.
    private Task GoesOn(Func<Task> deed) => NothingChanges(async () =>
    {
        var held = GC.GetTotalMemory(forceFullCollection: true);
        await deed();
        var later = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 1;
        Assert.True((await Live.Network.Head(Live.StateUnit, minTimeMs: later, cancel: Cancel)).Header.TimeMs >= later);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - held, long.MinValue, MemoryForAll);
    });

    private static async Task HungUp(LiveNode node, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(node.Configuration.ListenPeer, Cancel);
        await HungUp(client.GetStream(), bytes);
    }

    // Whatever is said before, the other side must end it.
    private static async Task HungUp(Stream stream, byte[] bytes)
    {
        try
        {
            await stream.WriteAsync(bytes, Cancel);
            var rest = new byte[4096];
            while (await stream.ReadAsync(rest, Cancel).AsTask().Soon() > 0) { }
        }
        catch (IOException)
        {
            // Reset is an end too.
        }
    }
}
