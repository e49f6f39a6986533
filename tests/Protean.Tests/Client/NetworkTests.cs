using System.Net;
using System.Net.Http.Json;
using Protean.Client;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Api;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Contracts;
using Protean.Units;
using Protean.Units.State;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.Client;

public sealed class NetworkTests : IDisposable
{
    private readonly WasmEngine _engine = new();
    private readonly InMemoryNetwork _nodes;
    private readonly Identity _user = Identity.FromSeed(Hash.H("test/user", []).Span);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public NetworkTests() => _nodes = new InMemoryNetwork(new Catalog(_engine));

    [Fact]
    public async Task A_node_of_another_network_is_not_spoken_to()
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            Network.Connect([new Uri("http://node-1/")], Digest.Zero, handler: _nodes, cancel: Cancel));
        Assert.Equal("PRT-CLI-0002", refused.Refusal.Code);
    }

    [Fact]
    public async Task A_written_entry_is_read_with_its_proof_although_a_member_is_down()
    {
        using var network = await _nodes.Connect();
        _nodes.Deed = static (node, path, _) => node == 2 && path.Contains("/units/", StringComparison.Ordinal)
            ? throw new HttpRequestException("down") : null;
        for (var i = 0; i < 4; i++)
        {
            var key = await Write(network, $"key {i}");
            var state = await network.State(network.Unit("state").UnitId, [key], [], cancel: Cancel);
            Assert.True(state.Witness!.Proof.TryGet(key, out var entry));
            Assert.Equal(Bytes.Of("value"), entry!.Value);
        }
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("another unit's receipt")]
    [InlineData("a refusal")]
    public async Task One_member_that_lies_is_not_believed(string lie)
    {
        using var network = await _nodes.Connect();
        var foreign = await Receipt(network);
        _nodes.Deed = (node, path, _) => node != 3 || !path.EndsWith("/requests", StringComparison.Ordinal) ? null : lie switch
        {
            "garbage" => Json(new ReplyMessage("done", [0, 0, 0], [0, 0, 0], [])),
            "a refusal" => Json(new ReplyMessage("refused", Refusal: new Refusal("PRT-ADM-0001", "no"))),
            _ => Json(foreign),
        };
        for (var i = 0; i < 4; i++) await Write(network, $"key {i}");
    }

    [Fact]
    public async Task What_more_members_refuse_than_may_lie_is_refused()
    {
        using var network = await _nodes.Connect();
        var session = new Session(network, _user);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => session.Call(network.Unit("state"), "commit", [], cancel: Cancel));
        Assert.Equal("PRT-ADM-0005", refused.Refusal.Code);
    }

    [Fact]
    public async Task A_write_on_an_entry_that_has_changed_is_stale()
    {
        using var network = await _nodes.Connect();
        var key = await Write(network, "key");
        var again = await new Session(network, _user).Write([new Change(key, null, Bytes.Of("value"))], cancel: Cancel);
        Assert.Equal(ResultStatus.Stale, again.Status);
        Assert.Equal("PRT-CLI-0011", again.Failure.Code);
    }

    [Fact]
    public async Task Heights_come_when_they_are_due()
    {
        using var network = await _nodes.Connect();
        var due = _nodes.TimeOf("state") + 5000;
        Assert.InRange((await network.Head(network.Unit("state").UnitId, minTimeMs: due, cancel: Cancel)).Header.TimeMs, due, due + 5000);
    }

    public void Dispose()
    {
        _user.Dispose();
        _nodes.Dispose();
        _engine.Dispose();
    }

    private async Task<Bytes> Write(Network network, string path)
    {
        var key = UserKeys.Full(_user.PublicKey, Bytes.Of(path).Span);
        var result = await new Session(network, _user).Write([new Change(key, null, Bytes.Of("value"))], cancel: Cancel);
        result.RequireOk();
        return key;
    }

    private async Task<ReplyMessage> Receipt(Network network)
    {
        var unit = network.Unit("execution");
        var result = await new Session(network, _user)
            .Call(unit, "publish", [new NamedValue("code", Bytes.Wrap(Token.Code))], cancel: Cancel);
        return ReplyMessage.Of(new Reply.Done(result.Receipt, result.Outputs, result.Record));
    }

    private static HttpResponseMessage Json<T>(T body) => new(HttpStatusCode.OK) { Content = JsonContent.Create(body) };
}
