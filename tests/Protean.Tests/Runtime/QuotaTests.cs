using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator;
using Protean.State;
using Protean.Tests.Workflows;
using Xunit;

namespace Protean.Tests.Runtime;

/// <summary>What one client may ask of a unit, so that others are served too (protocols 8.4).</summary>
public sealed class QuotaTests
{
    private readonly Requests _requests = new();
    private readonly MapEdit _replay = new StateMap(new InMemoryStore(), UnitState.ReplayMap).Edit();

    [Fact]
    public void A_client_whose_requests_were_refused_too_often_after_their_execution_waits_for_the_next_window_and_others_do_not()
    {
        var cluster = new UnitCluster(seed: 31, size: 4, new CountingUnit());
        for (var i = 0; i < Limits.RefusedPerWindow; i++) Refused("TST-0002", cluster.Ask(1 + (i % 4), TooMuch(cluster, (ulong)i)));
        foreach (var member in new[] { 1, 2, 3, 4 })
        {
            var refusal = Refused("PRT-ADM-0028", cluster.Ask(member, Add(cluster, 100)));
            Assert.True(refusal.Retry);
            Assert.Equal($"{Limits.RefusedPerWindow} refused requests", refusal.Got);
            Assert.StartsWith($"at most {Limits.RefusedPerWindow} until time ", refusal.Expected, StringComparison.Ordinal);
        }
        cluster.Client = SigningKey.FromSeed(Hash.H("test/other client", []).Span);
        cluster.Done(1, Add(cluster, 1));
        cluster.Client = UnitCluster.DefaultClient;
        cluster.Simulation.RunFor(TimeSpan.FromMilliseconds(Limits.QuotaWindowMs));
        cluster.Done(2, Add(cluster, 101));
    }

    [Fact]
    public void Whoever_sends_another_clients_request_again_uses_up_nothing_of_that_client()
    {
        var cluster = new UnitCluster(seed: 32, size: 4, new CountingUnit());
        var request = TooMuch(cluster, 1);
        for (var i = 0; i <= Limits.RefusedPerWindow; i++)
        {
            cluster.Submit(1 + (i % 4), request);
            cluster.Simulation.RunFor(TimeSpan.FromSeconds(1));
        }
        cluster.Done(1, Add(cluster, 2));
    }

    [Fact]
    public void A_client_has_a_share_of_what_a_member_answers_at_once()
    {
        var cluster = new UnitCluster(seed: 33, size: 4, new CountingUnit());
        for (var nonce = 0ul; nonce < Limits.MaxWaitingOfClient; nonce++) Assert.Null(cluster.Answer(1, cluster.Submit(1, Add(cluster, nonce))));
        var refusal = Refused("PRT-RUN-0006", cluster.Answer(1, cluster.Submit(1, Add(cluster, 9999)))!);
        Assert.True(refusal.Retry);
        Assert.Null(cluster.Answer(2, cluster.Submit(2, Add(cluster, 9999))));
        cluster.Client = SigningKey.FromSeed(Hash.H("test/other client", []).Span);
        Assert.Null(cluster.Answer(1, cluster.Submit(1, Add(cluster, 1))));
        cluster.Client = UnitCluster.DefaultClient;
        cluster.Simulation.RunFor(TimeSpan.FromSeconds(20));
        cluster.Done(1, Add(cluster, 9998));
    }

    [Fact]
    public void Direct_requests_of_a_client_are_so_many_in_a_window_of_block_time()
    {
        const ulong TimeMs = (3 * Limits.QuotaWindowMs) + 1;
        var write = _requests.Sign(_requests.Write(), _requests.Context("state"));
        Quotas.CountDone(_replay, Quota.OfDirect(TestNetwork.Client.PublicKey, TimeMs), 1, TimeMs);
        Requests.Admitted(write, Context("state", TimeMs));
        var count = Assert.Single(_replay.Scan(Bytes.Of("@d/")));
        _replay.Put(count with { Value = Bytes.Wrap(Canonical.Encode(new Usage(Limits.DirectPerWindow, []))) });
        Requests.RefusedOnlyBy("PRT-ADM-0027", write, Context("state", TimeMs));
        var refusal = Assert.IsType<AdmissionDecision.Refused>(Requests.Judge(write, Context("state", TimeMs))).Refusal;
        Assert.Equal($"at most {Limits.DirectPerWindow} until {4 * Limits.QuotaWindowMs} ms of block time", refusal.Expected);
        Assert.True(refusal.Retry);
        Requests.Admitted(write, Context("state", 4 * Limits.QuotaWindowMs));
    }

    [Fact]
    public void A_step_is_refused_so_often_and_what_anybody_sends_uses_up_nothing_of_the_plans_client()
    {
        var (draw, context) = (_requests.Draw(), Context("randomness", 3000));
        var signed = _requests.Sign(draw, context);
        Refuse(draw, isSigned: false, Limits.RefusedPerStep - 1);
        Requests.Admitted(draw, context);
        Refuse(draw, isSigned: false, Limits.RefusedPerStep);
        Requests.RefusedOnlyBy("PRT-ADM-0029", draw, context);
        Requests.Admitted(signed, context);
        Refuse(draw, isSigned: true, Limits.RefusedPerStep);
        Requests.RefusedOnlyBy("PRT-ADM-0029", signed, context);
        Requests.Admitted(_requests.Draw(_requests.Plan("reveal", nonce: 2)), context);

        Quotas.Prune(_replay, draw.Plan.Plan.LastEpoch);
        Assert.Equal(2, _replay.Scan(Bytes.Of("@s/")).Count());
        Quotas.Prune(_replay, draw.Plan.Plan.LastEpoch + 1);
        Assert.Equal(Digest.Zero, _replay.Root);
    }

    [Fact]
    public void Counts_of_past_windows_go_as_new_ones_come()
    {
        for (var window = 0ul; window < 10; window++)
            for (var client = 0; client < 3; client++)
            {
                var timeMs = window * Limits.QuotaWindowMs;
                var key = SigningKey.FromSeed(Hash.H("client", [(byte)client]).Span).PublicKey;
                Quotas.CountDone(_replay, Quota.OfDirect(key, timeMs), 1, timeMs);
                Assert.InRange(_replay.Scan(Bytes.Of("@d/")).Count(), 1, 6);
            }
    }

    private AdmissionContext Context(string unit, ulong timeMs) => _requests.Context(unit, timeMs) with { Replay = _replay };

    private void Refuse(Request.Planned request, bool isSigned, int times)
    {
        for (var i = 0; i < times; i++)
            Quotas.CountRefused(_replay, Quota.OfStep(request.Plan.Plan, request.StepIndex, isSigned), Hash.H("request", [(byte)i]), 1, 1);
    }

    private static Bytes Add(UnitCluster cluster, ulong nonce) => cluster.Direct("add", nonce, new NamedValue("amount", CountingUnit.U64(1)));

    private static Bytes TooMuch(UnitCluster cluster, ulong nonce) =>
        cluster.Direct("add", nonce, new NamedValue("amount", CountingUnit.U64(ulong.MaxValue)));

    private static Refusal Refused(string code, Reply reply)
    {
        var refusal = Assert.IsType<Reply.Refused>(reply).Refusal;
        Assert.Equal(code, refusal.Code);
        return refusal;
    }
}
