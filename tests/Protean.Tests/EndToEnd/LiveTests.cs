using System.Buffers.Binary;
using Protean.Cli.Chaos;
using Protean.Client;
using Protean.Client.Plans;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;
using Protean.Tests.Contracts;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>What tests on the live network ask of it: balances with proofs, requests that an honest client would not build, and that
/// nothing has changed.</summary>
public abstract class LiveTests(LiveNetwork live)
{
    private protected LiveNetwork Live => live;
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>All coins and all lotteries, as the state unit proves them.</summary>
    private protected async Task<IReadOnlyList<MapEntry>> Everything()
    {
        Bytes[] prefixes = [ContractKeys.Prefix(live.ExecutionUnit, live.LotteryId), ContractKeys.Prefix(live.ExecutionUnit, live.TokenId)];
        var shown = await live.Network.State(live.StateUnit, [], [.. prefixes.Order()], cancel: Cancel);
        var entries = shown.Witness!.Proof.Entries;
        Assert.Equal(LiveNetwork.Supply, Total(entries));
        return entries;
    }

    /// <summary>Coins and lotteries are after the deed as they were before it.</summary>
    private protected async Task NothingChanges(Func<Task> deed)
    {
        var before = await Everything();
        await deed();
        Assert.Equal(before, await Everything());
    }

    private protected async Task<ulong> Balance(Session user)
    {
        var key = BalanceKey(Token.UserAccount(user.Identity.PublicKey));
        return (await Everything()).FirstOrDefault(entry => entry.Key == key) is { } entry
            ? BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : 0;
    }

    private protected async Task<ulong[]> Balances(IEnumerable<Session> users)
    {
        var balances = new List<ulong>();
        foreach (var user in users) balances.Add(await Balance(user));
        return [.. balances];
    }

    /// <summary>The request is refused by more members than may lie, and nothing has happened.</summary>
    private protected async Task Refused(string code, Request request) => await NothingChanges(async () =>
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => live.Network.Submit(request, Cancel));
        Explained(code, refused.Refusal);
    });

    /// <summary>The run ends before it has an effect: refused, or with a failure that is sealed.</summary>
    private protected async Task Fails(string code, string got, Func<Task<RunResult>> run) => await NothingChanges(async () =>
    {
        try
        {
            var result = await run();
            Assert.NotNull(result.Failure);
            Assert.Contains(code, result.Failure.Got, StringComparison.Ordinal);
            Assert.Contains(got, result.Failure.Got, StringComparison.Ordinal);
        }
        catch (RefusedException refused)
        {
            Explained(code, refused.Refusal);
        }
    });

    private protected static void Explained(string code, Refusal refusal)
    {
        Assert.True(refusal.Code == code, $"{code} expected, got {refusal}");
        Assert.NotEmpty(refusal.What);
        Assert.DoesNotContain("   at ", refusal.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", refusal.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A step's request as an honest client signs it, with the steps before it done and this one not sent.</summary>
    private protected async Task<Request.Planned> Prepare(Session user, SealedPlan plan, IReadOnlyList<NamedValue> inputs, string step)
    {
        var journal = RunJournal.InMemory();
        await CutOff(user, plan, inputs, journal, step, delivered: false);
        return journal.Sent(IndexOf(plan, step), 0)!;
    }

    /// <summary>Runs a plan until it asks the unit of a step, where the client dies.</summary>
    private protected async Task CutOff(
        Session user, SealedPlan plan, IReadOnlyList<NamedValue> inputs, RunJournal journal, string step, bool delivered)
    {
        var unit = plan.Plan.UnitIdOf(plan.Plan.Workflow.Steps[IndexOf(plan, step)]);
        using var killed = new CancellationTokenSource();
        using var network = await live.Connect(new CutWire($"/v1/units/{unit}/requests", delivered, killed.Cancel));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new Session(network, user.Identity).Begin(plan, inputs, journal).Complete(killed.Token));
    }

    /// <summary>Signed as it stands, whatever was done to it.</summary>
    private protected Request Sign(Request request, params Session[] signers)
    {
        var unit = request is Request.Planned planned
            ? planned.Plan.Plan.UnitIdOf(planned.Plan.Plan.Workflow.Steps[planned.StepIndex]) : ((Request.Direct)request).UnitId;
        var transactions = Session.TransactionsOf(live.Network.Unit(unit).Class);
        Assert.Null(RequestSigning.TryPayload(request, live.Network.Directory, transactions, out var payload));
        return signers.Aggregate(request, (signed, signer) => signed.With(signer.Identity.Sign(payload)));
    }

    private protected static ushort IndexOf(SealedPlan plan, string step) =>
        (ushort)plan.Plan.Workflow.Steps.ToList().FindIndex(one => one.Name == step);

    private protected static NamedValue[] Transfer(Session from, Session to, ulong amount) =>
    [
        new("amount", Values.OfU64(amount)), new("from", new Bytes(from.Identity.PublicKey.Span)),
        new("to", new Bytes(to.Identity.PublicKey.Span)),
    ];

    private ulong Total(IReadOnlyList<MapEntry> entries)
    {
        var balances = BalanceKey([]);
        return entries.Where(entry => entry.Key.Span.StartsWith(balances.Span))
            .Aggregate(0UL, static (sum, entry) => checked(sum + BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span)));
    }

    private Bytes BalanceKey(ReadOnlySpan<byte> account) => ContractKeys.Full(live.ExecutionUnit, live.TokenId, [.. "b/"u8, .. account]);
}
