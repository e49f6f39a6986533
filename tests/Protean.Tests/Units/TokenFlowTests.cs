using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Tests.Contracts;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Units.State;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.Units;

/// <summary>Coins of the real token through both units: dry run, witness, call, commit.</summary>
public sealed class TokenFlowTests : IDisposable
{
    private static readonly byte[] Alice = Token.UserAccount(TestNetwork.Key(1).PublicKey);
    private static readonly byte[] Bob = Token.UserAccount(TestNetwork.Key(2).PublicKey);
    private readonly WasmEngine _engine = new();
    private readonly TestUnit _execution;
    private readonly TestUnit _state;
    private readonly Digest _token;
    private readonly Application _application;

    public TokenFlowTests()
    {
        var network = new TestNetwork();
        _execution = new TestUnit(network, new ExecutionUnit(_engine));
        _state = new TestUnit(network, new StateUnit());
        _token = _execution.Direct("publish", default, [new("code", new Bytes(Token.Code))]).Digest("contractId");
        _application = new Application(network, _token);
        Assert.IsType<Outcome.Ok>(Commit(Call(Token.Create(100))));
    }

    [Fact]
    public void Coins_move_when_their_owner_asks_and_none_are_made()
    {
        Assert.IsType<Outcome.Ok>(Commit(Call(Token.Transfer(Alice, Bob, 30))));
        Assert.Equal((70ul, 30ul), (BalanceOf(Alice), BalanceOf(Bob)));
    }

    [Fact]
    public void Too_little_money_and_anothers_coins_are_refused_by_the_contract()
    {
        var tooLittle = Assert.IsType<Outcome.Failed>(Call(Token.Transfer(Alice, Bob, 101)));
        Assert.Equal("PRT-EXE-0110", tooLittle.Code);
        Assert.Contains($"[code {Token.TooLittle} of contract {_token}]", tooLittle.Message, StringComparison.Ordinal);
        var notOwner = Assert.IsType<Outcome.Failed>(Call(Token.Transfer(Bob, Alice, 1)));
        Assert.Contains($"[code {Token.NotOwner} ", notOwner.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_payments_from_one_sealed_height_the_second_is_stale_and_succeeds_when_run_again()
    {
        var (first, second) = (Call(Token.Transfer(Alice, Bob, 60)), Call(Token.Transfer(Alice, Bob, 50)));
        Assert.IsType<Outcome.Ok>(Commit(first));
        Assert.IsType<Outcome.Stale>(Commit(second));
        Assert.IsType<Outcome.Failed>(Call(Token.Transfer(Alice, Bob, 50)));
        Assert.IsType<Outcome.Ok>(Commit(Call(Token.Transfer(Alice, Bob, 40))));
        Assert.Equal((0ul, 100ul), (BalanceOf(Alice), BalanceOf(Bob)));
    }

    private ulong BalanceOf(byte[] account) => new Decoder(Call(Token.Balance(account)).Output("output").Span).U64();

    private Outcome Commit(Outcome call) =>
        _state.Step(_application.Plan, 1, [_application.Effects(Canonical.Decode<Effects>(call.Output("effects").Span))]);

    // Asks for the witness by dry runs, as a client does.
    private Outcome Call(byte[] input)
    {
        var from = new Decoder(input);
        var method = from.Text(Limits.MaxName);
        var argument = new Bytes(from.Raw(from.Left));
        var (keys, prefixes) = (new List<Bytes>(), new List<Bytes>());
        while (Ask(method, argument, keys, prefixes) is DryRunAnswer.Wanted wanted) (wanted.IsPrefix ? prefixes : keys).Add(wanted.Key);
        return _execution.Step(_application.Plan, 0,
        [
            new("argument", argument, null), new("contract", new Bytes(_token.Span), null), new("method", Bytes.Of(method), null),
        ], _state.Prove(keys, prefixes));
    }

    private DryRunAnswer Ask(string method, Bytes argument, IReadOnlyList<Bytes> keys, IReadOnlyList<Bytes> prefixes)
    {
        var (client, instance) = (_application.Client.PublicKey, _application.Instance.Id);
        var question = new DryRun(_token, method, [argument], client, instance, _state.Prove(keys, prefixes).Witness!.Proof);
        return Canonical.Decode<DryRunAnswer>(_execution.Ask(DryRun.Name, Bytes.Wrap(Canonical.Encode(question))).Span);
    }

    public void Dispose() => _engine.Dispose();
}
