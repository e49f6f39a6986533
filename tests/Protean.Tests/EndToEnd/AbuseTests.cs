using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Protean.Tests.Node;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>Callers who want a node's memory and time rather than its answers. What they cost honest clients is measured by the benchmarks.</summary>
[Collection(OnALiveNetwork.Name)]
public sealed class AbuseTests(LiveNetwork live) : LiveTests(live)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private LiveNode Member => Live.MembersOf(Live.StateUnit)[0];

    [Fact]
    public async Task Who_sends_headers_or_body_too_slowly_or_says_nothing_to_a_node_is_hung_up_on()
    {
        var slow = Post(100).Replace("\r\n\r\n", "\r\nX: ", StringComparison.Ordinal);
        await Task.WhenAll(
            EndsDripping(Member.Local.Api.Port, slow, "x"),
            EndsDripping(Member.Local.Api.Port, Post(1000) + "{", " "),
            EndsDripping(Member.Configuration.ListenPeer.Port, "\u0016\u0003", ""));
        await Answers();
    }

    [Fact]
    public async Task Large_bodies_are_read_as_far_as_there_is_room_and_small_ones_are_answered_meanwhile()
    {
        var holding = new List<TcpClient>();
        try
        {
            // Each sends nearly all that it announces, and then nothing.
            for (var held = 0; held < Limits.MaxApiBodiesBytes; held += Limits.MaxApiBody) holding.Add(await Say(Large()));
            await Waiting.Until(() => Answer(Large()).GetAwaiter().GetResult() == "503 PRT-API-0045");
            Assert.Equal("413 PRT-API-0007", await Answer(Post(int.MaxValue)));
            await Answers();
        }
        finally
        {
            holding.ForEach(static one => one.Dispose());
        }
        await Waiting.Until(() => Answer(Large()).GetAwaiter().GetResult() == "");
    }

    [Fact]
    public async Task So_many_may_follow_a_node_and_no_more_and_those_who_never_read_hold_nobody_up()
    {
        var followers = new List<TcpClient>();
        var request = $"GET /v1/units/{Live.StateUnit}/events HTTP/1.1\r\nHost: x\r\n\r\n";
        try
        {
            for (var i = 0; i < Limits.MaxApiFollowers; i++) followers.Add(await Say(request));
            await Waiting.Until(() => Status(request).GetAwaiter().GetResult() == "503");
            await Answers();
        }
        finally
        {
            followers.ForEach(static one => one.Dispose());
        }
        await Waiting.Until(() => Status(request).GetAwaiter().GetResult() == "200");
    }

    [Fact]
    public async Task Connections_beyond_the_bound_are_closed_and_those_below_it_are_served()
    {
        var flood = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 300; i++)
            {
                flood.Add(await Connect(Member.Local.Api.Port));
                flood.Add(await Connect(Member.Configuration.ListenPeer.Port));
            }
            await Answers();
        }
        finally
        {
            flood.ForEach(static one => one.Dispose());
        }
    }

    // The member answers a question about state at a height that is made now.
    private async Task Answers()
    {
        var later = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 1;
        Assert.True((await Live.Network.Head(Live.StateUnit, minTimeMs: later, cancel: Cancel)).Header.TimeMs >= later);
        Assert.Equal("200", await Status($"GET /v1/units/{Live.StateUnit}/status HTTP/1.1\r\nHost: x\r\n\r\n"));
    }

    private string Post(long length) => string.Create(CultureInfo.InvariantCulture,
        $"POST /v1/units/{Live.StateUnit}/requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");

    private string Large() => Post(Limits.MaxApiBody) + "{\"request\":\"" + new string('A', Limits.MaxApiBody - 100);

    // Status and code, if any comes; it may come while there is still more to say.
    private async Task<string> Answer(string text)
    {
        using var client = await Connect(Member.Local.Api.Port);
        var answer = Begin(client.GetStream());
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Cancel).AsTask().WaitAsync(Patience, Cancel);
        }
        catch (Exception cut) when (cut is IOException or TimeoutException)
        {
            // It wants no more.
        }
        var said = await answer;
        var code = said.IndexOf("PRT-", StringComparison.Ordinal);
        return code < 0 ? said[9..12].Trim() : $"{said[9..12]} {said[code..(code + 12)]}";
    }

    private async Task<string> Status(string request)
    {
        using var client = await Say(request);
        return (await Begin(client.GetStream()))[9..12];
    }

    private async Task<TcpClient> Say(string text)
    {
        var client = await Connect(Member.Local.Api.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Cancel);
        return client;
    }

    private static async Task<TcpClient> Connect(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
        return client;
    }

    // What comes in time: a request whose body is awaited has no answer yet.
    private static async Task<string> Begin(NetworkStream stream)
    {
        var (bytes, length) = (new byte[4096], 0);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience);
        try
        {
            while (!Encoding.ASCII.GetString(bytes, 0, length).Contains("\r\n\r\n", StringComparison.Ordinal) || !Encoding.ASCII.GetString(bytes, 0, length).Contains('}', StringComparison.Ordinal))
                if (await stream.ReadAsync(bytes.AsMemory(length), patience.Token) is > 0 and var more) length += more;
                else break;
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            // Nothing more for now.
        }
        return Encoding.ASCII.GetString(bytes, 0, length).PadRight(12);
    }

    // Says a little every now and then, until the other side has had enough.
    private static async Task EndsDripping(int port, string first, string drop)
    {
        using var client = await Connect(port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(first), Cancel);
        var ended = UntilEnd(stream);
        try
        {
            while (!ended.IsCompleted)
            {
                await Task.WhenAny(ended, Task.Delay(500, Cancel));
                if (drop.Length > 0 && !ended.IsCompleted) await stream.WriteAsync(Encoding.ASCII.GetBytes(drop), Cancel);
            }
        }
        catch (IOException)
        {
            // Closed while more was said.
        }
        await ended.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
    }

    private static async Task UntilEnd(NetworkStream stream)
    {
        try
        {
            var bytes = new byte[4096];
            while (await stream.ReadAsync(bytes, Cancel) > 0) { }
        }
        catch (IOException)
        {
            // Reset is an end too.
        }
    }
}
