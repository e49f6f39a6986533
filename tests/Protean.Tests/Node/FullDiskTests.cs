using System.Diagnostics;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Node;
using Protean.Node.LocalNetwork;
using Protean.Node.Storage;
using Protean.Runtime;
using Xunit;

namespace Protean.Tests.Node;

/// <summary>A disk with no room left, as small file systems in memory are: where this user may mount one.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private string? _mounted;

    public void Dispose()
    {
        if (_mounted is not null) Run("umount", _mounted);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_full_disk_is_told_by_name_loses_nothing_that_was_flushed_and_goes_on_with_room()
    {
        Mount(_folder.At("disk"), "24m");
        var (data, ballast) = (_folder.At("disk/data"), _folder.At("disk/ballast"));
        await File.WriteAllBytesAsync(ballast, new byte[12 << 20], TestContext.Current.CancellationToken);
        var flushed = 0;
        using (var database = RocksDatabase.Open(data, Digest.Zero, Digest.Zero))
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => Fill(database.StoreFor("member"u8), () => flushed++));
            Assert.Equal("PRT-NOD-0005", refused.Refusal.Code);
            Assert.NotEmpty(refused.Refusal.Advice);
            Assert.Equal("PRT-NOD-0005", (await Assert.ThrowsAsync<RefusedException>(() => database.Failed)).Refusal.Code);
        }
        Assert.InRange(flushed, 1, int.MaxValue);
        File.Delete(ballast);
        using var again = RocksDatabase.Open(data, Digest.Zero, Digest.Zero);
        var store = again.StoreFor("member"u8);
        for (var i = 0; i < flushed; i++) Assert.NotNull(store.Get(BitConverter.GetBytes(i)));
        store.Write(Of(flushed));
        await store.FlushAsync();
    }

    [Fact]
    public async Task A_node_on_a_full_disk_ends_with_exit_code_1_and_says_what_to_do()
    {
        var network = NetworkFolder.Create(_folder.At("network"), NetworkShape.Of(4, 4));
        var node = network.Nodes[0];
        Mount(_folder.At("disk"), "1m");
        var data = Directory.CreateDirectory(_folder.At("disk/data")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(node.Folder, "data"), data);
        await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(_folder.At("disk/ballast"), new byte[2 << 20], TestContext.Current.CancellationToken));
        string[] command = [Path.Combine(AppContext.BaseDirectory, "Protean.Cli.dll"), "node", "--config", node.ConfigurationFile, "--passphrase-file", network.PassphraseFile];
        using var process = Process.Start(new ProcessStartInfo("dotnet", command) { RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("PRT-NOD-0005", said, StringComparison.Ordinal);
        Assert.Contains("Make room", said, StringComparison.Ordinal);
    }

    private void Mount(string path, string size)
    {
        Directory.CreateDirectory(path);
        var mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path);
        Assert.SkipUnless(mounted, "no file system can be mounted here");
        _mounted = path;
    }

    private static async Task Fill(RocksStore store, Action flushed)
    {
        for (var i = 0; ; i++)
        {
            store.Write(Of(i));
            await store.FlushAsync();
            flushed();
        }
    }

    private static StoreBatch Of(int number)
    {
        var value = new byte[64 << 10];
        new Random(number).NextBytes(value);
        var batch = new StoreBatch();
        batch.Put(Bytes.Wrap(BitConverter.GetBytes(number)), value);
        return batch;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
