using Protean.Tests.Node;
using Xunit;

namespace Protean.Tests.Cli;

/// <summary>The whole system by the commands of the README: real sockets, real disks, nothing in between.</summary>
public sealed class LotteryDemoTests
{
    private const int Participants = 3;

    [Fact]
    public async Task A_lottery_is_played_its_proof_holds_offline_and_its_network_goes_on()
    {
        using var folder = new TemporaryFolder();
        var (network, proof) = (folder.At("network"), folder.At("lottery.proof"));
        var played = await Typed.Run(
            "demo", "lottery", "--participants", $"{Participants}", "--nodes", "5", "--keep", network, "--proof", proof, "--json");
        Assert.True(played.Exit == 0, played.Output + played.Error);
        Assert.Equal(["network", "winner", "pot", "balances", "proof"], played.Json.EnumerateObject().Select(static property => property.Name));
        Assert.Equal(proof, played.Json.GetProperty("proof").GetString());
        Assert.Contains("key generation 4/4", played.Error, StringComparison.Ordinal);
        CoinsAreConserved(played);

        var genesis = played.Json.GetProperty("network").GetString()!;
        var verified = await Typed.Run("verify", proof, "--network", genesis);
        Assert.Equal(0, verified.Exit);
        Assert.Contains("the proof holds", verified.Output, StringComparison.Ordinal);
        await ChangedBytesAreRefused(proof, genesis);
        await TheNetworkGoesOn(network, genesis);
    }

    [Fact]
    public async Task A_lottery_of_commitments_is_played_and_its_proof_holds_offline()
    {
        using var folder = new TemporaryFolder();
        var proof = folder.At("lottery.proof");
        var played = await Typed.Run(
            "demo", "lottery", "--variant", "commitments", "--participants", $"{Participants}", "--nodes", "5", "--proof", proof, "--json");
        Assert.True(played.Exit == 0, played.Output + played.Error);
        Assert.Matches(@"opened +[1-9] values of participants, together", played.Error);
        CoinsAreConserved(played);
        var genesis = played.Json.GetProperty("network").GetString()!;
        Assert.Equal(0, (await Typed.Run("verify", proof, "--network", genesis)).Exit);
        await ChangedBytesAreRefused(proof, genesis);
    }

    private static void CoinsAreConserved(Typed played)
    {
        var balances = played.Json.GetProperty("balances");
        var winner = balances.GetProperty(played.Json.GetProperty("winner").GetString()!).GetUInt64();
        var pot = played.Json.GetProperty("pot").GetUInt64();
        // Who came too late on a busy machine has paid nothing: the pot has a price for each ticket, the winner paid one.
        Assert.True(pot is > 0 and <= 100 * Participants && pot % 100 == 0, $"pot {pot}");
        Assert.Equal(1_000UL - 100 + pot, winner);
        Assert.Equal(Participants * 1_000L, balances.EnumerateObject().Sum(static holding => holding.Value.GetInt64()));
    }

    private static async Task ChangedBytesAreRefused(string proof, string genesis)
    {
        var bytes = await File.ReadAllBytesAsync(proof, TestContext.Current.CancellationToken);
        for (var part = 1; part <= 8; part++)
        {
            var at = (bytes.Length * part / 8) - 1;
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(proof, bytes, TestContext.Current.CancellationToken);
            var refused = await Typed.Run("verify", proof, "--network", genesis, "--json");
            Assert.Equal(1, refused.Exit);
            Assert.StartsWith("PRT-PRF-", refused.Json.GetProperty("failed").GetString(), StringComparison.Ordinal);
            bytes[at] ^= 1;
        }
        await File.WriteAllBytesAsync(proof, bytes, TestContext.Current.CancellationToken);
        var other = await Typed.Run("verify", proof, "--network", new string('0', 64), "--json");
        Assert.Equal("PRT-PRF-0002", other.Json.GetProperty("failed").GetString());
    }

    private static async Task TheNetworkGoesOn(string network, string genesis)
    {
        var stopped = await Typed.RunUntil(async answer =>
        {
            Assert.Equal(genesis, answer.GetProperty("network").GetString());
            Assert.All(answer.GetProperty("identities").EnumerateArray(), static identity => Assert.True(identity.GetProperty("balance").GetUInt64() > 0));
            var status = await Typed.Run("status", "--api", answer.GetProperty("apis")[0].GetString()!, "--json");
            Assert.Equal(0, status.Exit);
            Assert.Equal(genesis, status.Json.GetProperty("network").GetString());
            Assert.NotEmpty(status.Json.GetProperty("units").EnumerateArray());

            var second = await Typed.Run("dev", "--data", network, "--json");
            Assert.Equal((1, "PRT-NOD-0030"), (second.Exit, second.Refusal));
        }, "dev", "--data", network);
        Assert.True(stopped.Exit == 0, stopped.Output + stopped.Error);
    }
}
