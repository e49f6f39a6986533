using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;

namespace Protean.Cli.Simulation;

/// <summary>Runs the seeds of a campaign: each on one thread, several side by side.</summary>
/// <param name="units">See <see cref="Workloads"/>.</param>
public sealed class CampaignRunner(RunSettings settings, string units, CancellationToken cancel = default)
{
    private readonly Lock _lock = new();

    /// <summary>Stops soon after a violation; all lower seeds have run then, so the violation of the lowest seed is the one reported.</summary>
    /// <param name="report">Called with each run.</param>
    /// <param name="readable">Keep the end of every run's trace.</param>
    public Campaign Run(ulong first, ulong last, Action<RunReport>? report = null, bool readable = false)
    {
        var campaign = new Campaign(settings);
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For((long)first, (long)last + 1, options, (seed, loop) =>
        {
            if (loop.ShouldExitCurrentIteration && loop.LowestBreakIteration < seed) return;
            var run = UnitRun.Of((ulong)seed, settings, Workloads.For(units, (ulong)seed), readable);
            lock (_lock)
            {
                campaign.Add(run);
                report?.Invoke(run);
            }
            if (run.Violation is not null) loop.Break();
        });
        return campaign;
    }
}
