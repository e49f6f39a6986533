using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Client;

/// <summary>What the lottery contract's methods finish and refund give back (examples/lottery/contract/README.md).</summary>
/// <param name="Winner">Null where the tickets were refunded.</param>
/// <param name="Pot">All tickets' prices together.</param>
/// <param name="Tickets">How many were sold.</param>
public sealed record LotteryOutcome(PublicKey? Winner, ulong Pot, uint Tickets) : ICanonical<LotteryOutcome>
{
    private const byte Drawn = 1, Refunded = 2;

    public void Encode(Encoder to) => to.U8(Winner is null ? Refunded : Drawn).Key(Winner ?? default).U64(Pot).U32(Tickets);

    public static LotteryOutcome Decode(ref Decoder from)
    {
        var kind = from.U8();
        var winner = from.Key();
        if (kind is not (Drawn or Refunded) || (kind == Refunded && winner != default))
            throw new MalformedException($"a lottery that ended with {kind}");
        return new LotteryOutcome(kind == Drawn ? winner : null, from.U64(), from.U32());
    }
}
