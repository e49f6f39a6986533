using System.Buffers.Binary;
using System.Diagnostics;
using Protean.Client;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Workflows;

namespace Protean.Cli.Lottery;

/// <summary>Coins of the example token: made once, moved by their owners, read with proof.</summary>
internal sealed class Coins
{
    private const byte UserAccount = 1;

    // A call's input holds some 2,400 transfers, a witness as many balances.
    private const int TransfersAtOnce = 1_000, ReadsAtOnce = 500;

    private readonly Session _treasury;
    private readonly Instance _instance;

    private Coins(Session treasury, Instance instance) => (_treasury, _instance) = (treasury, instance);

    /// <summary>For a treasury that moves coins; the application's workflows must be published.</summary>
    public static async Task<Coins> Of(LotteryApplication application, Session treasury, CancellationToken cancel) =>
        new(treasury, await application.Create(treasury, "coins", ["fund", "mint", "transfer"], [], cancel));

    /// <summary>Makes the supply, the treasury's.</summary>
    /// <exception cref="RefusedException">There is a supply already.</exception>
    public async Task Mint(ulong supply, CancellationToken cancel) =>
        (await _treasury.Run(_instance, "mint", [new NamedValue("supply", Values.OfU64(supply))], cancel: cancel)).RequireSuccess();

    /// <summary>Moves coins of the treasury to each of the users.</summary>
    public async Task Fund(IReadOnlyList<PublicKey> users, ulong amount, CancellationToken cancel)
    {
        foreach (var some in users.Chunk(TransfersAtOnce))
        {
            var transfers = new Encoder().U32((uint)some.Length);
            foreach (var user in some) transfers.Bytes(Account(_treasury.Identity.PublicKey)).Bytes(Account(user)).U64(amount);
            (await _treasury.Run(_instance, "fund", [new NamedValue("transfers", Bytes.Wrap(transfers.ToArray()))], cancel: cancel)).RequireSuccess();
        }
    }

    /// <summary>Every user moves coins to itself, all at once.</summary>
    /// <returns>How long it took until the last had.</returns>
    public async Task<TimeSpan> Rehearse(IEnumerable<Session> users, ulong amount, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(users.Select(async user =>
        {
            var self = new Bytes(user.Identity.PublicKey.Span);
            (await user.Run(_instance, "transfer", [new("amount", Values.OfU64(amount)), new("from", self), new("to", self)], cancel: cancel)).RequireSuccess();
        }));
        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>What each user holds, proven.</summary>
    public static async Task<IReadOnlyList<ulong>> Balances(LotteryApplication application, Network network, IReadOnlyList<PublicKey> users, CancellationToken cancel)
    {
        var unit = network.Unit("state").UnitId;
        var balances = new List<ulong>();
        foreach (var some in users.Chunk(ReadsAtOnce))
        {
            Bytes[] keys = [.. some.Select(application.BalanceKey)];
            var shown = await network.State(unit, [.. keys.Order()], [], cancel: cancel);
            balances.AddRange(keys.Select(key => shown.Witness!.Proof.TryGet(key, out var entry) && entry is not null ? BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : 0));
        }
        return balances;
    }

    private static byte[] Account(PublicKey user) => [UserAccount, .. user.Span];
}
