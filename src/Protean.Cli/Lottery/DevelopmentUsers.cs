using System.Globalization;
using Protean.Client;
using Protean.Cryptography;
using Protean.Node.Keys;
using Protean.Node.LocalNetwork;

namespace Protean.Cli.Lottery;

/// <summary>A user of a development network.</summary>
internal sealed record DevelopmentUser(PublicKey Key, string KeyFile);

/// <summary>Users with coins, ready to be worked with: their key files lie beside the nodes', under the same passphrase.</summary>
internal sealed class DevelopmentUsers
{
    private const int Count = 5;
    private const ulong FundsEach = 1_000_000, Supply = 1_000_000_000;

    private DevelopmentUsers(LotteryApplication application, IReadOnlyList<DevelopmentUser> users) => (Application, All) = (application, users);

    public LotteryApplication Application { get; }
    public IReadOnlyList<DevelopmentUser> All { get; }

    /// <summary>The users of the folder; the first time they are made, and funded from the minted supply.</summary>
    public static async Task<DevelopmentUsers> Open(NetworkFolder folder, Network network, CancellationToken cancel)
    {
        using var treasury = Treasury(folder);
        var users = new List<DevelopmentUser>();
        for (var i = 1; i <= Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"user-{i}");
            using var user = OpenOrCreate(folder, name);
            users.Add(new DevelopmentUser(user.PublicKey, PathOf(folder, name)));
        }
        var opened = new DevelopmentUsers(new LotteryApplication(network), users);
        await opened.Fund(new Session(network, treasury), cancel);
        return opened;
    }

    /// <summary>Who has minted, or will mint, the network's coins.</summary>
    public static Identity Treasury(NetworkFolder folder) => OpenOrCreate(folder, "treasury");

    public Task<IReadOnlyList<ulong>> Balances(Network network, CancellationToken cancel) =>
        Coins.Balances(Application, network, [.. All.Select(static user => user.Key)], cancel);

    // What is there already stays: a network that was stopped in between goes on where it was.
    private async Task Fund(Session treasury, CancellationToken cancel)
    {
        var owners = await Coins.Balances(Application, treasury.Network, [treasury.Identity.PublicKey], cancel);
        var held = await Balances(treasury.Network, cancel);
        if (held.Any(static amount => amount > 0)) return;
        await Application.Publish(treasury, cancel);
        var coins = await Coins.Of(Application, treasury, cancel);
        if (owners[0] == 0) await coins.Mint(Supply, cancel);
        await coins.Fund([.. All.Select(static user => user.Key)], FundsEach, cancel);
    }

    private static string PathOf(NetworkFolder folder, string name) => Path.Combine(folder.Root, "identities", $"{name}.key");

    private static Identity OpenOrCreate(NetworkFolder folder, string name)
    {
        var path = PathOf(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var passphrase = File.ReadAllBytes(folder.PassphraseFile);
        if (File.Exists(path)) return Identity.Load(path, passphrase);
        var identity = Identity.Create();
        identity.Save(path, passphrase, KeyCost.Development.Operations, KeyCost.Development.Memory);
        return identity;
    }
}
