using System.Globalization;
using Protean.Client;
using Protean.Client.Api;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units.Randomness;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>Workflows that are bound to rounds of the beacon.</summary>
[Collection(OnALiveNetwork.Name)]
public sealed class BeaconTests(LiveNetwork live) : LiveTests(live)
{
    private const string Text = """
        name: raffle
        params: {round: u64}
        workflows:
          decide:
            steps:
              - id: draw
                run: randomness.draw
                auth: anyone
                scope: instance
                with: {about: {beacon: "${params.round}"}}
                when: {beacon: {round: "${params.round}"}}
        """;

    private Beacon Beacon => Protean.Units.Randomness.Beacon.Of(Live.Network.Directory.Genesis)!;
    private Digest Unit => Live.Network.Unit("randomness").UnitId;

    [Fact]
    public async Task A_workflow_bound_to_a_round_waits_for_it_and_then_runs_on_its_value()
    {
        var (user, round) = (Live.Users(1)[0], await RoundAfter(TimeSpan.FromSeconds(4)));
        var plan = await user.Compile(await Raffle(round), "decide", Cancel);

        var result = (await user.Begin(plan, []).Complete(Cancel)).RequireSuccess();

        var (request, receipt) = (result.Find("draw")!.Request, result.Find("draw")!.Result.Receipt);
        var shown = Assert.Single(request.Proofs.Beacons);
        Assert.Equal(round, shown.Round);
        Assert.True(receipt.Header.TimeMs >= Beacon.TimeOf(round));
        Assert.Equal(RequestDigests.Inputs([new NamedValue("about", shown.Value)]), receipt.Leaf.InputsDigest);
    }

    [Fact]
    public async Task A_member_says_which_round_is_wanted_and_which_it_has_come_to()
    {
        var round = await RoundAfter(TimeSpan.FromDays(1));
        using var http = new HttpClient();
        var member = new NodeApi(http, Live.MembersOf(Unit)[0].Local.Api);
        var early = (await Assert.ThrowsAsync<RefusedException>(() => member.Query(Unit, BeaconRecord.Function, Values.OfU64(round), Cancel))).Refusal;
        Explained("PRT-RND-0102", early);
        Assert.True(early.Retry);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"round {round}, due at {Beacon.TimeOf(round)} "), early.Expected, StringComparison.Ordinal);
        Assert.StartsWith("the next is round ", early.Got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_round_than_the_one_that_is_bound_is_refused()
    {
        var (user, round) = (Live.Users(1)[0], await RoundAfter(TimeSpan.Zero));
        var plan = await user.Compile(await Raffle(round), "decide", Cancel);
        var (right, next) = (await Live.Network.BeaconRound(Unit, round, Cancel), await Live.Network.BeaconRound(Unit, round + 1, Cancel));
        Assert.NotEqual(right.Value, next.Value);
        await Refused("PRT-ADM-0010", Showing(next));
        await Refused("PRT-ADM-0021", Showing(next with { Round = round }));
        await Refused("PRT-ADM-0021", Showing(right with { Value = next.Value }));
        Assert.Equal(ValueLength, (await Live.Network.Submit(Showing(right), Cancel)).Output("value").Length);

        Request Showing(BeaconRecord record) => new Request.Planned(plan, 0, 0, [], [], Proofs.None with { Beacons = [record] });
    }

    [Fact]
    public async Task A_round_before_the_first_is_refused_at_once()
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Live.Network.BeaconRound(Unit, 0, Cancel));
        Explained("PRT-RND-0103", refused.Refusal);
    }

    private const int ValueLength = 64;

    /// <summary>A round that is not due before this much of block time has passed.</summary>
    private async Task<ulong> RoundAfter(TimeSpan time) =>
        Beacon.RoundAfter((await Live.Network.Head(Unit, cancel: Cancel)).Header.TimeMs + (ulong)time.TotalMilliseconds);

    private async Task<Instance> Raffle(ulong round) =>
        await LiveNetwork.Instantiate(Live.Organizer, "raffle", await Live.Deploy(Text), new NamedValue("round", Values.OfU64(round)));
}
