using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>The distributed verifiable random function of one threshold key that is used for nothing else (protocols 4.1; Cachin, Kursawe,
/// Shoup 2000; Galindo et al. 2021).</summary>
/// <remarks>Any t valid shares give the same 64 bytes, so nobody can choose them; fewer than t say nothing about them. Rule O: a share
/// leaves its member only after the request is final there.</remarks>
public sealed class Dvrf(Digest keyId, ThresholdPublicKey key, IMultiScalar sums)
{
    /// <summary>Length in bytes of an output.</summary>
    public const int OutputSize = SHA512.HashSizeInBytes;

    private const string ShareDomain = "protean/dvrf/share/v1";
    private const byte BeaconNamespace = 0x01;
    private const byte RequestNamespace = 0x02;

    internal static Verifier<(Dvrf Function, DvrfInput Input, IReadOnlyList<ProvenShare> Shares, byte[] Output)> OutputChecks { get; } = new(
        new ProofCheck<(Dvrf Function, DvrfInput Input, IReadOnlyList<ProvenShare> Shares, byte[] Output)>("PRT-CRY-0064", r =>
            r.Function.Output(r.Input, r.Input.Multiple.Combine(r.Shares)).AsSpan().SequenceEqual(r.Output)));

    public Digest KeyId { get; } = keyId;
    public ThresholdPublicKey Key { get; } = key;

    /// <summary>The message of a beacon round: <c>0x01 || u64 round</c>. No request can reach it.</summary>
    public static byte[] BeaconMessage(ulong round)
    {
        var message = new byte[1 + sizeof(ulong)];
        message[0] = BeaconNamespace;
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(1), round);
        return message;
    }

    /// <summary>The message of a request: <c>0x02 || replayKey || inputsDigest</c>. It covers what is drawn from, so nobody can draw
    /// ahead.</summary>
    public static byte[] RequestMessage(Digest replayKey, Digest inputsDigest) =>
        [RequestNamespace, .. replayKey.Span, .. inputsDigest.Span];

    public DvrfInput Input(byte[] message)
    {
        var keyId = KeyId;
        byte[] context = [.. keyId.Span, .. message];
        return new DvrfInput(message, new SharedMultiple(ShareDomain, context, HashToGroup.H2G("DVRF", context), Key, sums));
    }

    /// <summary>Null when the output is right, which needs no trust in anybody; or what is wrong with the shares, as
    /// <see cref="SharedMultiple.Refusal(IReadOnlyList{ProvenShare})"/> says it, or <c>PRT-CRY-0064</c> output.</summary>
    public string? Refusal(DvrfInput input, IReadOnlyList<ProvenShare> shares, byte[] output) =>
        input.Multiple.Refusal(shares) ?? OutputChecks.Refusal((this, input, shares, output));

    /// <summary><c>SHA512("PROTEAN-DVRF-OUT-v1" || vrfKeyId || bytes(m) || V)</c>, V being what the shares combine to.</summary>
    public byte[] Output(DvrfInput input, Point value)
    {
        var prefix = "PROTEAN-DVRF-OUT-v1"u8;
        var keyId = KeyId;
        Span<byte> hashed = new byte[prefix.Length + Digest.Size + sizeof(uint) + input.Message.Length + Point.Size];
        var writer = new WireWriter(hashed);
        writer.Raw(prefix);
        writer.Raw(keyId.Span);
        writer.Bytes(input.Message.Span);
        writer.Raw(value.Span);
        return SHA512.HashData(hashed);
    }
}

/// <summary>The message of one draw with the multiple that members find, its point computed once for all shares.</summary>
/// <param name="Message">What is drawn for.</param>
/// <param name="Multiple">Of <c>M = H2G("DVRF", vrfKeyId || m)</c>.</param>
public sealed record DvrfInput(ReadOnlyMemory<byte> Message, SharedMultiple Multiple);
