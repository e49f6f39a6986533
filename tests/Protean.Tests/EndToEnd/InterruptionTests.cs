using System.Net.Sockets;
using System.Runtime.Versioning;
using Protean.Client;
using Protean.Client.Api;
using Protean.Client.Plans;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Node;
using Protean.Units.State;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.EndToEnd;

[Collection(OnALiveNetwork.Name)]
public sealed class InterruptionTests(LiveNetwork live) : LiveTests(live)
{
    [Fact]
    public async Task A_hundred_copies_of_one_request_to_all_members_are_one_execution_with_one_receipt()
    {
        const int Copies = 100;
        var (payer, to) = (Live.Users(1)[0], Live.Users(1)[0]);
        var plan = await payer.Compile(Live.Coins, "transfer", Cancel);
        var commit = Bytes.Wrap(Canonical.Encode<Request>(await Prepare(payer, plan, Transfer(payer, to, 13), "commit")));
        using var http = new HttpClient();
        var members = Live.MembersOf(Live.StateUnit);
        var replies = await Task.WhenAll(Enumerable.Range(0, Copies).Select(i =>
            new NodeApi(http, members[i % members.Count].Local.Api).Submit(Live.StateUnit, commit, TimeSpan.FromSeconds(20), Cancel)));
        var receipts = replies.Select(static reply => Canonical.Decode<Receipt>(reply.Receipt)).ToArray();
        Assert.All(receipts, receipt => Assert.Equal((receipts[0].Leaf, receipts[0].Header), (receipt.Leaf, receipt.Header)));
        Assert.Equal((LiveNetwork.FundsEach - 13, LiveNetwork.FundsEach + 13), (await Balance(payer), await Balance(to)));
    }

    [Theory]
    [InlineData("pay", false)]
    [InlineData("pay", true)]
    [InlineData("commit", false)]
    [InlineData("commit", true)]
    public async Task A_client_that_was_killed_goes_on_from_its_journal_and_pays_once(string step, bool delivered)
    {
        using var folder = new TemporaryFolder();
        var (payer, to) = (Live.Users(1)[0], Live.Users(1)[0]);
        var path = folder.At("journal");
        var plan = await payer.Compile(Live.Coins, "transfer", Cancel);
        await CutOff(payer, plan, Transfer(payer, to, 17), RunJournal.Create(path), step, delivered);
        (await payer.Resume(RunJournal.Load(path)).Complete(Cancel)).RequireSuccess();
        (await payer.Resume(RunJournal.Load(path)).Complete(Cancel)).RequireSuccess();
        Assert.Equal((LiveNetwork.FundsEach - 17, LiveNetwork.FundsEach + 17), (await Balance(payer), await Balance(to)));
    }

    [Fact]
    public async Task A_lottery_goes_on_while_one_member_of_each_unit_is_down_and_the_node_catches_up_when_it_is_back()
    {
        var node = Live.Nodes[0];
        var (sale, buyers) = await Sale.Sold(Live, tickets: 2, TimeSpan.FromMinutes(30));
        await node.StopAsync();
        RunResult reveal;
        try
        {
            await sale.Closed();
            reveal = (await sale.Reveal(buyers[0])).RequireSuccess();
            using var engine = new WasmEngine();
            var proof = Canonical.Encode(await ProofBuilder.Build(Live.Network, reveal, Live.Contracts, Cancel));
            var report = ProofVerifier.Verify(proof, Live.Network.ChainId, engine);
            Assert.True(report.Holds, string.Join('\n', report.ToText()));
        }
        finally
        {
            await node.StartAsync();
        }
        using var http = new HttpClient();
        var api = new NodeApi(http, node.Local.Api);
        foreach (var outcome in reveal.Outcomes.OfType<StepOutcome>())
            if (Live.MembersOf(UnitOf(outcome)).Contains(node)) Assert.Equal(outcome.Result.Receipt.Leaf, (await Served(api, outcome)).Leaf);
    }

    [Fact]
    public async Task A_restarted_node_serves_the_receipts_that_it_gave_before()
    {
        var (payer, to) = (Live.Users(1)[0], Live.Users(1)[0]);
        var run = (await payer.Run(Live.Coins, "transfer", Transfer(payer, to, 19), cancel: Cancel)).RequireSuccess();
        var outcome = run.Find("commit")!;
        var node = Live.MembersOf(Live.StateUnit)[^1];
        using var http = new HttpClient();
        var before = await Served(new NodeApi(http, node.Local.Api), outcome);
        await NothingChanges(async () =>
        {
            await node.StopAsync();
            await node.StartAsync();
            var after = await Served(new NodeApi(http, node.Local.Api), outcome);
            Assert.Equal((before.Leaf, before.Header), (after.Leaf, after.Header));
        });
    }

    [Fact]
    public async Task A_node_that_cannot_run_as_configured_says_why_and_touches_nothing()
    {
        var node = Live.Nodes[^1];
        var data = node.Configuration.DataFolder;
        using var elsewhere = new TemporaryFolder();
        await node.StopAsync();
        try
        {
            using (Listening(node.Configuration.ListenPeer)) Explained("PRT-NOD-0030", await NotStarted(node));
            using (Listening(node.Configuration.ListenApi)) Explained("PRT-NOD-0030", await NotStarted(node));

            if (!OperatingSystem.IsWindows()) await RefusesLooseKeys(node);

            TemporaryFolder.Copy(data, elsewhere.At("data"));
            var manifest = Directory.EnumerateFiles(data, "MANIFEST*", SearchOption.AllDirectories).First();
            await File.WriteAllBytesAsync(manifest, new byte[64], Cancel);
            Explained("PRT-NOD-0001", await NotStarted(node));
            Directory.Delete(data, recursive: true);
            Directory.Move(elsewhere.At("data"), data);
        }
        finally
        {
            await node.StartAsync();
        }
        var later = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        using var http = new HttpClient();
        var unit = Live.Network.Directory.Units.First(unit => Live.MembersOf(unit.UnitId).Contains(node)).UnitId;
        Assert.NotEmpty((await new NodeApi(http, node.Local.Api).Head(unit, 0, later, TimeSpan.FromSeconds(20), Cancel)).Seal);
    }

    // The member may have to catch up first: it says so by waiting, or by a refusal of which it is said that it will pass.
    private static async Task<Receipt> Served(NodeApi api, StepOutcome outcome)
    {
        var request = Bytes.Wrap(Canonical.Encode<Request>(outcome.Request));
        while (true)
        {
            try
            {
                var reply = await api.Submit(UnitOf(outcome), request, TimeSpan.FromSeconds(20), Cancel).Soon();
                if (reply.Status == "done") return Canonical.Decode<Receipt>(reply.Receipt);
            }
            catch (RefusedException refused) when (refused.Refusal.Retry)
            {
                await Task.Delay(100, Cancel);
            }
        }
    }

    private static Digest UnitOf(StepOutcome outcome) =>
        outcome.Request.Plan.Plan.UnitIdOf(outcome.Request.Plan.Plan.Workflow.Steps[outcome.Step]);

    private static async Task<Refusal> NotStarted(LiveNode node) =>
        (await Assert.ThrowsAsync<Protean.Node.RefusedException>(node.StartAsync)).Refusal;

    [UnsupportedOSPlatform("windows")]
    private static async Task RefusesLooseKeys(LiveNode node)
    {
        var file = Directory.EnumerateFiles(node.Configuration.KeyFolder).First();
        var mode = File.GetUnixFileMode(file);
        File.SetUnixFileMode(file, mode | UnixFileMode.OtherRead);
        Explained("PRT-NOD-0011", await NotStarted(node));
        File.SetUnixFileMode(file, mode);
    }

    private static Socket Listening(System.Net.IPEndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(at);
        socket.Listen();
        return socket;
    }
}
