using Protean.Client;
using Protean.Node.Keys;
using Protean.Tests.Cli;
using Protean.Tests.Node;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>`protean secret`, as typed, on real nodes.</summary>
[Collection(OnALiveNetwork.Name)]
public sealed class SecretCommandTests(LiveNetwork live) : LiveTests(live), IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_is_put_read_granted_revoked_and_audited_and_the_audit_is_verified_offline()
    {
        var (alice, bob) = (User("alice"), User("bob"));
        await File.WriteAllTextAsync(PathOf("plan.txt"), "the plan", Cancel);
        var put = await Secret("put", "alice", PathOf("plan.txt"), "--note", "a plan");
        var secret = put.Json.GetProperty("secret").GetString()!;

        var refused = await Secret("get", "bob", secret, "--out", PathOf("bobs.txt"));
        Assert.Equal(1, refused.Exit);
        Assert.Contains("PRT-PST-0036", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("bobs.txt")));

        Assert.Equal(1, (await Secret("grant", "alice", secret, "--reader", bob)).Json.GetProperty("version").GetInt32());
        Assert.Equal(0, (await Secret("get", "bob", secret, "--out", PathOf("bobs.txt"))).Exit);
        Assert.Equal("the plan", await File.ReadAllTextAsync(PathOf("bobs.txt"), Cancel));
        Assert.Equal("PRT-CMD-0001", (await Secret("get", "bob", secret, "--out", PathOf("bobs.txt"))).Refusal);

        Assert.Equal(2, (await Secret("revoke", "alice", secret, "--reader", bob)).Json.GetProperty("version").GetInt32());
        Assert.Equal(1, (await Secret("get", "bob", secret, "--out", PathOf("again.txt"))).Exit);

        var audit = await Secret("audit", "alice", secret, "--out", PathOf("plan.audit"));
        string[] expected = ["PRT-PST-0036", "", "PRT-PST-0036"];
        Assert.Equal(expected, Requests(audit));
        var verified = await Typed.Run("verify", PathOf("plan.audit"), "--network", $"{Live.Network.ChainId}", "--json");
        Assert.Equal(0, verified.Exit);
        Assert.Equal(expected, Requests(verified));
        Assert.Equal("PRT-AUD-0002", (await Typed.Run("verify", PathOf("plan.audit"), "--network", new string('0', 64), "--json")).Refusal);
        Assert.NotEqual(alice, bob);
    }

    [Fact]
    public async Task What_cannot_be_meant_is_refused_with_a_code()
    {
        User("alice");
        await File.WriteAllBytesAsync(PathOf("large"), new byte[Limits.MaxSecretData + 1], Cancel);
        Assert.Equal("PRT-CLI-0062", (await Secret("put", "alice", PathOf("large"))).Refusal);
        Assert.Equal("PRT-CMD-0001", (await Secret("put", "alice", PathOf("nothing"))).Refusal);
        Assert.Equal("PRT-CMD-0060", (await Secret("get", "alice", "xyz", "--out", PathOf("x"))).Refusal);
        Assert.Equal("PRT-CLI-0060", (await Secret("audit", "alice", new string('0', 64), "--out", PathOf("x"))).Refusal);
    }

    private static string[] Requests(Typed audit) =>
        [.. audit.Json.GetProperty("requests").EnumerateArray().Select(static one => one.GetProperty("refused").GetString()!)];

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private string User(string name)
    {
        File.WriteAllText(PathOf("passphrase"), "a passphrase");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(PathOf("passphrase"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var identity = Identity.Create();
        identity.Save(PathOf($"{name}.key"), "a passphrase"u8, KeyCost.Development.Operations, KeyCost.Development.Memory);
        return identity.PublicKey.ToString();
    }

    private Task<Typed> Secret(string what, string user, params string[] more) => Typed.Run(
        ["secret", what, .. more, "--api", $"{Live.Nodes[0].Local.Api}", "--network", $"{Live.Network.ChainId}", "--identity", PathOf($"{user}.key"),
            "--passphrase-file", PathOf("passphrase"), "--json"]);
}
