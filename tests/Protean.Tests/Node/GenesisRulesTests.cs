using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Keys;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Node;

public sealed class GenesisRulesTests : IDisposable
{
    private readonly TestNetwork _network = new(5, ("state", [0, 1, 2, 3]), ("randomness", [1, 2, 3, 4]));

    private Genesis Genesis => _network.Genesis;
    private NodeRecord Good => Genesis.Nodes[0];
    private NodeRecord Other => Genesis.Nodes[1];

    public void Dispose() => _network.Dispose();

    public static TheoryData<string> RecordCodes => [.. GenesisRules.NodeChecks.Select(check => check.Code)];
    public static TheoryData<string> GenesisCodes => [.. GenesisRules.Checks.Select(check => check.Code)];

    [Fact]
    public void A_good_genesis_passes() => Assert.Null(GenesisRules.Refusal(Genesis));

    [Theory]
    [MemberData(nameof(RecordCodes))]
    [LeavesOut(typeof(GenesisRules), nameof(GenesisRules.NodeChecks))]
    public void Each_check_of_a_record_refuses_what_no_other_does(string code)
    {
        var bad = code switch
        {
            "PRT-GEN-0001" => Good with { Stake = Good.Stake + 1 },
            "PRT-GEN-0002" => Signed(Good with { ConsensusKey = Genesis.Nodes[1].ConsensusKey }),
            "PRT-GEN-0003" => Signed(Good with { EncryptionKey = Genesis.Nodes[1].EncryptionKey }),
            "PRT-GEN-0004" => Signed(Good with { PvssKey = default }),
            _ => Signed(Good with { TransportKey = new Bytes(new byte[91]) }),
        };
        Assert.Equal(code, Refused(AtGenesis(bad)));
        Assert.Null(Refused(AtGenesis(bad), without: code));
    }

    [Fact]
    public void An_identity_key_for_which_anybody_can_sign_is_refused() =>
        Assert.Equal("PRT-GEN-0001", Refused(AtGenesis(Good with { IdentityKey = new PublicKey([1, .. new byte[31]]) })));

    [Fact]
    public void Proofs_of_another_network_node_or_epoch_are_refused()
    {
        foreach (var other in new[]
        {
            NodeRecordCase.AtGenesis(Good, "another", Genesis.TimeMs),
            NodeRecordCase.AtGenesis(Good, Genesis.Name, Genesis.TimeMs + 1),
            NodeRecordCase.AtGenesis(Signed(Good with { ValidFrom = 1 }), Genesis.Name, Genesis.TimeMs),
        })
            Assert.Equal("PRT-GEN-0002", Refused(other));
    }

    [Fact]
    public void A_consensus_key_of_a_later_epoch_is_proven_for_its_chain()
    {
        var (keys, _, _) = _network.Nodes[0];
        using var epoch = keys.CreateEpoch(1, SystemRandom.Instance);
        var proof = NodeRecords.ProveConsensusKey(keys, epoch, Genesis.ChainId, 1);
        var context = ProofOfPossession.Context(Genesis.ChainId, keys.NodeId, 1, KeyKinds.Consensus);
        Assert.Null(ProofOfPossession.Refusal(context, epoch.PublicKey, proof));
    }

    [Theory]
    [MemberData(nameof(GenesisCodes))]
    [LeavesOut(typeof(GenesisRules), nameof(GenesisRules.Checks))]
    public void Each_check_of_a_genesis_refuses_what_no_other_does(string code)
    {
        var unit = Genesis.Units[0];
        var bad = code switch
        {
            "PRT-GEN-0005" => Genesis with { Nodes = [Good, Other with { TransportKey = Good.TransportKey }, .. Genesis.Nodes.Skip(2)] },
            "PRT-GEN-0006" => Genesis with { Units = [unit, unit] },
            "PRT-GEN-0007" => Genesis with { Units = [unit with { Members = [.. unit.Members.Skip(1), Hash.H("nobody", [])] }] },
            "PRT-GEN-0008" => Genesis with { Units = [unit with { Quorum = 2 }] },
            "PRT-GEN-0010" => Genesis with { Nodes = [Good with { ValidFrom = 1 }, .. Genesis.Nodes.Skip(1)] },
            _ => Genesis with { Nodes = [Good with { PeerAddress = Other.PeerAddress }, .. Genesis.Nodes.Skip(1)] },
        };
        Assert.Equal(code, GenesisRules.Checks.FirstRefusal(bad)?.Code);
        // Who is no node has no place in a committee either.
        if (code != "PRT-GEN-0007") Assert.Null(GenesisRules.Checks.FirstRefusal(bad, without: code));
    }

    [Fact]
    public void Nodes_share_no_key_of_any_kind()
    {
        foreach (var shared in new[] { Good with { IdentityKey = Other.IdentityKey }, Good with { ConsensusKey = Other.ConsensusKey } })
            Assert.Equal("PRT-GEN-0005", GenesisRules.Checks.FirstRefusal(Genesis with { Nodes = [shared, .. Genesis.Nodes.Skip(1)] })?.Code);
    }

    [Fact]
    public void Nodes_share_no_address_of_their_apis_and_may_give_none()
    {
        Assert.Equal("PRT-GEN-0011", GenesisRules.Checks.FirstRefusal(
            Genesis with { Nodes = [Good with { ApiAddress = Other.ApiAddress }, .. Genesis.Nodes.Skip(1)] })?.Code);
        Assert.Null(GenesisRules.Checks.FirstRefusal(
            Genesis with { Nodes = [Good with { ApiAddress = "" }, Other with { ApiAddress = "" }, .. Genesis.Nodes.Skip(2)] }));
    }

    private NodeRecordCase AtGenesis(NodeRecord record) => NodeRecordCase.AtGenesis(record, Genesis.Name, Genesis.TimeMs);

    private static string? Refused(NodeRecordCase record, string? without = null) =>
        GenesisRules.NodeChecks.FirstRefusal(record, without: without)?.Code;

    private NodeRecord Signed(NodeRecord record) =>
        record with { IdentitySignature = _network.Nodes[0].Keys.Identity.Sign(record.SignedPayload()) };
}
