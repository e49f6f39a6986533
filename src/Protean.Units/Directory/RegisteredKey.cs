using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Units.Directory;

/// <summary>A unit's threshold key with the unit's own word for it: whoever reads it needs to trust the directory for the committee
/// alone.</summary>
/// <param name="Receipt">Of the key generation.</param>
/// <param name="Outputs">What it came to; they open the receipt's output digest.</param>
public sealed record RegisteredKey(Receipt Receipt, Outputs Outputs) : ICanonical<RegisteredKey>
{
    public Digest UnitId => Receipt.Header.Context.UnitId;
    public void Encode(Encoder to) => to.Value(Receipt).Value(Outputs);
    public static RegisteredKey Decode(ref Decoder from) => new(from.Value<Receipt>(), from.Value<Outputs>());
}

/// <summary>The consensus key of a node in the next epoch.</summary>
public sealed record NextKey(ulong Epoch, PublicKey ConsensusKey) : ICanonical<NextKey>
{
    public void Encode(Encoder to) => to.U64(Epoch).Key(ConsensusKey);
    public static NextKey Decode(ref Decoder from) => new(from.U64(), from.Key());
}
