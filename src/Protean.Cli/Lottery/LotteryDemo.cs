using System.Buffers.Binary;
using Protean.Client;
using Protean.Client.Plans;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.PrivateStorage;
using Protean.Units.Randomness;
using Protean.Wasm;
using Protean.Workflows;

namespace Protean.Cli.Lottery;

/// <summary>A lottery from its first coin to its proof, by the client library alone: everything goes over the nodes' API, and every reply is verified.</summary>
internal sealed class LotteryDemo : IDisposable
{
    private const ulong Price = 100, FundsEach = 1_000, Supply = 1_000_000_000;

    // As long as a hash: what a participant adds to the draw cannot be guessed.
    private const int ContributionSize = 32;

    // Tickets that are bought at the same time.
    private const int InFlight = 64;

    // A ticket is a transfer that calls a second contract; and a sale that ends too early leaves somebody without one.
    private const double TransfersPerTicket = 1.5;

    // Rehearsals that the sale lasts beside that: opening the lottery takes as long as one, and so do the tickets that are begun last.
    private const int RehearsalsOfSale = 2;

    // A short sale has no time to make up for a machine that is busy for a moment: as many times the first rehearsal, which was the slower one.
    private const int FirstRehearsals = 4;

    private static readonly TimeSpan ShortestSale = TimeSpan.FromSeconds(3), Margin = TimeSpan.FromSeconds(1), UntilFinalDeadline = TimeSpan.FromMinutes(30);

    private readonly Network _network;
    private readonly Terminal _terminal;
    private readonly LotteryVariant _variant;
    private readonly LotteryApplication _application;
    private readonly Session _organizer;
    private readonly Session[] _participants;

    /// <param name="organizer">Mints the coins and opens the lottery; the caller's.</param>
    public LotteryDemo(Network network, Identity organizer, LotteryVariant variant, int participants, Terminal terminal)
    {
        (_network, _variant, _terminal) = (network, variant, terminal);
        _application = new LotteryApplication(network, variant);
        _organizer = new Session(network, organizer);
        _participants = [.. Enumerable.Range(0, participants).Select(_ => new Session(network, Identity.Create()))];
    }

    private PublicKey[] Keys => [.. _participants.Select(static participant => participant.Identity.PublicKey)];

    /// <exception cref="RefusedException">What cannot be done without was refused. A participant who comes too late is no such thing.</exception>
    public async Task<LotteryResult> Play(CancellationToken cancel)
    {
        await _application.Publish(_organizer, cancel);
        _terminal.Step("contracts", $"token {_application.Token}, lottery {_application.Lottery}");
        var coins = await Coins.Of(_application, _organizer, cancel);
        await Fund(coins, cancel);
        var sale = await Rehearse(coins, cancel);
        var before = await Coins.Balances(_application, _network, Keys, cancel);
        var instance = await Open(sale, cancel);
        var bought = await Sell(instance, cancel);
        var reveal = await Reveal(instance, cancel);
        var after = await Coins.Balances(_application, _network, Keys, cancel);
        var (proof, report) = await Prove(reveal, cancel);
        var outcome = Canonical.Decode<LotteryOutcome>(report.Application!.Find("pick")!.Outputs.Find("output")!.Value.Span);
        return new LotteryResult(outcome, [.. Keys.Select((key, i) => new Holding(key, bought[i], before[i], after[i]))], proof, report);
    }

    public void Dispose()
    {
        foreach (var participant in _participants) participant.Identity.Dispose();
    }

    private async Task Fund(Coins coins, CancellationToken cancel)
    {
        await coins.Mint(Supply, cancel);
        _terminal.Step("supply", $"{Supply:N0} coins, the organizer's");
        await coins.Fund(Keys, FundsEach, cancel);
        _terminal.Step("funds", $"{FundsEach:N0} coins to each of {_participants.Length} participants");
    }

    // The end of the sale is fixed before it begins, so it is chosen by how fast this machine is: some participants move coins to themselves, all
    // at once, first until everything is compiled and connected, then by the clock.
    private async Task<TimeSpan> Rehearse(Coins coins, CancellationToken cancel)
    {
        Session[] some = [.. _participants.Take(InFlight)];
        var first = await coins.Rehearse(some, Price, cancel);
        var second = await coins.Rehearse(some, Price, cancel);
        var shortest = ShortestSale + (FirstRehearsals * first);
        var sale = ((RehearsalsOfSale + (TransfersPerTicket * _participants.Length / some.Length)) * second) + Margin;
        return sale > shortest ? sale : shortest;
    }

    private async Task<Instance> Open(TimeSpan sale, CancellationToken cancel)
    {
        var end = DateTimeOffset.UtcNow + sale;
        var instance = await _application.Create(
            _organizer, "lottery", ["collect", "join", "open", "refund", "reveal"],
            [new("price", Values.OfU64(Price)), new("endOfSale", Time(end)), new("finalDeadline", Time(end + UntilFinalDeadline))], cancel);
        (await _organizer.Run(instance, "open", [], cancel: cancel)).RequireSuccess();
        _terminal.Step("sale", $"lottery {instance.Id} sells tickets for {Price} coins until {end:HH:mm:ss.fff}");
        return instance;
    }

    private async Task<bool[]> Sell(Instance instance, CancellationToken cancel)
    {
        var bought = new bool[_participants.Length];
        var late = 0;
        await Parallel.ForAsync(0, _participants.Length, new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancel }, async (i, stop) =>
        {
            if (await Join(_participants[i], instance, stop) is { } refusal)
            {
                if (Interlocked.Increment(ref late) == 1) _terminal.Step("tickets", $"participant {i + 1}: {refusal}");
            }
            else bought[i] = true;
        });
        var count = bought.Count(static has => has);
        _terminal.Step("tickets", $"{count} of {_participants.Length} bought");
        return bought;
    }

    private async Task<Refusal?> Join(Session participant, Instance instance, CancellationToken cancel)
    {
        try
        {
            List<NamedValue> inputs = [new("buyer", new Bytes(participant.Identity.PublicKey.Span)), new("instance", new Bytes(instance.Id.Span))];
            if (_variant == LotteryVariant.Commitments) inputs.Add(new NamedValue("secret", await Contribution(participant, instance, cancel)));
            var run = await participant.Run(instance, "join", inputs, cancel: cancel);
            // Who was too late to contribute has a ticket all the same.
            return run.Find("commit") is { Result.Status: ResultStatus.Ok } ? null : run.Failure;
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    // The participant's own random value, which nobody reads before the end of the sale, the participant's own node included.
    private static async Task<Bytes> Contribution(Session participant, Instance instance, CancellationToken cancel)
    {
        var vault = await Vault.Open(participant, cancel: cancel);
        var value = new byte[ContributionSize];
        SystemRandom.Instance.Fill(value);
        var endOfSale = BinaryPrimitives.ReadUInt64LittleEndian(instance.Parameter("endOfSale")!.Value.Span);
        return Bytes.Wrap(Canonical.Encode(vault.Seal(value, Digest.Zero, endOfSale, instance.Id)));
    }

    // Anyone may ask for the draw: here the first participant, who waits for the end of the sale to be sealed.
    private async Task<RunResult> Reveal(Instance instance, CancellationToken cancel)
    {
        _terminal.Step("draw", $"waits for the end of the sale");
        var run = (await _participants[0].Run(instance, "reveal", [], cancel: cancel)).RequireSuccess();
        var drawn = run.Find("draw")!.Result;
        if (_variant == LotteryVariant.Commitments)
            _terminal.Step("opened", $"{Values.ReadEntries(drawn.Output(PrivateStorageTransactions.OpenedField).Span).Count} values of participants, together");
        _terminal.Step("draw", $"value {drawn.Output(_variant == LotteryVariant.Commitments ? PrivateStorageTransactions.CombinedField : RandomnessTransactions.Value)}");
        return run;
    }

    private async Task<(byte[] Proof, ProofReport Report)> Prove(RunResult run, CancellationToken cancel)
    {
        var proof = Canonical.Encode(await ProofBuilder.Build(_network, run, _application.Contracts, cancel));
        using var engine = new WasmEngine();
        var report = ProofVerifier.Verify(proof, _network.ChainId, engine);
        if (report.Failed is { Refusal: { } refusal }) throw new RefusedException(refusal);
        _terminal.Step("proof", $"{report.Lines.Count} checks hold, offline");
        return (proof, report);
    }

    private static Bytes Time(DateTimeOffset time) => Values.OfU64((ulong)time.ToUnixTimeMilliseconds());
}
