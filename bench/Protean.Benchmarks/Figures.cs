using System.Diagnostics;
using System.Globalization;
using Protean.Cli;
using Protean.Cli.Lottery;
using Protean.Client;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.LocalNetwork;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.Randomness;
using Protean.Units.State;
using Protean.Wasm;
using Protean.Workflows;

namespace Protean.Benchmarks;

/// <summary>Figures of the whole system: a development network of 8 nodes in this process, each with its sockets, its database with every write
/// flushed to disk, and its HTTP API; clients share the machine with it.</summary>
internal sealed class Figures(Machine machine, bool quick)
{
    private const int Clients = 32, ValueBytes = 100;
    private static readonly NetworkShape Shape = new(NetworkShape.DefaultNodes, NetworkShape.DefaultMembers);

    /// <param name="only">One of network, writes, side-by-side, etcd, draws, reads, demo, abuse; null for all.</param>
    public static async Task Print(Machine machine, bool quick, string? only)
    {
        var figures = new Figures(machine, quick);
        bool Wanted(string name) => only is null || only == name;
        if (Wanted("network")) await figures.TellNetwork(static _ => Task.CompletedTask);
        if (Wanted("writes")) await figures.TellNetwork(figures.Writes);
        if (Wanted("side-by-side"))
            foreach (var units in new[] { 1, 2, 4 }) await figures.TellNetwork(figures.SideBySide, Shape with { StateUnits = units });
        if (Wanted("etcd")) await figures.EtcdWrites();
        if (Wanted("draws")) await figures.TellNetwork(figures.Draws);
        if (Wanted("reads")) await figures.TellNetwork(figures.Reads);
        if (Wanted("demo")) await figures.TellNetwork(figures.Demo);
        if (Wanted("abuse")) await Abuse.Print(Shape, Steadily, quick);
    }

    private Task TellNetwork(Func<RunningNetwork, Task> measure) => TellNetwork(measure, Shape);

    private Task TellNetwork(Func<RunningNetwork, Task> measure, NetworkShape shape)
    {
        var begun = Stopwatch.GetTimestamp();
        return OnNetwork(running =>
        {
            Tell("network up", Stopwatch.GetElapsedTime(begun), $"{shape.Nodes} nodes, {shape.Units.Count} units of {shape.Members}; {Resident()} MiB resident");
            return measure(running);
        }, shape);
    }

    /// <summary>A network of its own for each figure, so that none is slowed by what another left behind.</summary>
    public static Task OnNetwork(Func<RunningNetwork, Task> measure) => OnNetwork(measure, Shape);

    private static async Task OnNetwork(Func<RunningNetwork, Task> measure, NetworkShape shape)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"protean-bench-{Guid.NewGuid():N}");
        try
        {
            await using var running = await LocalNetworks.Start(
                NetworkFolder.Create(folder, shape), inProcesses: false, new Terminal(TextWriter.Null, TextWriter.Null, isJson: false), CancellationToken.None);
            await measure(running);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private async Task Writes(RunningNetwork running)
    {
        await Writes(running, inFlight: 16);
        await Writes(running, inFlight: 1);
    }

    /// <summary>Each client has its own key and its own connections, and verifies the receipt of each write.</summary>
    private async Task Writes(RunningNetwork running, int inFlight)
    {
        var networks = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => LocalNetworks.Connect(running, CancellationToken.None)));
        Session[] sessions = [.. networks.Select(static network => new Session(network, Identity.Create()))];
        await WriteFor(sessions, inFlight, TimeSpan.FromSeconds(quick ? 1 : 10)); // until everything is compiled and connected
        var window = TimeSpan.FromSeconds(quick ? 3 : 10);
        var first = await Height(networks[0]);
        var processor = Environment.CpuUsage.TotalTime;
        var (allocated, paused, full) = (GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration(), GC.CollectionCount(2));
        var times = new Latencies(await WriteFor(sessions, inFlight, window));
        var each = (Environment.CpuUsage.TotalTime - processor) / times.Count;
        var blocks = await Height(networks[0]) - first;
        Tell($"writes, {Clients} x {inFlight}", window / times.Count,
            $"{times.Count / window.TotalSeconds:0}/s, {times}, {(double)times.Count / blocks:0} in a block, {Micro.Readable(each)} of processor and {(GC.GetTotalAllocatedBytes() - allocated) / times.Count >> 10} KiB of allocations each; {(GC.GetTotalPauseDuration() - paused) / window:p0} collecting garbage, {GC.CollectionCount(0)}, {GC.CollectionCount(1)}, {GC.CollectionCount(2) - full} times all of it; {Resident()} MiB resident");
        foreach (var session in sessions) session.Identity.Dispose();
        foreach (var network in networks) network.Dispose();
    }

    /// <summary>Clients spread over all state units of the network. What a member holds: the process's memory beside what it had before the network, over
    /// all members; under load, what it grew by, over the members of state units.</summary>
    private async Task SideBySide(RunningNetwork running)
    {
        var units = running.Folder.Shape.StateUnits;
        var networks = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => LocalNetworks.Connect(running, CancellationToken.None)));
        Session[] sessions = [.. networks.Select(static network => new Session(network, Identity.Create()))];
        var atRest = Held();
        await WriteFor(sessions, 16, TimeSpan.FromSeconds(quick ? 1 : 5), units);
        var window = TimeSpan.FromSeconds(quick ? 3 : 10);
        var processor = Environment.CpuUsage.TotalTime;
        var times = new Latencies(await WriteFor(sessions, 16, window, units));
        var each = (Environment.CpuUsage.TotalTime - processor) / times.Count;
        var members = running.Folder.Shape.Units.Count * Shape.Members;
        Tell($"state units: {units}", window / times.Count,
            $"{times.Count / window.TotalSeconds:0}/s, {times}, {Micro.Readable(each)} of processor each; memory of a member: {atRest / 1024.0 / members:0.0} MiB at rest, {(Held() - atRest) / 1024.0 / (units * Shape.Members):0.0} MiB more under load");
        foreach (var session in sessions) session.Identity.Dispose();
        foreach (var network in networks) network.Dispose();
    }

    // KiB on the managed heap after a collection, clients included; the databases' buffers are beside it.
    private static long Held() => GC.GetTotalMemory(forceFullCollection: true) >> 10;

    // What the state unit is compared with, in the same run on the same disk.
    private async Task EtcdWrites()
    {
        await using var etcd = await Etcd.Start();
        if (etcd is null)
        {
            Console.WriteLine("etcd               is not installed");
            return;
        }
        foreach (var inFlight in new[] { 16, 1 }) await EtcdWrites(etcd, inFlight);
    }

    private async Task EtcdWrites(Etcd etcd, int inFlight)
    {
        dotnet_etcd.EtcdClient[] clients = [.. Enumerable.Range(0, Clients).Select(etcd.Connect)];
        var value = new string('x', ValueBytes);
        Task<IEnumerable<TimeSpan>> WriteFor(TimeSpan window) => Figures.WriteFor(
            clients, inFlight, window, client => client.PutAsync(Guid.NewGuid().ToString("N"), value));
        await WriteFor(TimeSpan.FromSeconds(quick ? 1 : 3));
        var window = TimeSpan.FromSeconds(quick ? 3 : 10);
        var (members, here) = (etcd.Processor, Environment.CpuUsage.TotalTime);
        var times = new Latencies(await WriteFor(window));
        var each = (etcd.Processor - members + Environment.CpuUsage.TotalTime - here) / times.Count;
        Tell($"etcd, {Clients} x {inFlight}", window / times.Count, $"{times.Count / window.TotalSeconds:0}/s, {times}; {Micro.Readable(each)} of processor each");
        foreach (var client in clients) client.Dispose();
    }

    // Some clients, spread over the members, each writing one entry after the other.
    private static async Task<Func<TimeSpan, Task<Latencies>>> Steadily(RunningNetwork running)
    {
        var networks = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => LocalNetworks.Connect(running, CancellationToken.None)));
        Session[] sessions = [.. networks.Select(static network => new Session(network, Identity.Create()))];
        return async window => new Latencies(await WriteFor(sessions, inFlight: 1, window));
    }

    private static async Task<ulong> Height(Network network) => (await network.Head(network.Unit("state").UnitId)).Header.Height;

    private static Task<IEnumerable<TimeSpan>> WriteFor(Session[] sessions, int inFlight, TimeSpan window, int stateUnits = 1)
    {
        var value = Bytes.Wrap(new byte[ValueBytes]);
        return WriteFor(sessions, inFlight, window, async session =>
        {
            var key = UserKeys.Full(session.Identity.PublicKey, Guid.NewGuid().ToByteArray());
            var unit = session.Network.Unit(PlanVerifier.StateClass, (uint)(Array.IndexOf(sessions, session) % stateUnits));
            (await session.Write([new Change(key, null, value)], unit)).RequireOk();
        });
    }

    /// <returns>How long each write took.</returns>
    private static async Task<IEnumerable<TimeSpan>> WriteFor<T>(T[] clients, int inFlight, TimeSpan window, Func<T, Task> write)
    {
        var begun = Stopwatch.GetTimestamp();
        var writers = clients.SelectMany(client => Enumerable.Range(0, inFlight).Select(async _ =>
        {
            await Task.Yield();
            var times = new List<TimeSpan>();
            while (Stopwatch.GetElapsedTime(begun) < window)
            {
                var sent = Stopwatch.GetTimestamp();
                await write(client);
                times.Add(Stopwatch.GetElapsedTime(sent));
            }
            return times;
        }));
        return (await Task.WhenAll(writers)).SelectMany(static times => times);
    }

    private async Task Draws(RunningNetwork running)
    {
        using var network = await LocalNetworks.Connect(running, CancellationToken.None);
        using var identity = Identity.Create();
        var session = new Session(network, identity);
        var unit = network.Unit("randomness");
        var times = new List<TimeSpan>();
        var (warm, count) = (quick ? 20 : 50, quick ? 50 : 200);
        Result? last = null;
        for (var i = 0; i < warm + count; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            last = (await session.Call(unit, RandomnessTransactions.Draw.Name, [new(RandomnessTransactions.About, Values.OfU64((ulong)i))])).RequireOk();
            if (i >= warm) times.Add(Stopwatch.GetElapsedTime(sent));
        }
        var latencies = new Latencies(times);
        Tell("draw", latencies.At(0.5), $"{latencies} over {latencies.Count}");
        Tell("receipt verified", Micro.Time(quick ? 50 : 500, () => Verify(last!.Receipt, network.Directory)), $"with the {last!.Receipt.Seal.Certificate.Signatures.Count} signatures of its seal");
    }

    /// <summary>Reads of one secret by its reader, from the request to the plaintext.</summary>
    private async Task Reads(RunningNetwork running)
    {
        using var network = await LocalNetworks.Connect(running, CancellationToken.None);
        using var identity = Identity.Create();
        var vault = await Vault.Open(new Session(network, identity));
        var policy = await vault.CreatePolicy(Protean.Units.PrivateStorage.PolicyExpression.OfKeys(identity.PublicKey));
        var secret = await vault.Put(new byte[ValueBytes], policy.Id);
        var times = new List<TimeSpan>();
        var (warm, count) = (quick ? 20 : 50, quick ? 50 : 200);
        for (var i = 0; i < warm + count; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            await vault.Get(secret);
            if (i >= warm) times.Add(Stopwatch.GetElapsedTime(sent));
        }
        var latencies = new Latencies(times);
        Tell("read of a secret", latencies.At(0.5), $"{latencies} over {latencies.Count}");
        var begun = Stopwatch.GetTimestamp();
        var audit = Canonical.Encode(await vault.Audit(secret));
        var exported = Stopwatch.GetElapsedTime(begun);
        begun = Stopwatch.GetTimestamp();
        if (Protean.Client.Audit.AuditVerifier.Verify(audit, network.ChainId, out var trail) is { } refusal) throw new RefusedException(refusal);
        Tell("audit verified", Stopwatch.GetElapsedTime(begun), $"{trail!.Trail.Count} reads, {audit.Length >> 10} KiB; exported in {exported.TotalMilliseconds:0} ms");
    }

    private static void Verify(Receipt receipt, IDirectory directory)
    {
        var context = receipt.Header.Context;
        var claim = new ReceiptClaim(context.UnitId, context.Epoch, context.Epoch, receipt.Leaf.Function);
        if (new ReceiptVerifier(directory, Ed25519Scheme.Instance, new VerifiedSeals()).Verify(receipt, claim) is { } refusal)
            throw new InvalidOperationException(refusal.ToString());
    }

    private async Task Demo(RunningNetwork running)
    {
        var participants = quick ? 100 : 1_000;
        using var network = await LocalNetworks.Connect(running, CancellationToken.None);
        using var organizer = Identity.Create();
        using var demo = new LotteryDemo(network, organizer, LotteryVariant.Randomness, participants, new Terminal(TextWriter.Null, Console.Error, isJson: false));
        var begun = Stopwatch.GetTimestamp();
        var result = await demo.Play(CancellationToken.None);
        var sold = result.Holdings.Count(static holding => holding.HasTicket);
        Tell("demo", Stopwatch.GetElapsedTime(begun), $"{participants} participants, {sold} tickets; {Resident()} MiB resident");
        using var engine = new WasmEngine();
        begun = Stopwatch.GetTimestamp();
        var report = ProofVerifier.Verify(result.Proof, network.ChainId, engine);
        Tell("proof", Stopwatch.GetElapsedTime(begun), $"{report.Lines.Count} checks, {result.Proof.Length / 1024} KiB, {(report.Failed is null ? "holds" : "does not hold")}");
    }

    private void Tell(string what, TimeSpan time, FormattableString more) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-18}{Micro.Readable(time),12}{machine.InVerifications(time),12:0.0} verifications   ") + more.ToString(CultureInfo.InvariantCulture));

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 >> 20;
    }
}
