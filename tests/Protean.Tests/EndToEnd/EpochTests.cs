using System.Globalization;
using Protean.Client;
using Protean.Client.Api;
using Protean.Client.Plans;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Node.LocalNetwork;
using Protean.Runtime;
using Protean.Tests.Node;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>A live network of short epochs, for the tests that cross them.</summary>
public sealed class EpochNetwork : LiveNetwork
{
    private const int EpochSeconds = 8;

    private protected override NetworkShape Shape => new(MemberCount, MemberCount, EpochSeconds);

    /// <summary>Waits until a unit has sealed a height in this epoch.</summary>
    internal async Task Reach(Digest unit, ulong epoch, CancellationToken cancel)
    {
        var time = Network.Directory.Genesis.TimeMs + (epoch * EpochSeconds * 1000);
        while ((await Network.Head(unit, minTimeMs: time, cancel: cancel)).Header.Context.Epoch < epoch) time += 200;
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OnANetworkOfEpochs : ICollectionFixture<EpochNetwork>
{
    public const string Name = "on a network of epochs";
}

/// <summary>Real nodes from one epoch into the next: what expires, what goes on, what is shown of it, what is erased.</summary>
[Collection(OnANetworkOfEpochs.Name)]
public sealed class EpochTests(EpochNetwork live) : LiveTests(live)
{
    [Fact]
    public async Task A_network_goes_on_into_its_next_epochs_and_leaves_behind_what_belonged_to_the_last()
    {
        var (sale, buyers) = await Sale.Sold(Live, tickets: 2, TimeSpan.FromMinutes(30));
        var (payer, to) = (Live.Users(1)[0], Live.Users(1)[0]);
        var last = Live.Network.Directory.CurrentEpoch + 1;
        var shortLived = await LiveNetwork.Instantiate(
            Live.Organizer, "short-lived", last, Live.Workflows.Where(static flow => flow.Name == "transfer"));
        var plan = await payer.Compile(shortLived, "transfer", Cancel);
        Assert.Equal(last, plan.Plan.ExpiryEpoch);
        var expired = await Prepare(payer, plan, Transfer(payer, to, 23), "pay");

        foreach (var unit in Live.Network.Directory.Units) await live.Reach(unit.UnitId, last + 1, Cancel);
        await Refused("PRT-ADM-0002", expired);

        // The client was never told: it has followed the links by itself, and so does one that comes now.
        Assert.True(Live.Network.Directory.CurrentEpoch > last);
        using var newcomer = await Live.Connect();
        Assert.True(newcomer.Directory.CurrentEpoch > last);
        var paid = (await payer.Run(Live.Coins, "transfer", Transfer(payer, to, 29), cancel: Cancel)).RequireSuccess();
        Assert.True(paid.Find("commit")!.Result.Receipt.Header.Context.Epoch > last);
        Assert.Equal((LiveNetwork.FundsEach - 29, LiveNetwork.FundsEach + 29), (await Balance(payer), await Balance(to)));

        await sale.Closed();
        var reveal = (await sale.Reveal(buyers[0])).RequireSuccess();
        var file = await ProofBuilder.Build(Live.Network, reveal, Live.Contracts, Cancel);
        Assert.True((ulong)file.Epochs.Count > last);
        using var engine = new WasmEngine();
        var report = ProofVerifier.Verify(Canonical.Encode(file), Live.Network.ChainId, engine);
        Assert.True(report.Holds, string.Join('\n', report.ToText()));

        foreach (var node in Live.Nodes) await Erased(node, last);
        await ComesBackWithoutItsData(Live.Nodes[0], Live.Nodes[1]);
        (await payer.Run(Live.Coins, "transfer", Transfer(payer, to, 1), cancel: Cancel)).RequireSuccess();
    }

    // With another node down, nothing happens without the one that fetched its state from the others, and signs again in the next epoch.
    private async Task ComesBackWithoutItsData(LiveNode lost, LiveNode other)
    {
        await lost.StopAsync();
        Directory.Delete(lost.Configuration.DataFolder, recursive: true);
        await lost.StartAsync();
        var next = Live.Network.Directory.CurrentEpoch + 2;
        foreach (var unit in Live.Network.Directory.Units) await live.Reach(unit.UnitId, next, Cancel);
        using var http = new HttpClient();
        var api = new NodeApi(http, lost.Local.Api);
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (var unit in Live.Network.Directory.Units) await Shows(api, unit.UnitId, now);
        await other.StopAsync();
    }

    private static async Task Shows(NodeApi api, Digest unit, ulong timeMs)
    {
        while (true)
        {
            try
            {
                Assert.NotEmpty((await api.Head(unit, 0, timeMs, TimeSpan.FromSeconds(20), Cancel)).Seal);
                return;
            }
            catch (RefusedException refused) when (refused.Refusal.Retry)
            {
                await Task.Delay(100, Cancel);
            }
        }
    }

    // The next epoch's key may be there as well: it is registered ahead.
    private static async Task Erased(LiveNode node, ulong last)
    {
        ulong[] kept;
        do
        {
            await Task.Delay(100, Cancel);
            kept = [.. EpochKeysOf(node)];
        }
        while (kept.Min() <= last);
        Assert.InRange(kept.Length, 1, 3);
    }

    private static IEnumerable<ulong> EpochKeysOf(LiveNode node) =>
        from path in Directory.EnumerateFiles(node.Configuration.KeyFolder, "epoch-*")
        select ulong.Parse(Path.GetFileNameWithoutExtension(path)["epoch-".Length..], CultureInfo.InvariantCulture);
}
