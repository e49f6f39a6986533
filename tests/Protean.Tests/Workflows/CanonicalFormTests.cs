using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Tests.Runtime;
using Protean.Workflows;
using Xunit;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Tests.Workflows;

public sealed class CanonicalFormTests
{
    private static readonly Gen<string> Names = Gen.Char['a', 'f'].Array[1, 3].Select(chars => new string(chars));
    private static readonly Gen<Bound> Bounds = Gen.OneOf<Bound>(Gen.ULong.Select(value => (Bound)new Bound.Fixed(value)),
        Names.Select(name => (Bound)new Bound.Parameter(name)));
    private static readonly Gen<KeyTemplate> Keys = Gen.OneOf<KeyPart>(
        Gen.Byte.Array[0, 4].Select(bytes => (KeyPart)new KeyPart.Fixed(new Bytes(bytes))),
            Names.Select(name => (KeyPart)new KeyPart.Parameter(name)),
        Gen.Const((KeyPart)new KeyPart.Instance()), Gen.UShort.Select(unit => (KeyPart)new KeyPart.Unit(unit))).Array[0, 4].Select(parts =>
            new KeyTemplate(parts));

    private static Gen<Barrier> Barriers(int nesting)
    {
        var flat = Gen.OneOf<Barrier>(
            Gen.Select(Gen.UShort, Bounds, (unit, bound) => (Barrier)new Barrier.AfterHeight(unit, bound)),
                Gen.Select(Gen.UShort, Bounds, (unit, bound) => (Barrier)new Barrier.AfterTime(unit, bound)),
            Gen.Select(Gen.UShort, Bounds, (unit, bound) => (Barrier)new Barrier.BeforeHeight(unit, bound)),
                Gen.Select(Gen.UShort, Bounds, (unit, bound) => (Barrier)new Barrier.BeforeTime(unit, bound)),
            Gen.Select(Gen.UShort, Keys, (unit, key) => (Barrier)new Barrier.StateIs(unit, key, Hash.H("v", []))),
                Gen.Select(Gen.UShort, Bounds, (unit, bound) => (Barrier)new Barrier.BeaconDue(unit, bound)));
        if (nesting == 0) return flat;
        var terms = Barriers(nesting - 1).Array[1, 3];
        return Gen.OneOf(flat, terms.Select(inner => (Barrier)new Barrier.And(inner)),
            terms.Select(inner => (Barrier)new Barrier.Or(inner)));
    }

    [Fact]
    public void Barriers_are_read_as_they_were_written() => Barriers(Limits.MaxNesting).Sample(RoundTrips);

    [Fact]
    public void Sources_are_read_as_they_were_written() => Gen.OneOf<Source>(
        Gen.Byte.Array[0, 9].Select(bytes => (Source)new Source.Constant(new Bytes(bytes))),
            Names.Select(name => (Source)new Source.Parameter(name)), Names.Select(name => (Source)new Source.Client(name)),
        Gen.Select(Gen.UShort, Names, (step, name) => (Source)new Source.Output(step, name)), Gen.Select(Gen.UShort, Keys, (unit, key) =>
            (Source)new Source.State(unit, key)),
        Gen.Select(Gen.UShort, Keys, (unit, key) => (Source)new Source.StatePrefix(unit, key)),
            Gen.Select(Gen.UShort, Bounds, (unit, round) => (Source)new Source.Beacon(unit, round))).Sample(RoundTrips);

    [Fact]
    public void Barriers_nested_too_deep_are_refused()
    {
        Barrier barrier = new Barrier.AfterTime(0, new Bound.Fixed(1));
        for (var i = 0; i < Limits.MaxNesting; i++) barrier = new Barrier.And([barrier]);
        Assert.Equal(barrier, Canonical.Decode<Barrier>(Canonical.Encode(barrier)));
        Assert.Throws<MalformedException>(() => Canonical.Decode<Barrier>(Canonical.Encode<Barrier>(new Barrier.Or([barrier]))));
    }

    [Fact]
    public void Requests_are_read_as_they_were_written()
    {
        var requests = new Requests();
        foreach (var request in new Request[] { requests.Pay(), requests.Commit(), requests.Draw(), requests.Write() })
        {
            var bytes = Canonical.Encode(request);
            Assert.Equal(bytes, Canonical.Encode(Canonical.Decode<Request>(bytes)));
        }
    }

    [Fact]
    public void Spoiled_requests_are_malformed_or_requests_and_nothing_else()
    {
        var requests = new Requests();
        byte[][] good = [Canonical.Encode<Request>(requests.Pay()), Canonical.Encode<Request>(requests.Commit()),
            Canonical.Encode<Request>(requests.Draw()), Canonical.Encode<Request>(requests.Write())];
        var context = requests.Context("execution");
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Int[0, 8]).Sample((which, at, value, cut) =>
        {
            var bytes = good[which][..(good[which].Length - (cut > 6 ? at % good[which].Length : 0))];
            if (bytes.Length > 0) bytes[at % bytes.Length] ^= value;
            try
            {
                var request = Canonical.Decode<Request>(bytes);
                Assert.Equal(bytes, Canonical.Encode(request));
                _ = new Admission(Ed25519Scheme.Instance, new Protean.Sealing.VerifiedSeals()).Admit(request, context);
            }
            catch (MalformedException)
            {
                return;
            }
        }, iter: 2000);
    }

    [Fact]
    public void A_step_out_of_range_is_malformed()
    {
        var commit = new Requests().Commit();
        Assert.Throws<MalformedException>(() => Canonical.Decode<Request>(Canonical.Encode<Request>(commit with { StepIndex = 2 })));
        Assert.Throws<MalformedException>(() =>
            Canonical.Decode<Request>(Canonical.Encode<Request>(commit with { StepIndex = ushort.MaxValue })));
    }

    [Fact]
    public void A_workflow_points_at_nothing_that_is_not_there()
    {
        var join = Requests.Workflow("join");
        var commit = join.Steps[1];
        Step[] wrong =
        [
            commit with { Unit = 2 }, commit with { Dependencies = [1] }, commit with { Dependencies = [] },
                commit with { Dependencies = [0, 0] }, commit with { OnFailure = 0 }, commit with { OnFailure = 9 },
            commit with { Name = "pay" }, commit with { Barrier = new Barrier.BeforeTime(7, new Bound.Fixed(1)) },
                commit with { Barrier = new Barrier.BeforeTime(1, new Bound.Parameter("none")) },
            commit with { Barrier = new Barrier.And([]) }, commit with { Arguments = [new Argument("effects", new Source.Client("none"))] },
            commit with { Arguments = [new Argument("b", new Source.Constant(default)), new Argument("a", new Source.Constant(default))] },
            commit with { Arguments = [new Argument("effects", new Source.State(0, new KeyTemplate([new KeyPart.Unit(9)])))] },
                commit with { Arguments = [new Argument("effects", new Source.State(0, new KeyTemplate([])))] },
            commit with { Authorization = new Authorization.Keys(new KeyExpression.Parameter("none")) },
            commit with { Authorization = new Authorization.Unit(2) },
        ];
        foreach (var step in wrong)
            Assert.Throws<MalformedException>(() =>
                new Workflow(join.Name, join.Parameters, join.Inputs, join.Units, [join.Steps[0], step]));
    }

    [Fact]
    public void Identifiers_are_these_bytes()
    {
        var requests = new Requests();
        var plan = requests.Plan("reveal");
        Assert.Equal(GoldenBytes.Workflow, Requests.Workflow("reveal").CodeHash.ToString());
        Assert.Equal(GoldenBytes.Instance, requests.Instance.Id.ToString());
        Assert.Equal(GoldenBytes.Plan, plan.Digest.ToString());
        Assert.Equal(GoldenBytes.ReplayPlan, RequestDigests.ReplayKey(plan, 1, 2).ToString());
        Assert.Equal(GoldenBytes.ReplayInstance, RequestDigests.ReplayKey(plan, 0, 0).ToString());
        Assert.Equal(GoldenBytes.ReplayDirect, RequestDigests.ReplayKey(TestNetwork.Client.PublicKey, 3).ToString());
        Assert.Equal(GoldenBytes.Inputs, RequestDigests.Inputs([new NamedValue("a", Bytes.Of("1")), new NamedValue("b", Bytes.Of("2"))])
            .ToString());
        Assert.Equal(GoldenBytes.Request, RequestDigests.Request(Hash.H("u", []), Hash.H("p", []), 1, 2, Hash.H("i", [])).ToString());
        Assert.Equal(GoldenBytes.Direct, RequestDigests.Direct(Hash.H("c", []), requests.Write() with { UnitId = Hash.H("u", []) })
            .ToString());
    }

    [Fact]
    public void A_step_is_laid_out_as_the_reference_says()
    {
        var step = new Step("s", 1, "f", [new Argument("a", new Source.Output(0, "o"))], [0],
            new Barrier.BeforeTime(1, new Bound.Fixed(2)), new Authorization.Client(), Scope.Instance, 3);
        const string Bytes = "01000000" + "73" + "0100" + "01000000" + "66" + "01000000"
            + "01000000" + "61" + "04" + "0000" + "01000000" + "6f"
            + "01000000" + "0000" + "01" + "04" + "0100" + "01" + "0200000000000000" + "02" + "01" + "01" + "0300";
        Assert.Equal(Bytes, Convert.ToHexStringLower(Canonical.Encode(step)));
    }

    [Fact]
    public void A_replay_key_is_the_plans_the_instances_or_the_clients()
    {
        var requests = new Requests();
        var (plan, other) = (requests.Plan("reveal"), requests.Plan("reveal", nonce: 2));
        Assert.Equal(RequestDigests.ReplayKey(plan, 0, 0), RequestDigests.ReplayKey(other, 0, 0));
        Assert.NotEqual(RequestDigests.ReplayKey(plan, 1, 0), RequestDigests.ReplayKey(other, 1, 0));
        Assert.NotEqual(RequestDigests.ReplayKey(plan, 1, 0), RequestDigests.ReplayKey(plan, 1, 1));
        Assert.NotEqual(RequestDigests.ReplayKey(plan, 1, 0), RequestDigests.ReplayKey(plan, 2, 0));
    }

    private static void RoundTrips<T>(T value) where T : ICanonical<T> => Assert.Equal(value, Canonical.Decode<T>(Canonical.Encode(value)));
}
