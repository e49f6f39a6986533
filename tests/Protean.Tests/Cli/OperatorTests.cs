using Protean.Tests.Node;
using Xunit;

namespace Protean.Tests.Cli;

/// <summary>How operators who do not share a machine come to a network: keys, records, one genesis.</summary>
public sealed class OperatorTests : IDisposable
{
    private const string Time = "2026-01-31T12:00:00Z";

    private static readonly string[] Operators = ["alice", "bob", "carol", "dave"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Records_of_four_operators_make_a_genesis_that_everyone_can_check()
    {
        var records = await Task.WhenAll(Operators.Select((name, i) => Record(name, 7000 + i, "net")));
        var units = _folder.At("units.json");
        await File.WriteAllTextAsync(
            units, """[{ "class": "randomness", "members": ["alice", "bob", "carol", "dave"] }]""", TestContext.Current.CancellationToken);
        var spread = await Create([.. records, "--members", "4"]);
        var written = await Create([.. records, "--units", units]);
        Assert.Equal(0, spread.Exit);
        Assert.Single(written.Json.GetProperty("units").EnumerateArray());
        Assert.NotEqual(spread.Json.GetProperty("network").GetString(), written.Json.GetProperty("network").GetString());
        var shown = await Typed.Run("genesis", "show", _folder.At("genesis"), "--json");
        Assert.Equal(written.Json.GetProperty("network").GetString(), shown.Json.GetProperty("network").GetString());
    }

    [Fact]
    public async Task A_record_made_for_another_network_is_refused_by_name()
    {
        var records = await Task.WhenAll(Record("alice", 7000, "other"), Record("bob", 7001, "net"));
        var refused = await Create(records);
        Assert.Equal((1, "PRT-CMD-0006"), (refused.Exit, refused.Refusal));
        Assert.Contains("alice", refused.Json.GetProperty("refusal").GetProperty("where").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""[{ "class": "state", "members": ["nobody"] }]""")]
    [InlineData("""[{ "class": "state", "members": [], "colour": "red" }]""")]
    public async Task A_file_of_units_that_makes_no_sense_is_refused(string content)
    {
        var units = _folder.At("units.json");
        await File.WriteAllTextAsync(units, content, TestContext.Current.CancellationToken);
        var refused = await Create([await Record("alice", 7000, "net"), "--units", units]);
        Assert.Equal((1, "PRT-CMD-0007"), (refused.Exit, refused.Refusal));
    }

    [Fact]
    public async Task Keys_are_never_overwritten()
    {
        await Record("alice", 7000, "net");
        var again = await Typed.Run("keys", "create", "--folder", _folder.At("alice"), "--passphrase-file", Passphrase("alice"), "--development", "--json");
        Assert.Equal((1, "PRT-NOD-0014"), (again.Exit, again.Refusal));
    }

    private Task<Typed> Create(string[] rest) =>
        Typed.Run(["genesis", "create", .. rest, "--name", "net", "--time", Time, "--out", _folder.At("genesis"), "--json"]);

    private async Task<string> Record(string name, int port, string network)
    {
        var (keys, passphrase, record) = (_folder.At(name), Passphrase(name), _folder.At($"{name}.record"));
        var created = await Typed.Run("keys", "create", "--folder", keys, "--passphrase-file", passphrase, "--development");
        Assert.True(created.Exit == 0, created.Error);
        var written = await Typed.Run(
            "keys", "record", "--folder", keys, "--passphrase-file", passphrase, "--name", network, "--time", Time, "--operator", name,
            "--peer", $"{name}.example.org:{port}", "--api", $"https://{name}.example.org", "--out", record);
        Assert.True(written.Exit == 0, written.Error);
        return record;
    }

    private string Passphrase(string name)
    {
        var path = _folder.At($"{name}.passphrase");
        File.WriteAllText(path, $"the passphrase of {name}");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
