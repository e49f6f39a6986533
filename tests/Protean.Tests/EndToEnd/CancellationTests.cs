using Protean.Client;
using Protean.Client.Plans;
using Protean.Codec;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.State;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>Steps that came too late, and what makes up for them.</summary>
[Collection(OnALiveNetwork.Name)]
public sealed class CancellationTests(LiveNetwork live) : LiveTests(live)
{
    private const string Text = """
        name: auction
        params: {end: time}
        workflows:
          offer:
            client: {bid: bytes, regret: bytes}
            steps:
              - id: bid
                run: state.write
                with: {change: ["${client.bid}"]}
                when: {before: "${params.end}"}
              - id: regret
                run: state.write
                with: {change: ["${client.regret}"]}
                onFailureOf: bid
        """;

    [Fact]
    public async Task A_step_that_came_too_late_is_cancelled_and_what_makes_up_for_it_runs()
    {
        var user = Live.Users(1)[0];
        var plan = await user.Compile(await Auction(DateTimeOffset.UtcNow), "offer", Cancel);
        var run = user.Begin(plan, Inputs(user));
        Explained("PRT-ADM-0022", (await Assert.ThrowsAsync<RefusedException>(() => run.Complete(Cancel))).Refusal);

        var cancelled = await run.Cancel("bid", Cancel);

        Assert.Equal((ResultStatus.Cancelled, true), (cancelled.Status, cancelled.Request.Cancels));
        var result = await run.Complete(Cancel);
        Assert.Equal(ResultStatus.Ok, result.Find("regret")!.Status);
        Assert.Contains("PRT-RUN-0005", result.Failure!.Got, StringComparison.Ordinal);
        Assert.Equal((false, true), await Written(user));

        // Whoever asks for the step from now on gets the cancellation.
        var again = await user.Begin(plan, Inputs(user)).Cancel("bid", Cancel);
        Assert.Equal(cancelled.Result.Receipt.Leaf, again.Result.Receipt.Leaf);
    }

    [Fact]
    public async Task A_step_that_can_still_run_is_not_cancelled_and_one_that_happened_stays()
    {
        var user = Live.Users(1)[0];
        var plan = await user.Compile(await Auction(DateTimeOffset.UtcNow.AddDays(1)), "offer", Cancel);
        var run = user.Begin(plan, Inputs(user));
        Explained("PRT-ADM-0026", (await Assert.ThrowsAsync<RefusedException>(() => run.Cancel("bid", Cancel))).Refusal);
        Explained("PRT-CLI-0014", (await Assert.ThrowsAsync<RefusedException>(() => run.Cancel("bit", Cancel))).Refusal);
        (await run.Complete(Cancel)).RequireSuccess();
        Assert.Equal(ResultStatus.Ok, (await run.Cancel("bid", Cancel)).Status);
        Assert.Equal((true, false), await Written(user));
    }

    private static NamedValue[] Inputs(Session user) => [Change("bid", user), Change("regret", user)];

    private static NamedValue Change(string name, Session user) => new(name, Bytes.Wrap(Canonical.Encode(
        new Change(Key(user, name), null, Bytes.Of(name)))));

    private static Bytes Key(Session user, string name) => UserKeys.Full(user.Identity.PublicKey, Bytes.Of(name).Span);

    private async Task<(bool Bid, bool Regret)> Written(Session user)
    {
        var shown = await Live.Network.State(Live.StateUnit, [Key(user, "bid"), Key(user, "regret")], [], cancel: Cancel);
        return (shown.Witness!.Proof.TryGet(Key(user, "bid"), out var bid) && bid is not null,
            shown.Witness!.Proof.TryGet(Key(user, "regret"), out var regret) && regret is not null);
    }

    private async Task<Instance> Auction(DateTimeOffset end) => await LiveNetwork.Instantiate(
        Live.Organizer, "auction", await Live.Deploy(Text), new NamedValue("end", Values.OfU64((ulong)end.ToUnixTimeMilliseconds())));
}
