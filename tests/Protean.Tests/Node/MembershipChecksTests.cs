using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Keys;
using Xunit;

namespace Protean.Tests.Node;

public sealed class MembershipChecksTests : IDisposable
{
    private readonly TestNetwork _network = new(5, ("state", [0, 1, 2, 3]), ("randomness", [1, 2, 3, 4]));

    private Genesis Genesis => _network.Genesis;
    private NodeRecord Good => Genesis.Nodes[0];

    public void Dispose() => _network.Dispose();

    public static TheoryData<string> RecordCodes => [.. NodeRecordChecks.All.Select(check => check.Code)];
    public static TheoryData<string> GenesisCodes => [.. GenesisChecks.All.Select(check => check.Code)];

    [Fact]
    public void A_good_genesis_passes() => Assert.Null(GenesisChecks.Failed(Genesis));

    [Theory]
    [MemberData(nameof(RecordCodes))]
    public void Each_check_of_a_record_refuses_what_no_other_does(string code)
    {
        var bad = code switch
        {
            // The identity point, for which anybody could sign.
            "PRT-GEN-0001" => Good with { IdentityKey = new PublicKey([1, .. new byte[31]]) },
            "PRT-GEN-0002" => Good with { Stake = Good.Stake + 1 },
            "PRT-GEN-0003" => Signed(Good with { TransportKey = new Bytes(new byte[91]) }),
            "PRT-GEN-0004" => Signed(Good with { ConsensusKey = Genesis.Nodes[1].ConsensusKey }),
            "PRT-GEN-0005" => Signed(Good with { EncryptionKey = Genesis.Nodes[1].EncryptionKey }),
            _ => Signed(Good with { PvssKey = default }),
        };
        var record = NodeRecordCase.AtGenesis(bad, Genesis.Name, Genesis.TimeMs);
        Assert.Equal(code, NodeRecordChecks.Failed(record, NodeRecordChecks.All)?.Code);
        // Of the keys outside the subgroup libsodium itself refuses the small ones; a mixed one would pass the other checks with one
        // signature in eight, but making it takes arithmetic that the library does not offer.
        if (code != "PRT-GEN-0001") Assert.Null(NodeRecordChecks.Failed(record, NodeRecordChecks.All.Where(check => check.Code != code)));
    }

    [Fact]
    public void Proofs_of_another_network_node_or_epoch_are_refused()
    {
        foreach (var other in new[]
        {
            NodeRecordCase.AtGenesis(Good, "another", Genesis.TimeMs),
            NodeRecordCase.AtGenesis(Good, Genesis.Name, Genesis.TimeMs + 1),
            NodeRecordCase.AtGenesis(Signed(Good with { ValidFrom = 1 }), Genesis.Name, Genesis.TimeMs),
        })
            Assert.Equal("PRT-GEN-0004", NodeRecordChecks.Failed(other, NodeRecordChecks.All)?.Code);
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
    public void Each_check_of_a_genesis_refuses_what_no_other_does(string code)
    {
        var unit = Genesis.Units[0];
        var bad = code switch
        {
            "PRT-GEN-0011" => Genesis with { Nodes = [.. Genesis.Nodes, Good with { TransportKey = default }] },
            "PRT-GEN-0012" => Genesis with
            {
                Nodes = [Good, Genesis.Nodes[1] with { TransportKey = Good.TransportKey }, .. Genesis.Nodes.Skip(2)],
            },
            "PRT-GEN-0013" => Genesis with { Nodes = [Good with { ValidFrom = 1 }, .. Genesis.Nodes.Skip(1)] },
            "PRT-GEN-0014" => Genesis with { Units = [unit, unit] },
            "PRT-GEN-0015" => Genesis with { Nodes = [.. Genesis.Nodes.SkipLast(1)] },
            _ => Genesis with { Units = [unit with { Quorum = 2 }] },
        };
        Assert.False(GenesisChecks.All.Single(check => check.Code == code).Holds(bad));
        var before = GenesisChecks.All.TakeWhile(check => check.Code != code);
        Assert.All(before, check => Assert.True(check.Holds(bad)));
    }

    private NodeRecord Signed(NodeRecord record) =>
        record with { IdentitySignature = _network.Nodes[0].Keys.Identity.Sign(record.SignedPayload()) };
}
