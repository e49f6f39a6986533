using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Sync;
using Protean.Tests.Runtime;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Sync;

/// <summary>What a member asks of a snapshot before it uses anything of it.</summary>
public sealed class SnapshotTests
{
    private static readonly SnapshotCase Good = Offered();

    public static TheoryData<string> Codes => [.. Snapshot.Checks.Select(static check => check.Code)];

    [Fact]
    public void What_an_honest_member_offers_holds() => Assert.Null(Snapshot.Checks.FirstRefusal(Good));

    [Theory]
    [MemberData(nameof(Codes))]
    [LeavesOut(typeof(Snapshot), nameof(Snapshot.Checks))]
    public void Each_check_of_a_snapshot_is_needed(string code)
    {
        var good = Good.Snapshot;
        var offered = code switch
        {
            "PRT-SYN-0001" => Good with { Snapshot = good with { Finality = null }, UnitId = Digest.Zero },
            "PRT-SYN-0002" => Good with { Snapshot = good with { Seal = good.Seal with { Certificate = Unsigned(good.Seal.Certificate) } } },
            "PRT-SYN-0003" => Good with { Snapshot = good with { Block = good.Block with { TimeMs = good.Block.TimeMs + 1 } } },
            "PRT-SYN-0004" => Good with { Snapshot = good with { ReplayRoot = good.DataRoot } },
            "PRT-SYN-0005" => Good with { Snapshot = good with { Finality = good.Finality! with { Signatures = Unsigned(good.Finality.Signatures) } } },
            _ => throw new InvalidOperationException($"no case for {code}"),
        };
        // The receipt's own verifier names what is wrong with a seal.
        Assert.Equal(code == "PRT-SYN-0002" ? "PRT-RCT-0005" : code, Snapshot.Checks.FirstRefusal(offered)?.Code);
        Assert.Null(Snapshot.Checks.FirstRefusal(offered, without: code));
    }

    private static QuorumSignature Unsigned(QuorumSignature signatures) =>
        signatures with { Signatures = [.. signatures.Signatures.Select(static _ => default(Signature))] };

    private static SnapshotCase Offered()
    {
        var cluster = new UnitCluster(31, 4, new CountingUnit());
        Snapshot? offered = null;
        cluster.Simulation.OnSent = (_, message) =>
        {
            if (message is UnitMessage.Sync { Message: SyncMessage.Offer offer } && offer.Snapshot.Finality is not null) offered = offer.Snapshot;
        };
        for (ulong nonce = 1; nonce <= 40; nonce++) cluster.Done(1, cluster.Direct("add", nonce, new Protean.Membership.NamedValue("amount", CountingUnit.U64(1))));
        cluster.LoseDisk(4);
        Assert.True(cluster.Simulation.RunUntil(() => offered is not null, TimeSpan.FromMinutes(1)));
        return new SnapshotCase(offered!, cluster.UnitId, cluster.Directory, cluster.Scheme);
    }
}
