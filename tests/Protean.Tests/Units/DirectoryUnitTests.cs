using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.Tidy;
using Protean.Units.Directory;
using Xunit;

namespace Protean.Tests.Units;

public sealed class DirectoryUnitTests
{
    private readonly TestNetwork _network = new();
    private readonly TestUnit _unit;

    public DirectoryUnitTests() => _unit = new TestUnit(_network, new DirectoryUnit());

    [Fact]
    public void A_units_key_is_kept_by_the_receipt_of_its_generation_whoever_brings_it()
    {
        var key = Key("execution", Outputs("vrf", "1"));
        Assert.Equal(_network.IdOf("execution"), Register(key).Digest("unit"));
        var root = _unit.State.Root;
        Assert.IsType<Outcome.Ok>(Register(key));
        Assert.Equal(root, _unit.State.Root);
        Assert.Equal(key, Canonical.Decode<RegisteredKey>(_unit.State.Get(DirectoryKeys.Key(key.UnitId, "vrf"))!.Value.Span));
    }

    [Fact]
    public void A_key_once_registered_stays()
    {
        Register(Key("execution", Outputs("vrf", "1")));
        Assert.Equal("PRT-DIR-0103", Register(Key("execution", Outputs("vrf", "2"))).Code());
        Assert.IsType<Outcome.Ok>(Register(Key("execution", Outputs("other", "2"))));
        Assert.IsType<Outcome.Ok>(Register(Key("state", Outputs("vrf", "2"))));
    }

    [Fact]
    public void What_is_not_the_receipt_of_a_units_key_is_refused_by_the_check_that_fails()
    {
        var key = Key("execution", Outputs("vrf", "1"));
        Assert.Equal("PRT-DIR-0101", _unit.Direct("register-key", default, [new("key", Bytes.Of("?"))]).Code());
        Assert.Equal("PRT-DIR-0102", Register(key with { Outputs = Outputs("vrf", "2") }).Code());
        Assert.Equal("PRT-DIR-0102", Register(Key("execution", new Outputs([new("key", Bytes.Of("no purpose"))]))).Code());
        Assert.Equal("PRT-RCT-0009", Register(Key("execution", Outputs("vrf", "1"), static leaf =>
            leaf with { Function = "call" })).Code());
        Assert.Equal("PRT-RCT-0010", Register(Key("execution", Outputs("vrf", "1"), static leaf =>
            leaf with { Status = ResultStatus.Failed })).Code());
        Assert.Equal("PRT-RCT-0011", Register(Key("execution", Outputs("vrf", "1"), static leaf =>
            leaf with { PlanDigest = Hash.H("test/plan", []) })).Code());
        Assert.Equal("PRT-RCT-0006", Register(
            key with { Receipt = key.Receipt with { Leaf = key.Receipt.Leaf with { TxIndex = 1 } } }).Code());
        var unsealed = key.Receipt.Seal with
        {
            Certificate = new QuorumSignature(key.Receipt.Seal.Certificate.Bitmap, [default, default, default])
        };
        Assert.Equal("PRT-RCT-0005", Register(key with { Receipt = key.Receipt with { Seal = unsealed } }).Code());
        var foreign = new TestNetwork("elsewhere");
        Assert.Equal("PRT-RCT-0001", Register(new RegisteredKey(foreign.Receipt("execution", key.Receipt.Leaf), key.Outputs)).Code());
    }

    [Fact]
    public void The_next_epochs_record_follows_this_one_with_the_keys_that_were_registered()
    {
        var fresh = TestNetwork.Key(900);
        Assert.IsType<Outcome.Ok>(RegisterNext(0, fresh));
        Register(Key("execution", Outputs("vrf", "1")));
        var genesis = EpochRecord.OfGenesis(_network.Genesis);
        var next = EpochSuccession.NextRecord(_unit.State, genesis);
        Assert.Equal((1ul, genesis.Hash, _network.ChainId), (next.Epoch, next.PreviousHash, genesis.PreviousHash));
        foreach (var (before, after) in genesis.Units.Zip(next.Units))
        {
            Assert.Equal(before.Committee.Members[0] with { ConsensusKey = fresh.PublicKey }, after.Committee.Members[0]);
            Assert.Equal(before.Committee.Members.Skip(1), after.Committee.Members.Skip(1));
            Assert.Equal(after.Class == "execution" ? ["vrf"] : [], after.Keys.Select(static key => key.Name));
        }
        Assert.Equal(next, Canonical.Decode<EpochRecord>(Canonical.Encode(next)));
        var later = EpochSuccession.NextRecord(_unit.State, next);
        Assert.Equal(next.Units.Select(static unit => unit.Committee.Hash), later.Units.Select(static unit => unit.Committee.Hash));
    }

    [Fact]
    public void The_last_key_that_a_node_registers_counts()
    {
        RegisterNext(0, TestNetwork.Key(900));
        RegisterNext(0, TestNetwork.Key(901));
        var record = EpochSuccession.NextRecord(_unit.State, EpochRecord.OfGenesis(_network.Genesis));
        Assert.Equal(TestNetwork.Key(901).PublicKey, record.Units[0].Committee.Members[0].ConsensusKey);
    }

    public static TheoryData<string> Codes => [.. NextKeyRules.Checks.Select(static check => check.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    [LeavesOut(typeof(NextKeyRules), nameof(NextKeyRules.Checks))]
    public void Each_check_of_a_nodes_next_key_is_needed(string code)
    {
        var key = TestNetwork.Key(900);
        if (code == "PRT-DIR-0113") RegisterNext(1, key);
        var asked = code switch
        {
            "PRT-DIR-0110" => Case(TestNetwork.Key(999), key, 1),
            "PRT-DIR-0111" => Case(_network.Identities[0], key, 2),
            "PRT-DIR-0112" => Case(_network.Identities[0], key, 1) with { Possession = Case(_network.Identities[1], key, 1).Possession },
            _ => Case(_network.Identities[0], key, 1),
        };
        Assert.Equal(code, NextKeyRules.Checks.FirstRefusal(asked)?.Code);
        Assert.Null(NextKeyRules.Checks.FirstRefusal(asked, without: code));
    }

    private NextKeyCase Case(SigningKey identity, SigningKey key, ulong epoch) => new(
        identity.PublicKey, new NextKey(epoch, key.PublicKey), Possession(identity, key, epoch), _unit.Context, _network, _unit.State);

    private Signature Possession(SigningKey identity, SigningKey key, ulong epoch) => ProofOfPossession.Prove(
        ProofOfPossession.Context(_network.ChainId, NodeRecord.NodeIdOf(identity.PublicKey), epoch, NextKeyCase.KeyKind), key);

    private Outcome RegisterNext(int node, SigningKey key)
    {
        var identity = _network.Identities[node];
        return _unit.Direct("register-epoch-key", identity.PublicKey,
            [new("consensusKey", new Bytes(key.PublicKey.Span)), new("epoch", Values.OfU64(1)),
                new("possession", new Bytes(Possession(identity, key, 1).Span))]);
    }

    private Outcome Register(RegisteredKey key) => _unit.Direct("register-key", default, [new("key", Bytes.Wrap(Canonical.Encode(key)))]);

    private static Outputs Outputs(string purpose, string key) => new([new("publicKey", Bytes.Of(key)), new("purpose", Bytes.Of(purpose))]);

    private RegisteredKey Key(string unit, Outputs outputs, Func<ResultLeaf, ResultLeaf>? change = null)
    {
        var leaf = new ResultLeaf(Digest.Zero, 0, Digest.Zero, Digest.Zero, Digest.Zero, "key", ResultStatus.Ok, outputs.Digest);
        return new RegisteredKey(_network.Receipt(unit, change?.Invoke(leaf) ?? leaf), outputs);
    }
}
