using System.Diagnostics;
using Protean.Client;
using Protean.Client.Api;
using Protean.Membership;
using Protean.Node.LocalNetwork;

namespace Protean.Cli.Chaos;

/// <summary>Measures how long units take to seal again.</summary>
internal sealed class Recovery(NetworkFolder folder) : IDisposable
{
    /// <summary>After healing every unit seals again within this time (four members; default timers).</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new() { Timeout = Patience };
    private readonly LinkedDirectory _directory = new(folder.Genesis);

    /// <summary>How long each unit takes from now to a seal of a block made from now on.</summary>
    /// <returns>No less than <see cref="Patience"/> where a unit does not come back.</returns>
    public async Task<IReadOnlyList<(string Unit, TimeSpan Took)>> Measure(CancellationToken cancel)
    {
        var (begun, now) = (Stopwatch.GetTimestamp(), (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 1);
        return await Task.WhenAll(_directory.Units.Select(async unit =>
        {
            using var first = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            first.CancelAfter(Patience);
            var members = _directory.CommitteeOf(unit.UnitId, 0)!.Members.Select(member => folder.Nodes.Single(node => node.Record.NodeId == member.NodeId));
            // A seal is the word of a quorum, whichever member shows it.
            await Task.WhenAny(members.Select(member => UntilSealed(new NodeApi(_http, member.Api), unit, now, first.Token)));
            var took = Stopwatch.GetElapsedTime(begun);
            await first.CancelAsync();
            cancel.ThrowIfCancellationRequested();
            return (unit.Class, took);
        }));
    }

    public void Dispose() => _http.Dispose();

    private static async Task UntilSealed(NodeApi member, UnitEntry unit, ulong timeMs, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
            try
            {
                await member.Head(unit.UnitId, 0, timeMs, Hold, cancel);
                return;
            }
            catch (Exception notYet) when (notYet is RefusedException or HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(100, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }
}
