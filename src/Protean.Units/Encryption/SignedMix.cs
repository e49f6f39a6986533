using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.Encryption;

/// <summary>What a mixer signs: that it shuffled these into those, with this proof (protocols 7.5).</summary>
/// <param name="Round">From 0, one for each shuffle of the chain.</param>
public sealed record MixEntry(Digest ElectionId, ushort Round, Digest InputRoot, Digest OutputRoot, Digest ProofHash) : ICanonical<MixEntry>
{
    private const string SignatureTag = "mix";

    public static Digest HashOf(ReadOnlySpan<byte> proof) => Hash.H("protean/mix/proof/v1", proof);

    public byte[] SignedPayload(Digest chainId) => new Encoder().Digest(chainId).Value(this).ToSignMsg(SignatureTag);

    public void Encode(Encoder to) => to.Digest(ElectionId).U16(Round).Digest(InputRoot).Digest(OutputRoot).Digest(ProofHash);
    public static MixEntry Decode(ref Decoder from) => new(from.Digest(), from.U16(), from.Digest(), from.Digest(), from.Digest());
}

/// <summary>A mixer's word for a shuffle: together with what it is about, it convicts the mixer where the proof does not hold.</summary>
public sealed record MixWord(PublicKey Mixer, MixEntry Entry, Signature Signature) : ICanonical<MixWord>
{
    public void Encode(Encoder to) => to.Key(Mixer).Value(Entry).Signature(Signature);
    public static MixWord Decode(ref Decoder from) => new(from.Key(), from.Value<MixEntry>(), from.Signature());
}

/// <summary>One shuffle of a chain.</summary>
/// <param name="Outputs">Canonical ciphertexts.</param>
public sealed record SignedMix(MixWord Word, Bytes Outputs, Bytes Proof) : ICanonical<SignedMix>
{
    /// <summary>Shuffles and proves it.</summary>
    /// <param name="sign">The mixer's signature of these bytes.</param>
    public static SignedMix Of(
        Election election, Digest id, ushort round, Ciphertexts inputs, Point key, PublicKey mixer, Digest chainId, Func<byte[], Signature> sign,
        IRandom random, ICores cores)
    {
        using var mix = Mix.Of(inputs, key, random, cores);
        var (inputRoot, outputRoot) = (inputs.Root(), mix.Outputs.Root());
        var statement = new ShuffleStatement(ShuffleStatement.ContextOf(id, round, mixer, inputRoot, outputRoot), key, inputs, mix.Outputs);
        var proof = election.Protocol!.Prove(statement, mix, random, cores);
        var entry = new MixEntry(id, round, inputRoot, outputRoot, MixEntry.HashOf(proof));
        return new SignedMix(new MixWord(mixer, entry, sign(entry.SignedPayload(chainId))), Bytes.Wrap(mix.Outputs.Encode()), Bytes.Wrap(proof));
    }

    public void Encode(Encoder to) => to.Value(Word).Bytes(Outputs.Span).Bytes(Proof.Span);
    public static SignedMix Decode(ref Decoder from) => new(from.Value<MixWord>(), new Bytes(from.Bytes(Limits.MaxValue)), new Bytes(from.Bytes(Limits.MaxValue)));
}
