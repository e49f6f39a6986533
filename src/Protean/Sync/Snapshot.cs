using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;

namespace Protean.Sync;

/// <summary>A unit's replicated state at one height, as far as it can be told in one message: everything else follows from the maps under
/// these roots (docs/protocols/state-sync.md).</summary>
/// <param name="Seal">A quorum's word for the height.</param>
/// <param name="Block">The block that the seal names: where the chain goes on from.</param>
/// <param name="Finality">Of exactly this block, where the member has that; the seal alone shows that it is final.</param>
public sealed record Snapshot(
    SealedHeader Seal, BlockHeader Block, Certificate? Finality, Digest DataRoot, Digest KeysRoot, Digest ReplayRoot) : ICanonical<Snapshot>
{
    public ulong Height => Seal.Header.Height;

    /// <summary>The maps, in the order in which they are fetched.</summary>
    public static IReadOnlyList<string> Maps { get; } = [UnitState.KeysMap, UnitState.ReplayMap, UnitState.DataMap];

    public Digest RootOf(string map) => map switch
    {
        UnitState.DataMap => DataRoot,
        UnitState.KeysMap => KeysRoot,
        _ => ReplayRoot,
    };

    /// <summary>What is asked of a snapshot before anything of it is used.</summary>
    public static Requirements<SnapshotCase> Checks { get; } = new(
        new("PRT-SYN-0001", "the snapshot must be of this unit", "Ask another member.", static offer =>
            offer.Header.Context.UnitId == offer.UnitId ? null : new Finding($"{offer.Header.Context.UnitId}", $"{offer.UnitId}")),
        new("PRT-SYN-0002", "the height must be sealed", "Ask another member.", static offer =>
            Finding.Of(new ReceiptVerifier(offer.Directory, offer.Scheme, new VerifiedSeals()).Verify(offer.Snapshot.Seal))),
        new("PRT-SYN-0003", "the block must be the sealed one", "Ask another member.", static offer =>
            offer.Snapshot.Block.Id == offer.Header.BlockId ? null : new Finding($"{offer.Snapshot.Block.Id}", $"{offer.Header.BlockId}")),
        new("PRT-SYN-0004", "the maps' roots must make the sealed state root", "Ask another member.", static offer =>
            offer.Snapshot.StateRoot == offer.Header.StateRoot ? null : new Finding($"{offer.Snapshot.StateRoot}", $"{offer.Header.StateRoot}")),
        new("PRT-SYN-0005", "a certificate beside the block must make it final", "Ask another member.", static offer =>
            offer.Snapshot.Finality is not { } finality || offer.MakesFinal(finality) ? null : new Finding("another certificate")));

    private Digest StateRoot => new StateRoot(Maps.Select(map => (map, RootOf(map)))).Root;

    public void Encode(Encoder to) => to.Value(Seal).Value(Block).Optional(Finality).Digest(DataRoot).Digest(KeysRoot).Digest(ReplayRoot);

    public static Snapshot Decode(ref Decoder from) => new(
        from.Value<SealedHeader>(), from.Value<BlockHeader>(), from.Optional<Certificate>(), from.Digest(), from.Digest(), from.Digest());
}

/// <summary>A snapshot with what it is judged by.</summary>
public sealed record SnapshotCase(Snapshot Snapshot, Digest UnitId, LinkedDirectory Directory, ISignatureScheme Scheme)
{
    public SealHeader Header => Snapshot.Seal.Header;

    internal bool MakesFinal(Certificate finality)
    {
        var committee = Directory.CommitteeOf(UnitId, Header.Context.Epoch)!;
        return finality.Vote == Vote.Finalize(Snapshot.Block.View, Header.BlockId)
            && finality.Signatures.IsQuorumOf(committee)
            && finality.Signatures.SignaturesHold(committee, finality.Vote.SignedPayload(Header.Context), Scheme);
    }
}
