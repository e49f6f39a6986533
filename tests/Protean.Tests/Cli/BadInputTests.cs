using System.Net;
using System.Net.Sockets;
using Protean.Node.LocalNetwork;
using Protean.Node.Transport;
using Protean.Tests.Node;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Cli;

/// <summary>Whatever is wrong is said with a code, a place and what to do; never with a stack trace.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_malformed_workflow_is_refused_by_line_and_column()
    {
        var path = _folder.At("bad.yaml");
        await File.WriteAllTextAsync(
            path, "name: bad\nworkflows:\n  go:\n    steps:\n      - id: draw\n        run: randomness.drew\n", TestContext.Current.CancellationToken);
        var text = await Typed.Run("workflow", "check", path);
        Assert.Equal(1, text.Exit);
        Assert.Contains($"{path}:6:14: PRT-", text.Output, StringComparison.Ordinal);
        var json = await Typed.Run("workflow", "check", path, "--json");
        Assert.Equal(6, json.Json.GetProperty("errors")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task The_example_has_no_errors()
    {
        var checkedFile = await Typed.Run("workflow", "check", Repository.Full("examples/lottery/lottery.yaml"), "--json");
        Assert.True(checkedFile.Exit == 0, checkedFile.Output + checkedFile.Error);
    }

    [Theory]
    [InlineData("PRT-CMD-0001", "verify", "no-such-file", "--network", "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("PRT-CMD-0002", "verify", "no-such-file", "--network", "xyz")]
    [InlineData("PRT-CMD-0003", "status", "--api", "nowhere")]
    [InlineData("PRT-CMD-0004", "status", "--api", "http://127.0.0.1:1")]
    [InlineData("PRT-CMD-0008", "genesis", "create", "record", "--name", "n", "--time", "yesterday", "--out", "genesis")]
    [InlineData("PRT-LOC-0001", "demo", "lottery", "--members", "3")]
    [InlineData("PRT-LOC-0002", "demo", "lottery", "--members", "7", "--nodes", "5")]
    [InlineData("PRT-NOD-0020", "genesis", "show", "no-such-file")]
    public async Task What_cannot_be_done_is_refused_with_its_code(string code, params string[] arguments)
    {
        var refused = await Typed.Run([.. arguments, "--json"]);
        Assert.Equal((1, code), (refused.Exit, refused.Refusal));
        Assert.DoesNotContain("   at ", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_holds_something_else_is_left_alone()
    {
        await File.WriteAllTextAsync(_folder.At("letter"), "dear", TestContext.Current.CancellationToken);
        var refused = await Typed.Run("demo", "lottery", "--keep", _folder.Path, "--json");
        Assert.Equal((1, "PRT-LOC-0003"), (refused.Exit, refused.Refusal));
        Assert.Equal(["letter"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_port_in_use_a_loose_key_file_a_wrong_passphrase_and_a_damaged_data_folder_are_refused()
    {
        var network = NetworkFolder.Create(_folder.At("network"), NetworkShape.Of(4, null));
        var node = network.Nodes[0];
        string[] command = ["node", "--config", node.ConfigurationFile, "--passphrase-file"];

        Assert.True(PeerAddress.TryParseEndPoint(node.Record.PeerAddress, out var address));
        using (var other = new TcpListener(IPAddress.Loopback, address.Port))
        {
            other.Start();
            await Refused("PRT-NOD-0030", [.. command, network.PassphraseFile]);
        }

        var started = await Typed.RunUntil(static _ => Task.CompletedTask, [.. command, network.PassphraseFile]);
        Assert.True(started.Exit == 0, started.Output + started.Error);
        var manifest = Directory.EnumerateFiles(Path.Combine(node.Folder, "data"), "MANIFEST*", SearchOption.AllDirectories).First();
        var content = await File.ReadAllBytesAsync(manifest, TestContext.Current.CancellationToken);
        content[content.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(manifest, content, TestContext.Current.CancellationToken);
        await Refused("PRT-NOD-0001", [.. command, network.PassphraseFile]);

        if (OperatingSystem.IsWindows()) return;
        await Refused("PRT-NOD-0013", [.. command, Private("wrong", "wrong")]);
        File.SetUnixFileMode(Path.Combine(node.Folder, "keys", "identity.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await Refused("PRT-NOD-0011", [.. command, network.PassphraseFile]);
    }

    private static async Task Refused(string code, string[] arguments)
    {
        var refused = await Typed.Run([.. arguments, "--json"]);
        Assert.Equal((1, code), (refused.Exit, refused.Refusal));
    }

    private string Private(string name, string content)
    {
        var path = _folder.At(name);
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
