using System.Buffers.Binary;
using System.Net.Http.Json;
using System.Text.Json;
using Protean.Client;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Api;
using Protean.Node.LocalNetwork;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Histories;
using Protean.State;

namespace Protean.Cli.Chaos;

/// <summary>What must hold of a history and of the network that it was made on, once that is healed (the invariants of a unit that survives faults).</summary>
/// <param name="report">Told of every violation.</param>
internal sealed class Judgement(NetworkFolder folder, History history, Action<string> report)
{
    // Requests that are sent again to every member: drawn evenly from the history.
    private const int SomeRequests = 300, AtOnce = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200), UntilEqual = TimeSpan.FromSeconds(60);

    private readonly LinkedDirectory _directory = new(folder.Genesis);

    /// <summary>No order of operations explains what clients saw.</summary>
    public void Linearizable()
    {
        if (Linearizability.Misfit(history.All.Select(static one => one.ToOperation()).OfType<Operation<Held>>(), new Held(null)) is { } misfit)
            report($"{misfit.Key}: no order of the operations explains {misfit.Call}");
    }

    /// <summary>Every result verifies for somebody who knows no more than the genesis.</summary>
    public void Verified()
    {
        foreach (var one in history.All)
            if (one.Result?.Verify(one.Request!, _directory) is { } refusal) report($"{one.Kind} {one.Key}: the receipt does not hold: {refusal}");
    }

    /// <summary>What was acknowledged is there, or something later is.</summary>
    public async Task Kept(Network network, IReadOnlyDictionary<string, Bytes> keys, CancellationToken cancel)
    {
        var unit = network.Unit("state").UnitId;
        var least = history.All.Where(one => one.Result?.Receipt.Header.Context.UnitId == unit).Select(static one => one.Result!.Height).DefaultIfEmpty().Max();
        var held = new Dictionary<Bytes, MapEntry>();
        foreach (var some in keys.Values.Order().Chunk(Limits.MaxApiReads))
            foreach (var entry in (await network.State(unit, some, [], least, cancel)).Witness!.Proof.Entries) held[entry.Key] = entry;
        foreach (var one in history.All.Where(static one => one.IsAcknowledged && one.Kind is "write" or "set"))
        {
            var version = BinaryPrimitives.ReadUInt64LittleEndian(one.Result!.Output("version").Span);
            var entry = held.GetValueOrDefault(keys[one.Key]);
            if (entry is null || entry.Version < version || (entry.Version == version && entry.Value.ToText() != one.Value))
                report($"{one.Key}: {one.Value} was acknowledged at version {version}, and there is {entry?.Value.ToText() ?? "nothing"} at version {entry?.Version}");
        }
    }

    /// <summary>A request that is sent again, to any member, is not executed again: the result is the one that was acknowledged.</summary>
    public async Task Once(CancellationToken cancel)
    {
        using var http = new HttpClient();
        var known = history.All.Where(static one => one.Result is not null).ToArray();
        var again = known.Where((_, i) => i % Math.Max(1, known.Length / SomeRequests) == 0);
        await Parallel.ForEachAsync(again, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (one, stop) =>
        {
            var (unit, expected) = (one.Result!.Receipt.Header.Context.UnitId, one.Result.Receipt);
            foreach (var member in MembersOf(unit))
                if (await SentAgain.To(http, member, unit, one.Request!, stop) is var got && !SentAgain.IsSame(expected, got))
                    report($"{one.Kind} {one.Key}: node {member.Number} gives another result for the same request: {got?.Leaf.ToString() ?? "none"} for {expected.Leaf}");
        });
    }

    /// <summary>Members that have come to the same height have the same state, and all come to the same height.</summary>
    public async Task Equal(CancellationToken cancel)
    {
        using var http = new HttpClient();
        await Task.WhenAll(_directory.Units.Select(unit => Equal(http, unit, cancel)));
    }

    private async Task Equal(HttpClient http, UnitEntry unit, CancellationToken cancel)
    {
        for (var begun = Environment.TickCount64; ; await Task.Delay(Pause, cancel))
        {
            var said = await Task.WhenAll(MembersOf(unit.UnitId).Select(member => Status(http, member, unit.UnitId, cancel)));
            var statuses = said.OfType<StatusMessage>().ToArray();
            if (statuses.GroupBy(static status => status.ExecutedHeight).Any(static same => same.Select(static status => status.StateRoot).Distinct().Count() > 1))
                report($"{unit.Class}: members that have come to the same height differ in state: {Text(statuses)}");
            else if (statuses.FirstOrDefault(static status => status.Halted is not null) is { Halted: { } halted })
                report($"{unit.Class}: a member has stopped: {halted}");
            else if (statuses.Length < said.Length || statuses.Select(static status => status.ExecutedHeight).Distinct().Count() > 1)
            {
                if (Environment.TickCount64 - begun < UntilEqual.TotalMilliseconds) continue;
                report($"{unit.Class}: members do not come to the same height: {Text(statuses)}, {said.Length - statuses.Length} silent");
            }
            return;
        }
    }

    private IEnumerable<LocalNode> MembersOf(Digest unit) =>
        _directory.CommitteeOf(unit, 0)!.Members.Select(member => folder.Nodes.Single(node => node.Record.NodeId == member.NodeId));

    private static async Task<StatusMessage?> Status(HttpClient http, LocalNode member, Digest unit, CancellationToken cancel)
    {
        try
        {
            return await http.GetFromJsonAsync<StatusMessage>(new Uri(member.Api, $"v1/units/{unit}/status"), JsonSerializerOptions.Web, cancel);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string Text(IEnumerable<StatusMessage> statuses) =>
        string.Join(", ", statuses.Select(static status => $"height {status.ExecutedHeight} {status.StateRoot[..8]}"));
}
