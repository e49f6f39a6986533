using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Consensus;

public enum BlockKind : byte
{
    Normal = 0,

    /// <summary>Extends a notarised block that ends the epoch: no entries, no state change (protocols 1.5).</summary>
    Tail = 1,
}

/// <summary>What the leader of a view signs and members vote on (protocols 1.2). Its hash is the block's name.</summary>
/// <param name="ParentView">View in which the parent was notarised; 0 for the start of the epoch's chain.</param>
/// <param name="SealedHeight">The highest height whose seal certificate this chain has shown.</param>
/// <param name="SealedHash">Hash of that seal header.</param>
public sealed record BlockHeader(
    UnitContext Context,
    ulong View,
    ulong Height,
    ulong ParentView,
    Digest ParentHash,
    ulong TimeMs,
    ulong SealedHeight,
    Digest SealedHash,
    Digest EntriesRoot,
    BlockKind Kind) : ICanonical<BlockHeader>
{
    /// <summary>H("protean/block/v1", header).</summary>
    public Digest Id => new Encoder().Value(this).ToHash("protean/block/v1");

    /// <summary>What the leader's signature covers.</summary>
    public byte[] SignedPayload() => new Encoder().Value(this).ToSignMsg("proposal");

    public void Encode(Encoder to) => to
        .Value(Context).U64(View).U64(Height).U64(ParentView).Digest(ParentHash).U64(TimeMs)
        .U64(SealedHeight).Digest(SealedHash).Digest(EntriesRoot).U8((byte)Kind);

    public static BlockHeader Decode(ref Decoder from)
    {
        var header = new BlockHeader(
            from.Value<UnitContext>(), from.U64(), from.U64(), from.U64(), from.Digest(), from.U64(),
            from.U64(), from.Digest(), from.Digest(), (BlockKind)from.U8());
        return header.Kind <= BlockKind.Tail ? header : throw new MalformedException($"block kind {(byte)header.Kind}");
    }
}

/// <summary>A header with its entries. Two blocks are equal when their names are: the header binds the entries.</summary>
public sealed record Block(BlockHeader Header, IReadOnlyList<Entry> Entries) : ICanonical<Block>
{
    public Digest Id { get; } = Header.Id;
    public ulong Height => Header.Height;
    public ulong View => Header.View;

    /// <summary>Whether the header names exactly these entries; to be asked of every block that comes from outside.</summary>
    public bool EntriesMatch => Header.EntriesRoot == RootOf(Entries);

    /// <summary>Nothing but tail blocks follow in this epoch.</summary>
    public bool EndsEpoch => Header.Kind == BlockKind.Tail || Entries.Any(entry => entry.Kind == EntryKind.Epoch);

    /// <summary>Merkle root over the entries' hashes, so that a large entry is hashed once wherever it goes.</summary>
    public static Digest RootOf(IReadOnlyList<Entry> entries) => MerkleTree.Root([.. entries.Select(entry => entry.Hash.ToArray())]);

    public bool Equals(Block? other) => other is not null && Id == other.Id;
    public override int GetHashCode() => Id.GetHashCode();
    public void Encode(Encoder to) => to.Value(Header).List(Entries);
    public static Block Decode(ref Decoder from) => new(from.Value<BlockHeader>(), DecodeEntries(ref from));

    internal static IReadOnlyList<Entry> DecodeEntries(ref Decoder from)
    {
        var start = from.Position;
        var entries = from.List<Entry>(Limits.MaxBlockEntries);
        var length = from.Position - start;
        return length <= Limits.MaxBlockBytes
            ? entries
            : throw new MalformedException($"{length} bytes of entries, at most {Limits.MaxBlockBytes} allowed");
    }
}

/// <summary>Where a member's chain of an epoch begins: genesis, or the boundary block of the epoch before, which counts as final and sealed; or
/// the block at which this member's state was fetched.</summary>
/// <param name="SealHash">Of the highest height whose seal the chain has shown so far.</param>
/// <param name="View">Of a block inside the epoch; 0 at its start.</param>
/// <param name="SealedHeight">That height, inside the epoch; null at its start, where it is this one.</param>
public sealed record ChainStart(
    ulong Height, Digest BlockId, ulong TimeMs, Digest SealHash = default, ulong View = 0, ulong? SealedHeight = null)
{
    internal ChainPoint ToPoint() => new(View, Height, BlockId, TimeMs, SealedHeight ?? Height, SealHash, Ended: false);
}

/// <summary>The height up to which the application has executed this chain; blocks above it are output again after a restart.</summary>
public readonly record struct FinalizedHeight(ulong Value);

/// <summary>A block that can no longer be undone.</summary>
/// <param name="Finality">A finalize certificate for this block or for a descendant.</param>
public sealed record FinalizedBlock(Block Block, Certificate Finality);
