using Protean.Client;
using Protean.Client.Api;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units;
using Protean.Workflows.Language;
using Xunit;

namespace Protean.Tests.EndToEnd;

[Collection(OnALiveNetwork.Name)]
public sealed class BadDeploymentTests(LiveNetwork live) : LiveTests(live)
{
    [Theory]
    [InlineData("name: x\nworkflows:\n  pay:\n    stepps: []\n", 4, 5, "PRT-WFL-0011")]
    [InlineData("name: x\nworkflows:\n  pay:\n    steps:\n      - id: a\n        run: execution.cal\n", 6, 14, "PRT-CMP-0002")]
    [InlineData("name: x\nworkflows: [\n", 3, 1, "PRT-WFL-0002")]
    public void A_malformed_workflow_is_refused_with_file_line_and_column(string text, long line, long column, string code)
    {
        var reading = Application.Read(text, "lottery.yaml", Catalog.Published);
        Assert.Null(reading.Application);
        var error = reading.Errors[0];
        Assert.Equal(("lottery.yaml", new Place(line, column)), (error.File, error.Place));
        Explained(code, error.Refusal);
        Assert.StartsWith($"lottery.yaml:{line}:{column}: {code}", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public Task A_workflow_that_is_none_is_not_kept() => NothingChanges(async () =>
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Live.Organizer.Call(
            Live.Network.Unit("state"), "publish", [new NamedValue("workflow", Bytes.Of("steps: all of them"))], cancel: Cancel));
        Explained("PRT-STA-0101", refused.Refusal);
    });

    [Theory]
    [InlineData("no module", "PRT-WSM-0002")]
    [InlineData("a module that ends early", "PRT-WSM-0003")]
    public Task A_malformed_contract_is_refused_before_it_is_kept(string what, string code) => NothingChanges(async () =>
    {
        var bytes = what == "no module" ? Bytes.Of("contract lottery {}") : new Bytes(Contracts.Token.Code.AsSpan(0, 1000));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Live.Organizer.Publish(bytes, cancel: Cancel));
        Explained(code, refused.Refusal);
    });

    [Fact]
    public async Task An_unknown_unit_is_named()
    {
        Explained("PRT-CLI-0004", Assert.Throws<RefusedException>(() => Live.Network.Unit("oracle")).Refusal);
        using var http = new HttpClient();
        var node = new NodeApi(http, Live.Nodes[0].Local.Api);
        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            node.Submit(Hash.H("test/nowhere", []), Bytes.Of("request"), TimeSpan.Zero, Cancel));
        Explained("PRT-API-0001", refused.Refusal);
    }

    [Fact]
    public Task An_instance_of_a_workflow_that_nobody_has_published_is_refused() => NothingChanges(async () =>
    {
        const string Unheard = "name: x\nworkflows:\n  draw:\n    steps:\n      - id: unheard\n        run: randomness.draw\n        scope: instance\n        with:\n          about: {text: x}\n";
        var reading = Application.Read(Unheard, "x.yaml", Catalog.Published);
        Assert.Empty(reading.Errors);
        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            LiveNetwork.Instantiate(Live.Organizer, "x", reading.Application!.Workflows));
        Assert.Contains("PRT-STA-0107", refused.Refusal.Got, StringComparison.Ordinal);
    });

    [Fact]
    public async Task A_request_that_is_sent_to_another_unit_is_refused_there()
    {
        var direct = new Request.Direct(
            Live.StateUnit, Live.Organizer.Identity.PublicKey, 1, 1, "publish",
            [new NamedValue("workflow", Bytes.Wrap(Canonical.Encode(Live.Workflows[0])))], [], Proofs.None);
        using var http = new HttpClient();
        var other = Live.ExecutionUnit;
        var node = new NodeApi(http, Live.MembersOf(other)[0].Local.Api);
        var bytes = Bytes.Wrap(Canonical.Encode(Sign(direct, Live.Organizer)));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => node.Submit(other, bytes, TimeSpan.FromSeconds(5), Cancel));
        Explained("PRT-ADM-0001", refused.Refusal);
    }
}
