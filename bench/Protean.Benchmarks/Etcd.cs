using System.Diagnostics;
using System.Globalization;
using dotnet_etcd;
using Grpc.Core;
using Protean.Node.LocalNetwork;

namespace Protean.Benchmarks;

/// <summary>A cluster of three etcd members on this machine, written to as the state unit is: as many clients, as many writes in flight, values as long,
/// every write flushed to disk. It tolerates a crashed member where the state unit tolerates a lying one, and nobody verifies what it answers.</summary>
internal sealed class Etcd : IAsyncDisposable
{
    private const int Members = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"protean-bench-etcd-{Guid.NewGuid():N}");
    private readonly List<Process> _processes = [];
    private readonly string[] _clientUrls = Urls();

    /// <summary>Null where etcd is not installed (Debian: etcd-server).</summary>
    public static async Task<Etcd?> Start()
    {
        var etcd = new Etcd();
        try
        {
            etcd.StartMembers();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            await etcd.DisposeAsync();
            return null;
        }
        using var client = new EtcdClient(etcd._clientUrls[0]);
        var begun = Stopwatch.GetTimestamp();
        while (!await IsUp(client))
            if (Stopwatch.GetElapsedTime(begun) > Patience) throw new InvalidOperationException($"etcd is not up after {Patience.TotalSeconds} s; its files are in {etcd._folder}");
        return etcd;
    }

    /// <summary>Processor time of all members so far.</summary>
    public TimeSpan Processor => _processes.Aggregate(TimeSpan.Zero, static (sum, process) =>
    {
        process.Refresh();
        return sum + process.TotalProcessorTime;
    });

    /// <param name="index">Clients spread over the members.</param>
    public EtcdClient Connect(int index) => new(_clientUrls[index % Members]);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private void StartMembers()
    {
        var peers = Urls();
        var cluster = string.Join(',', peers.Select(static (url, i) => $"m{i}={url}"));
        for (var i = 0; i < Members; i++)
        {
            string[] arguments =
            [
                "--name", $"m{i}", "--data-dir", Path.Combine(_folder, $"m{i}"), "--listen-client-urls", _clientUrls[i], "--advertise-client-urls", _clientUrls[i],
                "--listen-peer-urls", peers[i], "--initial-advertise-peer-urls", peers[i], "--initial-cluster", cluster, "--initial-cluster-state", "new",
                "--logger", "zap", "--log-level", "fatal",
            ];
            _processes.Add(Process.Start(new ProcessStartInfo("etcd", arguments))!);
        }
    }

    private static async Task<bool> IsUp(EtcdClient client)
    {
        try
        {
            await client.PutAsync("up", "1", deadline: DateTime.UtcNow.AddSeconds(1));
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private static string[] Urls() =>
        [.. LoopbackPorts.Pick(Members).Select(static port => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"))];
}
