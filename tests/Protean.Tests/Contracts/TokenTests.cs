using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Execution;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.Contracts;

public sealed class TokenTests : ContractFixture
{
    private const ulong Supply = 1_000_000;

    private readonly Digest _token;
    private readonly PublicKey _creator = User(0);

    public TokenTests()
    {
        _token = World.Publish(Token.Code);
        Completed(World.Commit(_token, As(_creator), Token.Create(Supply)));
    }

    [Fact]
    public void The_supply_is_minted_once_to_its_creator()
    {
        Assert.Equal(Supply, BalanceOf(_token, Token.UserAccount(_creator)));
        Refused(Token.AlreadyCreated, World.Commit(_token, As(User(1)), Token.Create(5)));
    }

    [Fact]
    public void Coins_move_only_for_the_account_s_authenticated_user()
    {
        byte[] mine = Token.UserAccount(_creator), yours = Token.UserAccount(User(1));
        Refused(Token.NotOwner, World.Commit(_token, As(User(1)), Token.Transfer(mine, yours, 1)));
        Refused(Token.NoCaller, World.Commit(_token, Caller.None, Token.Transfer(mine, yours, 1)));
        Completed(World.Commit(_token, As(_creator), Token.Transfer(mine, yours, 300)));
        Assert.Equal((Supply - 300, 300ul), (BalanceOf(_token, mine), BalanceOf(_token, yours)));
    }

    [Fact]
    public void Nobody_spends_more_than_they_hold()
    {
        byte[] mine = Token.UserAccount(_creator), yours = Token.UserAccount(User(1));
        Refused(Token.TooLittle, World.Commit(_token, As(_creator), Token.Transfer(mine, yours, Supply + 1)));
        Refused(Token.TooLittle, World.Commit(_token, As(_creator), Token.TransferMany((mine, yours, Supply), (mine, yours, 1))));
        Assert.Equal(Supply, BalanceOf(_token, mine));
    }

    [Fact]
    public void An_emptied_account_leaves_no_key()
    {
        byte[] mine = Token.UserAccount(_creator), yours = Token.UserAccount(User(1));
        Completed(World.Commit(_token, As(_creator), Token.Transfer(mine, yours, Supply)));
        Assert.DoesNotContain(World.State, entry => entry.Key.Span.EndsWith(mine));
    }

    [Fact]
    public void Amounts_of_zero_and_what_is_no_account_are_refused()
    {
        byte[] mine = Token.UserAccount(_creator), yours = Token.UserAccount(User(1));
        Refused(Token.ZeroAmount, World.Commit(_token, As(_creator), Token.Transfer(mine, yours, 0)));
        byte[][] none = [[], yours[..32], [.. yours, 0], [3, .. yours[1..]], Token.ContractAccount(_token, new byte[129])];
        foreach (var bad in none)
            Refused(Token.BadAccount, World.Commit(_token, As(_creator), Token.Transfer(mine, bad, 1)));
    }

    [Fact]
    public void Input_that_is_not_laid_out_exactly_is_refused()
    {
        byte[] mine = Token.UserAccount(_creator), yours = Token.UserAccount(User(1));
        var good = Token.Transfer(mine, yours, 1);
        for (var length = 0; length < good.Length; length++)
            Assert.IsType<CallResult.Failed>(World.Call(_token, As(_creator), good[..length]));
        Assert.IsType<CallResult.Failed>(World.Call(_token, As(_creator), [.. good, 0]));
        Refused(2, World.Call(_token, As(_creator), new Encoder().Text("mint").ToArray()));
    }

    [Fact]
    public void Coins_are_conserved_whatever_is_called()
    {
        // A contract that holds coins and passes them on when paid: nested calls in both directions, never a cycle.
        var keeper = World.Publish(Keeper.Code(_token));
        byte[][] accounts =
        [
            .. Enumerable.Range(0, 4).Select(i => Token.UserAccount(User(i))),
            .. Enumerable.Range(0, 3).Select(i => Token.ContractAccount(keeper, [(byte)i])),
            Token.ContractAccount(keeper, []),
        ];
        var account = Gen.Int[0, accounts.Length - 1].Select(i => accounts[i]);
        var amount = Gen.Frequency((8, Gen.ULong[0, Supply / 3]), (1, Gen.ULong));
        var direct = Gen.OneOf(
            Gen.Select(account, account, amount, static (from, to, n) => Token.Transfer(from, to, n)),
            Gen.Select(Gen.Select(account, account, amount).Array[0, 4], static moves => Token.TransferMany(moves)),
            Gen.Select(account, Gen.Byte[0, 2], amount, (from, sub, n) => Token.TransferAndCall(from, keeper, [sub], n, [])));
        var sweep = Gen.Select(account, Gen.Byte[0, 2].Array[0, 3],
            static (to, subs) => Token.Sweep(to, [.. subs.Select(s => new[] { s })]));
        var relayed = Gen.OneOf(direct, sweep);
        var operation = Gen.Select(Gen.Int[0, 3], Gen.Bool, direct, relayed,
            static (user, relay, d, r) => (User: user, Relay: relay, Input: relay ? r : d));

        operation.Array[1, 12].Sample(operations =>
        {
            foreach (var (user, relay, input) in operations)
                World.Commit(relay ? keeper : _token, As(User(user)), relay ? new Encoder().Text("relay").Raw(input).ToArray() : input);
            return Token.Total(World, _token) == Supply;
        }, iter: 60, threads: 1);
    }
}
