using System.Numerics;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Execution;
using Xunit;

namespace Protean.Tests.Contracts;

public sealed class LotteryTests : ContractFixture
{
    private const ulong Price = 10;
    private const ulong Supply = 100_000;

    private static readonly Digest Instance = Hash.H("test/instance", []);
    private static readonly byte[] Randomness = Hash.Sha512("randomness"u8);

    private readonly Digest _token;
    private readonly Digest _lottery;

    public LotteryTests()
    {
        _token = World.Publish(Token.Code);
        _lottery = World.Publish(Example.Code("lottery", "contract", "lottery.wasm"));
        Completed(World.Commit(_token, As(User(0)), Token.Create(Supply)));
        Completed(World.Commit(_lottery, As(User(0)), Open(_token), Instance));
    }

    [Fact]
    public void The_winner_is_paid_every_ticket()
    {
        Sell(7);
        var output = Completed(World.Commit(_lottery, Caller.None, Finish(Randomness), Instance)).Output;

        // Tickets stand in the order of their buyers' keys.
        PublicKey[] buyers = [.. Enumerable.Range(1, 7).Select(User).Order()];
        var winner = buyers[(int)(new BigInteger(Randomness, isUnsigned: true) % 7)];
        Assert.Equal(new Encoder().U8(1).Key(winner).U64(70).U32(7).ToArray(), output.ToArray());
        Assert.Equal(70ul, BalanceOf(_token, Token.UserAccount(winner)));
        Assert.Equal((UInt128)Supply, Token.Total(World, _token));
        Assert.Equal(output, Completed(World.Call(_lottery, Caller.None, Method("result"), Instance)).Output);
    }

    [Fact]
    public void An_undrawn_lottery_gives_every_ticket_back()
    {
        Sell(5);
        Completed(World.Commit(_lottery, Caller.None, Method("refund"), Instance));
        for (var i = 1; i <= 5; i++) Assert.Equal(Price, BalanceOf(_token, Token.UserAccount(User(i))));
        Refused(23, World.Commit(_lottery, Caller.None, Finish(Randomness), Instance));
    }

    [Fact]
    public void A_lottery_ends_once()
    {
        Sell(2);
        Completed(World.Commit(_lottery, Caller.None, Finish(Randomness), Instance));
        Refused(23, World.Commit(_lottery, Caller.None, Finish(Randomness), Instance));
        Refused(23, World.Commit(_lottery, Caller.None, Method("refund"), Instance));
        Fund(3);
        Refused(23, World.Commit(_token, As(User(3)), Buy(3, Price), Instance));
    }

    [Fact]
    public void A_buyer_has_one_ticket()
    {
        Fund(1);
        Fund(1);
        Completed(World.Commit(_token, As(User(1)), Buy(1, Price), Instance));
        Refused(22, World.Commit(_token, As(User(1)), Buy(1, Price), Instance));
    }

    [Fact]
    public void A_ticket_costs_its_price_and_the_buyer_has_it()
    {
        Fund(1);
        Refused(21, World.Commit(_token, As(User(1)), Buy(1, Price - 1), Instance));
        Refused(Token.TooLittle, World.Commit(_token, As(User(1)), Buy(1, Price + 1), Instance));
        Refused(27, World.Commit(_token, As(User(1)), Buy(1, Price, escrowOf: 2), Instance));
        Assert.Equal(Price, BalanceOf(_token, Token.UserAccount(User(1))));
    }

    [Fact]
    public void Tickets_are_paid_in_the_lottery_s_token_only()
    {
        var payment = new Encoder().Text("onPayment")
            .Bytes(Token.UserAccount(User(1))).Bytes(Escrow(User(1))).U64(Price).Bytes([]).ToArray();
        Refused(20, World.Commit(_lottery, As(User(1)), payment, Instance));

        var other = World.Publish(Keeper.Code(_lottery));
        Refused(20, World.Commit(other, As(User(1)), new Encoder().Text("relay").Raw(payment).ToArray(), Instance));
    }

    [Fact]
    public void No_other_instance_reaches_a_lottery()
    {
        Sell(2);
        Refused(18, World.Commit(_lottery, Caller.None, Finish(Randomness), Hash.H("test/other", [])));
        Refused(16, World.Commit(_lottery, Caller.None, Finish(Randomness)));
    }

    [Fact]
    public void A_lottery_opens_once_with_sound_figures()
    {
        Refused(17, World.Commit(_lottery, As(User(0)), Open(_token), Instance));
        var other = Hash.H("test/other", []);
        Refused(19, World.Commit(_lottery, As(User(0)), Open(_token, price: 0), other));
        Refused(19, World.Commit(_lottery, As(User(0)), Open(_token, end: 9, final: 9), other));
        Refused(18, World.Commit(_lottery, Caller.None, Finish(Randomness), other));
    }

    [Fact]
    public void Without_tickets_there_is_no_winner()
    {
        Refused(24, World.Commit(_lottery, Caller.None, Finish(Randomness), Instance));
        Completed(World.Commit(_lottery, Caller.None, Method("refund"), Instance));
    }

    [Fact]
    public void Joins_write_no_key_in_common()
    {
        Fund(1);
        Fund(2);
        var first = Completed(World.Call(_token, As(User(1)), Buy(1, Price), Instance));
        var second = Completed(World.Call(_token, As(User(2)), Buy(2, Price), Instance));
        var touched = second.Reads.Select(r => r.Key).Concat(second.Writes.Select(w => w.Key)).ToHashSet();
        Assert.DoesNotContain(first.Writes, write => touched.Contains(write.Key));
        World.Apply(first);
        World.Apply(second);
    }

    [Fact]
    public void A_thousand_tickets_end_in_one_call()
    {
        Sell(1000);
        var result = World.Commit(_lottery, Caller.None, Finish(Randomness), Instance);
        Assert.Equal(1000u, new Decoder(Completed(result).Output.Span[41..]).U32());
        Assert.InRange(Canonical.Encode(Completed(result)).Length, 1, Limits.MaxValue);
        Assert.Equal((UInt128)Supply, Token.Total(World, _token));
    }

    [Fact]
    public void Escrows_beyond_the_first_are_collected_after_the_end()
    {
        Sell(1502);
        var winner = new Decoder(Completed(World.Commit(_lottery, Caller.None, Finish(Randomness), Instance)).Output.Span[1..]).Key();
        Assert.Equal(1500 * Price, BalanceOf(_token, Token.UserAccount(winner)));
        PublicKey[] rest = [.. Enumerable.Range(1, 1502).Select(User).Order().Skip(1500)];
        var collect = new Encoder().Text("collect").List(rest, static (to, key) => to.Key(key)).ToArray();
        Completed(World.Commit(_lottery, Caller.None, collect, Instance));
        Assert.Equal(1502 * Price, BalanceOf(_token, Token.UserAccount(winner)));
        Refused(28, World.Commit(_lottery, Caller.None, collect, Instance));
    }

    private static byte[] Method(string name) => new Encoder().Text(name).ToArray();
    private static byte[] Finish(byte[] randomness) => new Encoder().Text("finish").Raw(randomness).ToArray();
    private static byte[] Escrow(PublicKey buyer) => [.. Instance.Span, .. buyer.Span];

    private static byte[] Open(Digest token, ulong price = Price, ulong end = 1000, ulong final = 2000) =>
        new Encoder().Text("open").Digest(token).U64(price).U64(end).U64(final).ToArray();

    private byte[] Buy(int buyer, ulong amount, int? escrowOf = null) =>
        Token.TransferAndCall(Token.UserAccount(User(buyer)), _lottery, Escrow(User(escrowOf ?? buyer)), amount, []);

    private void Fund(int user) =>
        Completed(World.Commit(_token, As(User(0)), Token.Transfer(Token.UserAccount(User(0)), Token.UserAccount(User(user)), Price)));

    private void Sell(int tickets)
    {
        for (var i = 1; i <= tickets; i++)
        {
            Fund(i);
            Completed(World.Commit(_token, As(User(i)), Buy(i, Price), Instance));
        }
    }
}
