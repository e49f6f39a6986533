using Protean.Client;
using Protean.Client.Plans;
using Protean.Codec;
using Protean.Membership;
using Protean.Runtime;
using Protean.Tests.Node;
using Xunit;

namespace Protean.Tests.Client;

public sealed class PlanRunTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_was_killed_goes_on_from_its_journal_and_nothing_happens_twice()
    {
        using var folder = new TemporaryFolder();
        using var lottery = await LotteryRun.Open(participants: 2);
        var (buyer, path) = (lottery.Participants[0], Path.Combine(folder.Path, "run"));
        using var killed = new CancellationTokenSource();
        var plan = await buyer.Compile(lottery.Instance, "join", killed.Token);
        var commits = $"/{lottery.Instance.StateUnit}/requests";
        // The commit is executed, but its answer never reaches the client.
        lottery.Nodes.Deed = (_, requested, _) =>
        {
            if (requested.EndsWith(commits, StringComparison.Ordinal)) killed.Cancel();
            return null;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            buyer.Begin(plan, lottery.JoinInputs(buyer), RunJournal.Create(path)).Complete(killed.Token));

        lottery.Nodes.Deed = static (_, _, _) => null;
        using var elsewhere = await lottery.Nodes.Connect();
        var journal = RunJournal.Load(path);
        var sent = journal.Sent(1, 0);
        var resumed = await new Session(elsewhere, buyer.Identity).Resume(journal).Complete(Cancel);
        Assert.True(resumed.Succeeded, resumed.Failure?.ToString());
        Assert.Equal(Canonical.Encode<Request>(sent!), Canonical.Encode<Request>(resumed.Find("commit")!.Request));
        Assert.True((await new Session(elsewhere, buyer.Identity).Resume(RunJournal.Load(path)).Complete(Cancel)).Succeeded);
        Assert.Equal(journal.ToBytes(), RunJournal.Load(path).ToBytes());
    }

    [Fact]
    public async Task Payments_that_fight_over_one_account_all_happen_in_the_end()
    {
        using var lottery = await LotteryRun.Open(participants: 3);
        var runs = await Task.WhenAll(lottery.Participants.Select(to => lottery.Creator.Run(lottery.Instance, "transfer",
        [
            new NamedValue("amount", Values.OfU64(5)), new NamedValue("from", new Bytes(lottery.Creator.Identity.PublicKey.Span)),
            new NamedValue("to", new Bytes(to.Identity.PublicKey.Span)),
        ], cancel: Cancel)));
        Assert.All(runs, static run => Assert.True(run.Succeeded, run.Failure?.ToString()));
        Assert.Equal(3, runs.Select(static run => run.Find("commit")!.Result.Receipt.Leaf).Distinct().Count());
    }

    [Fact]
    public async Task A_missing_input_is_named_before_anything_is_sent()
    {
        using var lottery = await LotteryRun.Open(participants: 1);
        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            lottery.Participants[0].Run(lottery.Instance, "join", [], cancel: Cancel));
        Assert.Equal(("PRT-CLI-0012", "input buyer"), (refused.Refusal.Code, refused.Refusal.Expected));
    }

    [Fact]
    public void Other_files_are_no_journals()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "run");
        File.WriteAllText(path, "something else entirely");
        Assert.Equal("PRT-CLI-0007", Assert.Throws<RefusedException>(() => RunJournal.Load(path)).Refusal.Code);
        Assert.Throws<IOException>(() => RunJournal.Create(path));
    }
}
