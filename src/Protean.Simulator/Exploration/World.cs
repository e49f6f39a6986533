using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Simulator.Exploration;

/// <summary>What all members of a search have in common: the committee of four, keys, and who leads which view.</summary>
/// <param name="endsEpoch">The entry that ends the epoch waits in every pool from the start.</param>
internal sealed class World(bool endsEpoch)
{
    public const int Size = 4;

    private static readonly SigningKey[] Keys =
        [.. Enumerable.Range(1, Size).Select(static i => SigningKey.FromSeed(Hash.H("protean/exploration/key/v1", [(byte)i]).Span))];
    private static readonly CheapSignatures Cheap = new();

    public static Committee Committee { get; } = new(
        [.. Keys.Select(static (key, i) => new Member(Hash.H("protean/exploration/node/v1", [(byte)i]), key.PublicKey, key.PublicKey, key.PublicKey))],
        Committee.DefaultQuorum(Size), Committee.DefaultThreshold(Size));

    public static UnitContext Context { get; } = new(Hash.H("protean/exploration/chain/v1", []), Hash.H("protean/exploration/unit/v1", []), 1, Committee.Hash);
    public static LeaderSchedule Leaders { get; } = new(Committee, Digest.Zero);
    public static ChainStart Start { get; } = new(0, Hash.H("protean/exploration/start/v1", []), 0);
    public static Entry EpochEntry { get; } = new(EntryKind.Epoch, Bytes.Of("the next epoch"));

    public bool EndsEpoch => endsEpoch;

    /// <summary>Time is a function of the view, so that one leader makes one block of one view on one parent.</summary>
    public static ulong TimeOf(ulong view) => 1_000_000_000_000 + (10 * view);

    public static SignedVote Sign(MemberId member, Vote vote) => new(vote, Cheap.Sign(Keys[member.Index - 1], vote.SignedPayload(Context)));

    /// <summary>A leader's proposal as it stands; what shows that it may follow its parent reaches members by itself.</summary>
    public static Proposal Propose(Block block) =>
        new(block, Cheap.Sign(Keys[Leaders[block.View].Index - 1], block.Header.SignedPayload()), null, [], null);

    /// <summary>A production member over a store.</summary>
    public static SimplexMember Build(MemberId id, IApplication application, IStore store) => new(
        new ConsensusSetup(Context, Committee, id, Digest.Zero, ConsensusTimers.Default, Start, new FinalizedHeight(0)),
        Keys[id.Index - 1], Cheap, application, store);
}
