using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Client.Audit;

/// <summary>All that a stranger needs to see who has asked to read one secret, offline, knowing the network's genesis hash alone.</summary>
/// <param name="Genesis">Whose hash is the network's name.</param>
/// <param name="Epochs">The links from the genesis on.</param>
/// <param name="UnitId">The private-storage unit.</param>
/// <param name="SecretId">The secret.</param>
/// <param name="Shown">The secret, its reads and the policies that decided them, each proven at a sealed height.</param>
public sealed record AuditFile(
    Genesis Genesis, IReadOnlyList<EpochLink> Epochs, Digest UnitId, Digest SecretId, IReadOnlyList<ProvenHeight> Shown) : ICanonical<AuditFile>
{
    private const byte Version = 1;
    private const int MaxShown = 1 << 16;

    private static readonly Bytes Magic = Bytes.Of("PROTEAN-AUDIT\0");

    /// <summary>Whether the first bytes are those of such a file.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic.Span);

    public void Encode(Encoder to) => to.Raw(Magic.Span).U8(Version).Value(Genesis).List(Epochs).Digest(UnitId).Digest(SecretId).List(Shown);

    public static AuditFile Decode(ref Decoder from)
    {
        if (from.Left > Limits.MaxProofFile) throw new MalformedException($"{from.Left} bytes, at most {Limits.MaxProofFile} allowed");
        if (from.Left < Magic.Length || !from.Raw(Magic.Length).SequenceEqual(Magic.Span))
            throw new MalformedException("the first bytes are another file's");
        if (from.U8() is var version and not Version) throw new MalformedException($"audit version {version}, {Version} expected");
        return new AuditFile(
            from.Value<Genesis>(), from.List<EpochLink>((int)Limits.MaxInstanceEpochs), from.Digest(), from.Digest(), from.List<ProvenHeight>(MaxShown));
    }
}
