using Protean.Client.Plans;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Units.Execution;
using Xunit;

namespace Protean.Tests.Client;

/// <summary>One lottery, drawn once for all tests of its proof.</summary>
public sealed class DrawnLottery : IAsyncLifetime
{
    private LotteryRun? _lottery;

    internal LotteryRun Lottery => _lottery!;
    internal IContractEngine Engine => Lottery.Engine;
    internal RunResult Reveal { get; private set; } = null!;

    /// <summary>The last ticket's purchase: a run without a draw.</summary>
    internal RunResult Join { get; private set; } = null!;

    internal byte[] Proof { get; private set; } = [];
    internal ProofFile File => Canonical.Decode<ProofFile>(Proof);

    public async ValueTask InitializeAsync()
    {
        _lottery = await LotteryRun.Open(participants: 3);
        foreach (var participant in Lottery.Participants) Join = await Lottery.Join(participant).Ok();
        Reveal = await Lottery.Creator.Run(Lottery.Instance, "reveal", []).Ok();
        Proof = await Lottery.Proof(Reveal);
    }

    public ValueTask DisposeAsync()
    {
        _lottery?.Dispose();
        return ValueTask.CompletedTask;
    }

    internal Task<ProofFile> JoinFile() => ProofBuilder.Build(Lottery.Network, Join, Lottery.Contracts);

    internal ProofReport Verify(byte[] proof, params IReadOnlyList<string> without) =>
        ProofVerifier.Verify(proof, Lottery.Network.ChainId, Engine, without);
}
