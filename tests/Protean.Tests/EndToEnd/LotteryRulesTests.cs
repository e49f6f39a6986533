using Protean.Client;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.EndToEnd;

[Collection(OnALiveNetwork.Name)]
public sealed class LotteryRulesTests(LiveNetwork live) : LiveTests(live)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task Nobody_buys_twice_nor_with_too_little_money()
    {
        var (sale, buyers) = await Sale.Sold(Live, tickets: 1, Long);
        Assert.Equal(LiveNetwork.FundsEach - Sale.Price, await Balance(buyers[0]));
        var open = await Sale.Open(Live, Long, Long);
        var pauper = new Session(Live.Network, Identity.Create());
        var rich = Live.Users(1)[0];
        (await open.Join(rich)).RequireSuccess();
        await Fails("PRT-EXE-0110", "[code 22 ", () => open.Join(rich));
        await Fails("PRT-EXE-0110", "[code 18 ", () => open.Join(pauper));
        Assert.Equal(LiveNetwork.FundsEach - Sale.Price, await Balance(rich));
    }

    [Fact]
    public async Task Nothing_is_drawn_before_the_sale_ends_and_nothing_bought_after()
    {
        var early = await Sale.Open(Live, Long, Long);
        var buyer = Live.Users(1)[0];
        (await early.Join(buyer)).RequireSuccess();
        await Refused("PRT-ADM-0022", AtOnce(await buyer.Compile(early.Instance, "reveal", Cancel), await Shown(early)));

        var (closed, _) = await Sale.Sold(Live, tickets: 1, Long);
        await closed.Closed();
        await Fails("PRT-ADM-0022", "", () => closed.Join(buyer));
    }

    [Fact]
    public async Task A_lottery_is_drawn_once_from_all_its_tickets_whoever_asks()
    {
        (SealedPlan Plan, ProvenHeight Shown)? missingOne = null;
        var (sale, buyers) = await Sale.Sold(Live, tickets: 3, Long, async selling =>
            missingOne = (await Live.Organizer.Compile(selling.Instance, "reveal", Cancel), await Shown(selling)));
        await sale.Closed();
        var early = missingOne!.Value;
        var late = await Live.Network.Head(Live.StateUnit, minTimeMs: sale.End, cancel: Cancel);

        // A list from before the last ticket, as it was and under a later seal.
        await Refused("PRT-ADM-0022", AtOnce(early.Plan, early.Shown));
        await Refused("PRT-STA-0002", AtOnce(early.Plan, early.Shown with { Seal = late }));

        var before = await Balances(buyers);
        var first = (await sale.Reveal(buyers[0])).RequireSuccess();
        var outcome = Canonical.Decode<LotteryOutcome>(first.Find("pick")!.Result.Output("output").Span);
        Assert.Equal((3 * Sale.Price, 3u), (outcome.Pot, outcome.Tickets));
        var paid = buyers.Select((buyer, i) => before[i] + (buyer.Identity.PublicKey == outcome.Winner ? outcome.Pot : 0));
        Assert.Equal(paid, await Balances(buyers));

        foreach (var buyer in buyers)
        {
            var own = await buyer.Compile(sale.Instance, "reveal", Cancel);
            var again = await Live.Network.Submit(await Prepare(buyer, own, [], "draw"), Cancel);
            var drawn = first.Find("draw")!.Result;
            Assert.Equal((drawn.Receipt.Leaf, drawn.Height), (again.Receipt.Leaf, again.Height));
            Assert.Equal(drawn.Output("value"), again.Output("value"));
        }
        await Fails("PRT-EXE-0110", "[code 23 ", () => sale.Reveal(buyers[1]));
    }

    [Fact]
    public async Task Every_ticket_is_refunded_where_nobody_has_drawn_by_the_final_deadline()
    {
        var (sale, buyers) = await Sale.Sold(Live, tickets: 3, TimeSpan.FromSeconds(1));
        Assert.All(await Balances(buyers), static held => Assert.Equal(LiveNetwork.FundsEach - Sale.Price, held));
        await Refused("PRT-ADM-0022", AtOnce(await buyers[0].Compile(sale.Instance, "refund", Cancel), await Shown(sale)));
        await sale.Over();

        await Fails("PRT-ADM-0022", "", () => sale.Reveal(buyers[0]));
        (await sale.Refund(new Session(Live.Network, Identity.Create()))).RequireSuccess();
        Assert.All(await Balances(buyers), static held => Assert.Equal(LiveNetwork.FundsEach, held));
        await Fails("PRT-EXE-0110", "[code 23 ", () => sale.Reveal(buyers[1]));
        await Fails("PRT-EXE-0110", "[code 23 ", () => sale.Refund(buyers[2]));
    }

    private Task<ProvenHeight> Shown(Sale sale) => Live.Network.State(Live.StateUnit, [], [sale.Tickets], cancel: Cancel);

    // The client library would wait for the time that the step waits for.
    private static Request.Planned AtOnce(SealedPlan plan, ProvenHeight shown) =>
        new(plan, 0, 0, [], [], Proofs.None with { Heights = [shown] });
}
