using Protean.Client;
using Protean.Client.Plans;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Sealing;
using Xunit;

namespace Protean.Tests.Client;

public sealed class LotteryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_example_reads_without_an_error() =>
        Assert.Equal(
            ["mint", "transfer", "fund", "open", "join", "reveal", "refund", "collect"],
                LotteryRun.Read().Workflows.Select(static workflow => workflow.Name));

    [Fact]
    public async Task A_lottery_runs_on_real_units_and_a_stranger_checks_the_draw()
    {
        using var lottery = await LotteryRun.Open(participants: 6);
        var late = lottery.Participants[5];
        var joins = await Task.WhenAll(lottery.Participants.Take(5).Select(lottery.Join));
        Assert.All(joins, static join => Assert.True(join.Succeeded, join.Failure?.ToString()));

        var again = await lottery.Join(lottery.Participants[0]);
        Assert.Contains("code 18", again.Failure!.Got, StringComparison.Ordinal);

        await lottery.Network.Head(lottery.Instance.StateUnit, minTimeMs: LotteryRun.EndOfSale, cancel: Cancel);
        var closed = await Assert.ThrowsAsync<RefusedException>(() => lottery.Join(late));
        Assert.Equal("PRT-ADM-0022", closed.Refusal.Code);

        var reveal = (await lottery.Creator.Run(lottery.Instance, "reveal", [], cancel: Cancel)).RequireSuccess();
        var outcome = Canonical.Decode<LotteryOutcome>(reveal.Find("pick")!.Result.Output("output").Span);
        Assert.Equal((5 * LotteryRun.Price, 5u), (outcome.Pot, outcome.Tickets));
        Assert.Contains(outcome.Winner!.Value, lottery.Participants.Select(static participant => participant.Identity.PublicKey));

        var report = ProofVerifier.Verify(await lottery.Proof(reveal), lottery.Network.ChainId, lottery.Engine);
        Assert.True(report.Holds, string.Join('\n', report.ToText()));
        Assert.Equal(["recomputed", "recomputed", "quorum"], report.Application!.Steps.Select(static step => step.RestsOn));
        Assert.Equal(ProofVerifier.Codes, report.Lines.Select(static line => line.Code));

        var other = (await lottery.Participants[1].Run(lottery.Instance, "reveal", [], cancel: Cancel));
        Assert.Equal(reveal.Find("draw")!.Result.Receipt.Leaf, other.Find("draw")!.Result.Receipt.Leaf);
        Assert.Contains("code 23", other.Failure!.Got, StringComparison.Ordinal);
    }
}
