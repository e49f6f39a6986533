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

    internal static Verifier<(Dvrf Function, DvrfInput Input, DvrfShare Share)> ShareChecks { get; } = new(
        new("PRT-CRY-0051", s => s.Function.Key.HasMember(s.Share.Index)),
        new("PRT-CRY-0052", s => Dleq.Refusal(s.Function.StatementOf(s.Input, s.Share.Index, s.Share.Value), s.Share.Proof) is null));

    internal static Verifier<(Dvrf Function, ulong Epoch, IReadOnlyList<DvrfInput> Inputs, DvrfBatchShare Share)> BatchChecks { get; } =
        new(
        new("PRT-CRY-0053", s => s.Function.Key.HasMember(s.Share.Index)),
        new("PRT-CRY-0054", s => s.Function.BatchRefusal(s.Epoch, s.Inputs, s.Share) is null));

    internal static Verifier<(Dvrf Function, DvrfInput Input, IReadOnlyList<DvrfShare> Shares, byte[] Output)> RecordChecks { get; } = new(
        new("PRT-CRY-0061", r => r.Shares.Count == r.Function.Key.Threshold),
        new("PRT-CRY-0062", r => r.Shares.Zip(r.Shares.Skip(1), (one, next) => one.Index < next.Index).All(ascends => ascends)),
        new("PRT-CRY-0063", r => r.Shares.All(share => r.Function.Refusal(r.Input, share) is null)),
        new("PRT-CRY-0064", r => r.Function.Interpolate(r.Input, r.Shares).AsSpan().SequenceEqual(r.Output)));

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
        return new DvrfInput(message, HashToGroup.H2G("DVRF", [.. keyId.Span, .. message]));
    }

    /// <summary>The share of member <paramref name="index"/>, whose secret is <paramref name="secret"/>.</summary>
    public DvrfShare Prove(DvrfInput input, ushort index, SecretScalar secret, IRandom random)
    {
        var value = secret.Multiply(input.Point);
        return new DvrfShare(index, value, Dleq.Prove(StatementOf(input, index, value), secret, random));
    }

    /// <summary>Shares of several draws under one proof; at least one input.</summary>
    public DvrfBatchShare Prove(ulong epoch, IReadOnlyList<DvrfInput> inputs, ushort index, SecretScalar secret, IRandom random)
    {
        Point[] values = [.. inputs.Select(input => secret.Multiply(input.Point))];
        return new DvrfBatchShare(index, values, BatchDleq.Prove(StatementOf(epoch, inputs, index, values), secret, random, sums));
    }

    /// <summary>Null for a valid share; or <c>PRT-CRY-0051</c> index of a member, <c>0052</c> proof.</summary>
    public string? Refusal(DvrfInput input, DvrfShare share) => ShareChecks.Refusal((this, input, share));

    /// <summary>Null for valid shares of exactly these inputs in this order; or <c>PRT-CRY-0053</c> index of a member, <c>0054</c>
    /// proof.</summary>
    public string? Refusal(ulong epoch, IReadOnlyList<DvrfInput> inputs, DvrfBatchShare share) =>
        BatchChecks.Refusal((this, epoch, inputs, share));

    /// <summary>Null when the output is right, which needs no trust in anybody; or <c>PRT-CRY-0061</c> exactly t shares, <c>0062</c> of
    /// ascending indices, <c>0063</c> each valid, <c>0064</c> output.</summary>
    public string? Refusal(DvrfInput input, IReadOnlyList<DvrfShare> shares, byte[] output) =>
        RecordChecks.Refusal((this, input, shares, output));

    /// <summary>The output, from the values of exactly t distinct members that were found valid: the same whichever t they are.</summary>
    public byte[] Combine(DvrfInput input, IReadOnlyList<(ushort Index, Point Value)> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Count, Key.Threshold);
        return Interpolate(input, [.. values.Select(value => value.Index)], [.. values.Select(value => value.Value)]);
    }

    private byte[] Interpolate(DvrfInput input, IReadOnlyList<DvrfShare> shares) =>
        Interpolate(input, [.. shares.Select(share => share.Index)], [.. shares.Select(share => share.Value)]);

    /// <summary><c>SHA512("PROTEAN-DVRF-OUT-v1" || vrfKeyId || bytes(m) || V)</c>.</summary>
    private byte[] Interpolate(DvrfInput input, ushort[] indices, Point[] values)
    {
        var prefix = "PROTEAN-DVRF-OUT-v1"u8;
        var (keyId, value) = (KeyId, Lagrange.Combine(indices, values, sums));
        Span<byte> hashed = new byte[prefix.Length + Digest.Size + sizeof(uint) + input.Message.Length + Point.Size];
        var writer = new WireWriter(hashed);
        writer.Raw(prefix);
        writer.Raw(keyId.Span);
        writer.Bytes(input.Message.Span);
        writer.Raw(value.Span);
        return SHA512.HashData(hashed);
    }

    private DleqStatement StatementOf(DvrfInput input, ushort index, Point value)
    {
        var keyId = KeyId;
        byte[] context = [.. keyId.Span, .. input.Message.Span, (byte)index, (byte)(index >> 8)];
        return new DleqStatement(ShareDomain, context, Point.Base, Key.PublicShare(index), input.Point, value);
    }

    private BatchDleqStatement StatementOf(ulong epoch, IReadOnlyList<DvrfInput> inputs, ushort index, ReadOnlyMemory<Point> values)
    {
        var messages = MerkleTree.Root([.. inputs.Select(input => input.Message.ToArray())]);
        var context = BatchDleqStatement.ContextOf("dvrf", KeyId, epoch, messages, index);
        return new BatchDleqStatement(context, Key.PublicShare(index), inputs.Select(input => input.Point).ToArray(), values);
    }

    private string? BatchRefusal(ulong epoch, IReadOnlyList<DvrfInput> inputs, DvrfBatchShare share) =>
        BatchDleq.Refusal(StatementOf(epoch, inputs, share.Index, share.Values), share.Proof, sums);
}
