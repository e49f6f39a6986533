using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Protean.Node.Keys;
using Protean.Runtime;

namespace Protean.Node.LocalNetwork;

/// <summary>A node as its own operating-system process. It stops when its standard input ends, so it never outlives this process.</summary>
public sealed partial class NodeProcess : INodeRun
{
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(20);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    // POSIX leaves the numbers to the system.
    private static readonly int SigStop = OperatingSystem.IsMacOS() ? 17 : 19, SigContinue = OperatingSystem.IsMacOS() ? 19 : 18;

    private readonly Process _process;
    private readonly LocalNode _node;
    private readonly Task _logging;
    private volatile bool _stopping;

    private NodeProcess(Process process, LocalNode node)
    {
        (_process, _node) = (process, node);
        _logging = CopyLog(process.StandardError, node.LogFile);
        Ended = Watch();
    }

    public Task Ended { get; }

    /// <summary>What the process holds of memory now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? 0 : _process.WorkingSet64;
        }
    }

    /// <summary>Starts the node and waits until it listens.</summary>
    /// <param name="command">What runs `protean`: a program and its first arguments.</param>
    /// <exception cref="RefusedException">As the node itself refuses.</exception>
    public static async Task<NodeProcess> StartAsync(IReadOnlyList<string> command, NetworkFolder network, LocalNode node, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), "node", "--config", node.ConfigurationFile, "--until-input-ends", "--json"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment[Passphrase.FileVariable] = network.PassphraseFile;
        var run = new NodeProcess(Process.Start(start)!, node);
        try
        {
            var line = await run._process.StandardOutput.ReadLineAsync(cancel);
            if (RefusalIn(line, node) is { } refusal) throw new RefusedException(refusal);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the process where it stands, as a machine that loses power does but for what the system had yet to write: SIGKILL.</summary>
    public async Task KillAsync()
    {
        _stopping = true;
        _process.Kill();
        await DisposeAsync();
    }

    /// <summary>Stops the process in the middle of what it does, without its knowing: SIGSTOP.</summary>
    public void Pause() => Signal(SigStop);

    /// <summary>Lets a paused process go on: SIGCONT.</summary>
    public void Resume() => Signal(SigContinue);

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _process.StandardInput.Close();
        using (var patience = new CancellationTokenSource(TimeToStop))
        {
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }
        await _logging;
        await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    private void Signal(int signal)
    {
        if (Kill(_process.Id, signal) != 0)
            throw new RefusedException(LocalRefusals.NodeEnded(_node.Number, $"signal {signal}: {Marshal.GetLastPInvokeErrorMessage()}"));
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    // The node says one JSON object: that it is up, or why not.
    private static Refusal? RefusalIn(string? line, LocalNode node)
    {
        try
        {
            using var said = JsonDocument.Parse(line ?? "");
            return said.RootElement.TryGetProperty("refusal", out var refusal) ? refusal.Deserialize<Refusal>(Json) : null;
        }
        catch (JsonException)
        {
            return LocalRefusals.NodeEnded(node.Number, line is null ? $"it ended at once; see {node.LogFile}" : line);
        }
    }

    private static async Task CopyLog(StreamReader from, string path)
    {
        await using var log = new StreamWriter(path, append: true) { AutoFlush = true };
        while (await from.ReadLineAsync() is { } line) await log.WriteLineAsync(line);
    }

    private async Task Watch()
    {
        await _process.WaitForExitAsync();
        if (!_stopping) throw new RefusedException(LocalRefusals.NodeEnded(_node.Number, $"exit code {_process.ExitCode}; see {_node.LogFile}"));
    }
}
