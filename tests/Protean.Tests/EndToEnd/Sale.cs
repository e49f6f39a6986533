using Protean.Client;
using Protean.Client.Plans;
using Protean.Codec;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>One lottery that sells tickets.</summary>
internal sealed class Sale
{
    public const ulong Price = 100;

    private readonly LiveNetwork _live;

    private Sale(LiveNetwork live, Instance instance, DateTimeOffset end, DateTimeOffset final) =>
        (_live, Instance, End, Final) = (live, instance, Milliseconds(end), Milliseconds(final));

    public Instance Instance { get; }
    public ulong End { get; }
    public ulong Final { get; }

    /// <summary>Where the tickets are, as the draw commits to them.</summary>
    public Bytes Tickets => ContractKeys.Full(_live.ExecutionUnit, _live.LotteryId, [.. "i/"u8, .. Instance.Id.Span, .. "/t/"u8]);

    /// <param name="sale">How long it lasts.</param>
    /// <param name="draw">How long after its end a draw still counts.</param>
    public static async Task<Sale> Open(LiveNetwork live, TimeSpan sale, TimeSpan draw)
    {
        var end = DateTimeOffset.UtcNow + sale;
        var flows = live.Workflows.Where(static flow => flow.Name is "open" or "join" or "reveal" or "refund");
        var instance = await LiveNetwork.Instantiate(live.Organizer, "lottery", flows,
            new("price", Values.OfU64(Price)), new("endOfSale", Values.OfU64(Milliseconds(end))),
            new("finalDeadline", Values.OfU64(Milliseconds(end + draw))));
        (await live.Organizer.Run(instance, "open", [])).RequireSuccess();
        return new Sale(live, instance, end, end + draw);
    }

    /// <summary>Opens one in which all of these have bought. Its length follows from how fast this machine is; where that was too short,
    /// nobody has lost anything, and others buy in a longer one.</summary>
    /// <param name="beforeLast">While one ticket is still missing.</param>
    public static async Task<(Sale Sale, Session[] Buyers)> Sold(
        LiveNetwork live, int tickets, TimeSpan draw, Func<Sale, Task>? beforeLast = null)
    {
        for (var length = TimeSpan.FromSeconds(2) + (4 * live.Pace); ; length *= 3)
        {
            var sale = await Open(live, length, draw);
            var buyers = live.Users(tickets);
            try
            {
                await Task.WhenAll(buyers.SkipLast(1).Select(async buyer => (await sale.Join(buyer)).RequireSuccess()));
                if (beforeLast is not null) await beforeLast(sale);
                (await sale.Join(buyers[^1])).RequireSuccess();
                return (sale, buyers);
            }
            catch (RefusedException late) when (late.Refusal.Code == "PRT-ADM-0022" && length < TimeSpan.FromMinutes(1))
            {
                // The next one is longer.
            }
        }
    }

    public NamedValue[] JoinInputs(Session buyer) =>
        [new("buyer", new Bytes(buyer.Identity.PublicKey.Span)), new("instance", new Bytes(Instance.Id.Span))];

    public Task<RunResult> Join(Session buyer) => buyer.Run(Instance, "join", JoinInputs(buyer), cancel: TestContext.Current.CancellationToken);
    public Task<RunResult> Reveal(Session asker) => asker.Run(Instance, "reveal", [], cancel: TestContext.Current.CancellationToken);
    public Task<RunResult> Refund(Session asker) => asker.Run(Instance, "refund", [], cancel: TestContext.Current.CancellationToken);
    public Task Closed() => _live.Network.Head(_live.StateUnit, minTimeMs: End, cancel: TestContext.Current.CancellationToken);
    public Task Over() => _live.Network.Head(_live.StateUnit, minTimeMs: Final, cancel: TestContext.Current.CancellationToken);

    private static ulong Milliseconds(DateTimeOffset time) => (ulong)time.ToUnixTimeMilliseconds();
}
