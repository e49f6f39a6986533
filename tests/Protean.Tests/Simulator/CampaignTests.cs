using System.Diagnostics;
using Protean.Cli.Simulation;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;
using Protean.Units;
using Xunit;

namespace Protean.Tests.Simulator;

/// <summary>Runs drawn from seeds: every fault at once, then a network that heals. Small committees here; `tests/campaign` runs more, and larger
/// ones.</summary>
public sealed class CampaignTests
{
    private const int Seeds = Campaign.EnoughToSee, RealSeeds = 18;
    private static readonly RunSettings Small = new(4, Faults.All);

    [Fact]
    public void Every_invariant_holds_under_all_faults_and_all_faults_and_messages_happen()
    {
        var reports = new List<RunReport>();
        var campaign = new CampaignRunner(Small, Workloads.Consensus).Run(1, Seeds, reports.Add);
        Assert.True(campaign.Violation is null, $"{campaign.Violation?.Violation} of seed {campaign.Violation?.Seed}");
        Assert.Empty(campaign.Blind(withKeys: false));
        foreach (var lost in new[] { "fault/older-disk", "fault/lying-client", "message/FinalizedRun", "message/malformed" })
            Assert.Equal([lost], Without(lost, reports).Blind(withKeys: false));
    }

    [Fact]
    public void Every_unit_of_the_catalog_keeps_every_invariant_with_real_cryptography()
    {
        var units = Enumerable.Range(1, RealSeeds).Select(seed => Workloads.For(Workloads.All, (ulong)seed)().Unit.Name);
        Assert.Equal(Catalog.Published.Select(static unit => unit.Class).Order(), units.Distinct().Order());
        var campaign = new CampaignRunner(Small, Workloads.All).Run(1, RealSeeds);
        Assert.True(campaign.Violation is null, $"{campaign.Violation?.Violation} of seed {campaign.Violation?.Seed}");
    }

    [Fact]
    public void One_faulty_member_too_many_is_noticed()
    {
        var settings = new RunSettings(4, [Faults.Equivocate], Faulty: 2);
        var campaign = new CampaignRunner(settings, Workloads.Consensus).Run(1, 100);
        Assert.Equal(Invariants.Agreement, campaign.Violation?.Violation?.Invariant);
        Assert.NotEmpty(campaign.Violation!.Lines);
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace_in_two_processes_and_another_seed_another()
    {
        var (first, second) = (TracesOf("1..8"), TracesOf("1..8"));
        Assert.Equal(8, first.Distinct().Count());
        Assert.Equal(first, second);
    }

    [Fact]
    public void A_run_of_chosen_faults_has_no_others()
    {
        var settings = new RunSettings(4, [Faults.Loss, Faults.Crash]);
        var campaign = new CampaignRunner(settings, Workloads.Consensus).Run(1, 20);
        Assert.Null(campaign.Violation);
        string[] faults = [.. campaign.Counts.Keys.Where(name => name.StartsWith("fault/", StringComparison.Ordinal))];
        Assert.Equal(["fault/crash", "fault/loss", "fault/restart"], faults);
    }

    // The campaign as it would be had one kind never fired.
    private static Campaign Without(string name, List<RunReport> reports)
    {
        var campaign = new Campaign(Small);
        foreach (var report in reports)
            campaign.Add(report with { Counts = report.Counts.Where(pair => pair.Key != name).ToDictionary() });
        return campaign;
    }

    private static string[] TracesOf(string seeds)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Protean.Cli.dll"), "simulate", "--seeds", seeds, "--trace"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return [.. lines.Where(line => line.StartsWith("seed ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }
}
