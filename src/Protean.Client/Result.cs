using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Client;

/// <summary>A sealed result, verified: the receipt is of the request, and the outputs are the receipt's.</summary>
/// <param name="Record">What convinces a third party of a shared result without trusting the quorum; empty for others. Not verified
/// here.</param>
public sealed record Result(Receipt Receipt, Outputs Outputs, Bytes Record)
{
    public ResultStatus Status => Receipt.Leaf.Status;

    /// <summary>The height of its unit at which it stands.</summary>
    public ulong Height => Receipt.Header.Height;

    /// <summary>Verifies it again, offline and from nothing but the directory, as anyone to whom it is shown would.</summary>
    /// <param name="request">What it must be the result of.</param>
    /// <returns>Null where it holds.</returns>
    public Refusal? Verify(Request request, IDirectory directory) =>
        Outputs.Digest != Receipt.Leaf.OutputDigest
            ? ClientRefusals.OtherOutputs(Receipt.Leaf.OutputDigest.ToString(), Outputs.Digest.ToString())
            : new ReceiptVerifier(directory, Ed25519Scheme.Instance, new VerifiedSeals()).Verify(Receipt, ReplyVerifier.ClaimOf(request, directory));

    /// <summary>An output that a good result of this function has.</summary>
    /// <exception cref="RefusedException">The result is a failure, or has no such output.</exception>
    public Bytes Output(string name) => RequireOk().Outputs.Find(name)
        ?? throw new RefusedException(ClientRefusals.StepFailed(Receipt.Leaf.Function, "no output", name));

    /// <exception cref="RefusedException">The result is a failure; with the unit's own code and message.</exception>
    public Result RequireOk() => Status == ResultStatus.Ok ? this : throw new RefusedException(Failure);

    /// <summary>Why it is not good, as the unit sealed it.</summary>
    public Refusal Failure => ClientRefusals.StepFailed(
        Receipt.Leaf.Function, Outputs.Find("code")?.ToText() ?? $"{Status}", Outputs.Find("message")?.ToText() ?? "");
}

/// <summary>A unit's threshold key with what shows it to be the unit's.</summary>
public sealed record ProvenKey(Receipt Receipt, Outputs Outputs, KeyGeneration.KeyRecord Record) : ICanonical<ProvenKey>
{
    public Cryptography.Digest UnitId => Receipt.Header.Context.UnitId;
    public UnitContext Context => Receipt.Header.Context;

    public void Encode(Encoder to) => to.Value(Receipt).Value(Outputs).Value(Record);
    public static ProvenKey Decode(ref Decoder from) =>
        new(from.Value<Receipt>(), from.Value<Outputs>(), from.Value<KeyGeneration.KeyRecord>());
}
