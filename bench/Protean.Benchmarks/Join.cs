using Protean.Cli;
using Protean.Cli.Lottery;
using Protean.Client;
using Protean.Client.Plans;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.LocalNetwork;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.Execution;
using Protean.Wasm;

namespace Protean.Benchmarks;

/// <summary>One ticket of a real lottery: what a member does with its request, and what the contract's call takes by itself.</summary>
internal sealed class Join : IDisposable
{
    private readonly WasmEngine _engine = new();
    private readonly IDirectory _directory;
    private readonly StepOutcome _pay;
    private readonly IReadOnlyDictionary<Digest, Bytes> _code;

    private Join(IDirectory directory, StepOutcome pay, IReadOnlyDictionary<Digest, Bytes> code) => (_directory, _pay, _code) = (directory, pay, code);

    /// <summary>Buys a ticket on this network.</summary>
    public static async Task<Join> Buy(RunningNetwork running)
    {
        using var network = await LocalNetworks.Connect(running, CancellationToken.None);
        using var organizer = Identity.Create();
        using var buyer = Identity.Create();
        var (session, application) = (new Session(network, organizer), new LotteryApplication(network));
        await application.Publish(session, CancellationToken.None);
        var coins = await Coins.Of(application, session, CancellationToken.None);
        await coins.Mint(1_000_000, CancellationToken.None);
        await coins.Fund([buyer.PublicKey], 1_000, CancellationToken.None);
        var end = DateTimeOffset.UtcNow.AddDays(1);
        var instance = await application.Create(
            session, "lottery", ["join", "open"],
            [new("price", Values.OfU64(100)), new("endOfSale", Time(end)), new("finalDeadline", Time(end.AddDays(1)))], CancellationToken.None);
        (await session.Run(instance, "open", [])).RequireSuccess();
        NamedValue[] inputs = [new("buyer", new Bytes(buyer.PublicKey.Span)), new("instance", new Bytes(instance.Id.Span))];
        var run = (await new Session(network, buyer).Run(instance, "join", inputs)).RequireSuccess();
        return new Join(network.Directory, run.Find("pay")!, application.Contracts.ToDictionary(static contract => contract.Id, static contract => contract.Code));
    }

    private static Bytes Time(DateTimeOffset time) => Values.OfU64((ulong)time.ToUnixTimeMilliseconds());

    /// <summary>By a member that has seen none of the seals before, or all of them.</summary>
    public TimeSpan Admission(int rounds, bool sealsKnown)
    {
        var known = new VerifiedSeals();
        return Micro.Time(rounds, () => Admit(sealsKnown ? known : new VerifiedSeals()));
    }

    /// <summary>The token's call, which calls the lottery; both compiled before.</summary>
    public TimeSpan ContractCall(int rounds)
    {
        var admitted = Admit(new VerifiedSeals());
        var call = ExecutionUnit.CallOf(admitted, _pay.Result.Receipt.Header.Context.UnitId);
        var host = new WitnessHost(contract => _code.TryGetValue(contract, out var code) ? code : null, admitted.State?.Witness?.Proof);
        return Micro.Time(rounds, () =>
        {
            if (_engine.Call(call, host) is not CallResult.Completed) throw new InvalidOperationException("a call that went well once fails");
        });
    }

    public void Dispose() => _engine.Dispose();

    private AdmittedRequest Admit(VerifiedSeals seals)
    {
        var header = _pay.Result.Receipt.Header;
        var context = new AdmissionContext(
            header.Context.UnitId, header.Context.Epoch, header.Height, header.TimeMs, ExecutionTransactions.All, _directory, null);
        return new Admission(Ed25519Scheme.Instance, seals).Admit(_pay.Request, context) is AdmissionDecision.Admitted admitted
            ? admitted.Request : throw new InvalidOperationException("a request that was admitted once is refused");
    }
}
