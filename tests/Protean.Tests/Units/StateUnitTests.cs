using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;
using Protean.Tests.Tidy;
using Protean.Units.State;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.Units;

public sealed class StateUnitTests
{
    private static readonly SigningKey Alice = TestNetwork.Key(1);
    private static readonly SigningKey Bob = TestNetwork.Key(2);
    private readonly TestUnit _unit = new(new TestNetwork(), new StateUnit());

    [Fact]
    public void A_published_workflow_stands_frozen_under_its_hash_and_publishing_it_again_changes_nothing()
    {
        var workflow = Application.Spend(default);
        var first = Publish(workflow);
        var root = _unit.State.Root;
        Assert.Equal(workflow.CodeHash, first.Digest("codeHash"));
        Assert.Equal(first, Publish(workflow));
        Assert.Equal(root, _unit.State.Root);
        var entry = _unit.State.Get(WorkflowKeys.Workflow(workflow.CodeHash))!;
        Assert.Equal(Owner.None, Canonical.Decode<Owner>(entry.Owner.Span));
        Assert.Equal(workflow, Canonical.Decode<Workflow>(entry.Value.Span));
    }

    [Fact]
    public void A_malformed_workflow_is_refused_and_leaves_no_trace()
    {
        var outcome = _unit.Direct("publish", Alice.PublicKey, [new("workflow", Bytes.Of("no workflow"))]);
        Assert.Equal("PRT-STA-0101", Assert.IsType<Outcome.Refused>(outcome).Refusal.Code);
        Assert.Equal(Digest.Zero, _unit.State.Root);
    }

    [Fact]
    public void An_instance_stands_frozen_under_its_hash()
    {
        var application = new Application(_unit.Network);
        Publish(application.Workflow);
        var outcome = Create(application.Instance);
        Assert.Equal(application.Instance.Id, outcome.Digest("instanceId"));
        Assert.NotNull(_unit.State.Get(WorkflowKeys.Instance(application.Instance.Id)));
        Assert.Equal("PRT-STA-0102", _unit.Direct("create", Alice.PublicKey, [new("instance", Bytes.Of("?"))]).Code());
    }

    public static TheoryData<string> InstanceCodes => [.. InstanceRules.Checks.Select(static check => check.Code)];

    [Theory]
    [MemberData(nameof(InstanceCodes))]
    [LeavesOut(typeof(InstanceRules), nameof(InstanceRules.Checks))]
    public void Each_check_of_an_instance_is_needed(string code)
    {
        var application = new Application(_unit.Network);
        Publish(application.Workflow);
        var instance = application.Instance;
        var wrong = code switch
        {
            "PRT-STA-0103" => instance with { ChainId = Digest.Zero },
            "PRT-STA-0104" => instance with { StateUnit = Digest.Zero },
            "PRT-STA-0105" => instance with { Creator = Bob.PublicKey },
            "PRT-STA-0106" => instance with { OpenEpoch = 11 },
            _ => instance with { Workflows = [new WorkflowPin("other", application.Workflow.CodeHash)] },
        };
        Assert.Equal(code, Create(wrong).Code());
        Assert.Null(InstanceRules.Checks.FirstRefusal(new InstanceCase(wrong, Alice.PublicKey, _unit.Context, _unit.State), without: code));
    }

    [Fact]
    public void Users_write_under_their_own_key_and_nobody_takes_a_name_of_theirs_beforehand()
    {
        var key = UserKeys.Full(Alice.PublicKey, "profile"u8);
        Assert.Equal("PRT-STA-0110", Write(Bob, new Change(key, null, Bytes.Of("mine now"))).Code());
        var version = BitConverter.ToUInt64(Write(Alice, new Change(key, null, Bytes.Of("alice"))).Output("version").Span);
        Assert.Equal(version, _unit.State.Get(key)!.Version);
        Assert.Null(Write(Alice, new Change(key, version, Bytes.Of("alice 2"))).Code());
    }

    [Theory]
    [InlineData("c/")]
    [InlineData("w/")]
    [InlineData("u/short")]
    [InlineData("")]
    public void Nobody_writes_outside_the_users_names(string key) =>
        Assert.Equal("PRT-STA-0109", Write(Alice, new Change(Bytes.Of(key), null, Bytes.Of("x"))).Code());

    [Fact]
    public void A_change_of_what_has_changed_since_is_stale()
    {
        var key = UserKeys.Full(Alice.PublicKey, "a"u8);
        Write(Alice, new Change(key, null, Bytes.Of("1")));
        Assert.IsType<Outcome.Stale>(Write(Alice, new Change(key, null, Bytes.Of("2"))));
        Assert.IsType<Outcome.Stale>(Write(Alice, new Change(key, 7, Bytes.Of("2"))));
    }

    [Fact]
    public void A_key_deleted_and_made_again_in_one_block_does_not_pass_for_the_old_one()
    {
        var key = UserKeys.Full(Alice.PublicKey, "a"u8);
        Write(Alice, new Change(key, null, Bytes.Of("1")));
        var old = _unit.State.Get(key)!.Version;
        _unit.Position = 1;
        Write(Alice, new Change(key, old, null));
        _unit.Position = 2;
        Write(Alice, new Change(key, null, Bytes.Of("1")));
        _unit.Position = 3;
        Assert.IsType<Outcome.Stale>(Write(Alice, new Change(key, old, Bytes.Of("2"))));
    }

    [Fact]
    public void Changes_are_made_all_or_none()
    {
        var root = _unit.State.Root;
        Bytes[] keys = [UserKeys.Full(Alice.PublicKey, "a"u8), UserKeys.Full(Alice.PublicKey, "b"u8)];
        Assert.IsType<Outcome.Stale>(Write(Alice, new Change(keys[0], null, Bytes.Of("1")), new Change(keys[1], 5, Bytes.Of("1"))));
        Assert.Equal(root, _unit.State.Root);
        Assert.Equal("PRT-STA-0108", Write(Alice, new Change(keys[1], null, Bytes.Of("1")),
            new Change(keys[0], null, Bytes.Of("1"))).Code());
    }

    [Fact]
    public void A_frozen_entry_never_changes_and_a_shared_one_needs_as_many_signatures_as_its_owner_says()
    {
        var key = UserKeys.Full(Alice.PublicKey, "shared"u8);
        var both = new Owner.Keys(new KeyExpression.Threshold(2,
            [new KeyExpression.Key(Alice.PublicKey), new KeyExpression.Key(Bob.PublicKey)]));
        Write(Alice, new Change(key, null, Bytes.Of("1"), both));
        var version = _unit.State.Get(key)!.Version;
        Assert.Equal("PRT-STA-0110", Write(Alice, new Change(key, version, Bytes.Of("2"))).Code());
        var frozen = new NamedValue("change", Bytes.Wrap(Canonical.Encode(new Change(key, version, Bytes.Of("2"), Owner.None))));
        Assert.Null(_unit.Direct("write", Alice.PublicKey, [frozen], null, Bob.PublicKey).Code());
        version = _unit.State.Get(key)!.Version;
        var thawed = new NamedValue("change", Bytes.Wrap(Canonical.Encode(new Change(key, version, Bytes.Of("3")))));
        Assert.Equal("PRT-STA-0110", _unit.Direct("write", Alice.PublicKey, [thawed], null, Bob.PublicKey).Code());
    }

    [Fact]
    [LeavesOut(typeof(WriteRules), nameof(WriteRules.Checks))]
    public void Each_check_of_a_change_is_needed()
    {
        var key = UserKeys.Full(Alice.PublicKey, "a"u8);
        var entry = new MapEntry(key, 1, Owner.Of(Alice.PublicKey).ToBytes(), Bytes.Empty);
        Assert.Equal(["PRT-STA-0109", "PRT-STA-0110", "PRT-STA-0111"], WriteRules.Checks.Select(static check => check.Code));
        var outside = new WriteCase(new Change(Bytes.Of("x"), 1, null), [Alice.PublicKey], entry with { Key = Bytes.Of("x") });
        var unsigned = new WriteCase(new Change(key, 1, null), [Bob.PublicKey], entry);
        var stale = new WriteCase(new Change(key, 2, null), [Alice.PublicKey], entry);
        foreach (var (code, write) in WriteRules.Checks.Select(static check => check.Code).Zip([outside, unsigned, stale]))
        {
            Assert.Equal(code, WriteRules.Checks.FirstRefusal(write)?.Code);
            Assert.Null(WriteRules.Checks.FirstRefusal(write, without: code));
        }
    }

    [Fact]
    public void An_owner_has_one_byte_form_and_names_keys_only()
    {
        Owner[] owners = [Owner.None, Owner.Of(Alice.PublicKey), new Owner.Contract(Hash.H("u", []), Hash.H("c", []))];
        foreach (var owner in owners) Assert.Equal(owner, Canonical.Decode<Owner>(owner.ToBytes().Span));
        Assert.Throws<MalformedException>(() => Canonical.Decode<Owner>(new Owner.Keys(new KeyExpression.Creator()).ToBytes().Span));
    }

    private Outcome Publish(Workflow workflow) =>
        _unit.Direct("publish", Alice.PublicKey, [new("workflow", Bytes.Wrap(Canonical.Encode(workflow)))]);

    private Outcome Create(Instance instance) =>
        _unit.Direct("create", Alice.PublicKey, [new("instance", Bytes.Wrap(Canonical.Encode(instance)))]);

    private Outcome Write(SigningKey by, params IEnumerable<Change> changes) =>
        _unit.Direct("write", by.PublicKey,
            [.. changes.Select(static change => new NamedValue("change", Bytes.Wrap(Canonical.Encode(change))))]);
}
