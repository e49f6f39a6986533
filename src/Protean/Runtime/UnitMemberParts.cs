using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Runtime;

/// <summary>Everything a unit's member is built from.</summary>
/// <param name="Unit">What is particular to the unit.</param>
/// <param name="Directory">Who serves where.</param>
/// <param name="UnitId">This unit.</param>
/// <param name="Self">This node's index in the committee of the current epoch.</param>
/// <param name="ConsensusKey">Signs votes, seals, shares and contributions.</param>
/// <param name="EncryptionSecret">Opens dealt shares.</param>
/// <param name="Scheme">Real signatures, or cheap ones in a simulation.</param>
public sealed record UnitMemberParts(
    IFunctionalUnit Unit, LinkedDirectory Directory, Digest UnitId, MemberId Self, SigningKey ConsensusKey, SecretScalar EncryptionSecret,
    ISignatureScheme Scheme, IRandom Random, IStore Store)
{
    /// <summary>Genesis parameters: D and D_max of protocols 1.3, in milliseconds.</summary>
    public const string DelayParameter = "consensus.delayMs", MaxDelayParameter = "consensus.maxDelayMs";

    /// <summary>This member's disk is not the one that it had in this epoch: it follows and serves, and signs nothing before the next
    /// (protocols 1.4).</summary>
    public bool Silent { get; init; }

    /// <summary>From one checkpoint to the next.</summary>
    public ulong CheckpointHeights { get; init; } = Limits.CheckpointHeights;

    public ulong Epoch => Directory.CurrentEpoch;
    public Committee Committee { get; } = Directory.CommitteeOf(UnitId, Directory.CurrentEpoch) ?? throw new ArgumentException($"no unit {UnitId} in this epoch");
    public UnitContext Context => new(Directory.ChainId, UnitId, Epoch, Committee.Hash);

    internal ConsensusSetup ToConsensus(ExecutedBlock? executed)
    {
        var genesis = Directory.Genesis;
        var timers = new ConsensusTimers(
            TimeSpan.FromMilliseconds(genesis.Number(DelayParameter, (ulong)ConsensusTimers.Default.Delay.TotalMilliseconds)),
            TimeSpan.FromMilliseconds(genesis.Number(MaxDelayParameter, (ulong)ConsensusTimers.Default.MaxDelay.TotalMilliseconds)));
        var start = UnitEpochs.StartOf(Store, Epoch) ?? new ChainStart(0, UnitId, genesis.TimeMs);
        return new ConsensusSetup(Context, Committee, Self, LeaderSeed, timers, start, new FinalizedHeight(executed?.Height ?? 0), Silent, Recalls: true);
    }

    // The first epoch's seed is the genesis'. Later ones hash the record; they come from the beacon once it draws committees too (protocols 0.2, 9.2).
    private Digest LeaderSeed => Epoch == 0 ? Hash.H("protean/seed0/v1", Directory.ChainId.Span) : Hash.H("protean/seed/v1", Directory.Current.Hash.Span);
}
