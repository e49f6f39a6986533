using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Contracts;

namespace Protean.Units.Execution;

/// <summary>How a call ended.</summary>
/// <param name="FuelUsed">At most the call's fuel; all of it after a trap.</param>
public abstract record CallResult(ulong FuelUsed)
{
    /// <summary>The call returned; its effects may be committed.</summary>
    public sealed record Completed(Effects Effects, ulong FuelUsed) : CallResult(FuelUsed);

    /// <summary>The call failed as a whole: no effects (status 1, protocols 8.3).</summary>
    public sealed record Failed(CallFailure Failure, ulong FuelUsed) : CallResult(FuelUsed);

    /// <summary>The call asked for state that the request does not prove: a refusal, not a failure (protocols 8.6).</summary>
    /// <param name="Key">The full key, or the full prefix of a scan.</param>
    /// <param name="IsPrefix">Whether a whole prefix was asked for.</param>
    /// <param name="FuelUsed">As in every result.</param>
    public sealed record OutsideWitness(Bytes Key, bool IsPrefix, ulong FuelUsed) : CallResult(FuelUsed);
}

/// <summary>Who says that the call failed.</summary>
public enum FailureKind : byte
{
    /// <summary>The contract, by its own code and message.</summary>
    Contract = 1,

    /// <summary>The machine; the code is a <see cref="TrapReason"/>.</summary>
    Trap = 2,
}

/// <summary>Why the machine stopped a call. Numbers are part of receipts and never change.</summary>
public enum TrapReason : uint
{
    OutOfFuel = 1,
    StackLimit = 2,
    Unreachable = 3,
    MemoryBounds = 4,
    TableBounds = 5,
    IndirectCall = 6,
    Arithmetic = 7,

    /// <summary>A host function was called against its contract: memory range, key or value size, text that is not UTF-8.</summary>
    HostCall = 8,
    UnknownContract = 9,

    /// <summary>A contract that is already running in this tree was called again.</summary>
    Reentrancy = 10,
    CallDepth = 11,
}

/// <summary>A failed call, as it stands in the failure receipt.</summary>
/// <param name="Kind">Who says so.</param>
/// <param name="Code">The contract's own code, or a <see cref="TrapReason"/>.</param>
/// <param name="Contract">The contract that failed: the one called, or one nested below it.</param>
/// <param name="Message">For people; the same on every member.</param>
public sealed record CallFailure(FailureKind Kind, uint Code, Digest Contract, string Message) : ICanonical<CallFailure>
{
    public static CallFailure Trap(TrapReason code, Digest contract, string message) =>
        new(FailureKind.Trap, (uint)code, contract, message);

    public void Encode(Encoder to) => to.U8((byte)Kind).U32(Code).Digest(Contract).Text(Message);

    public static CallFailure Decode(ref Decoder from)
    {
        var kind = from.U8();
        if (kind is not ((byte)FailureKind.Contract or (byte)FailureKind.Trap)) throw new MalformedException($"failure kind {kind}");
        return new CallFailure((FailureKind)kind, from.U32(), from.Digest(), from.Text(Limits.MaxFailureMessage));
    }
}
