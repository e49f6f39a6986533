using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Execution;

namespace Protean.Wasm;

/// <summary>Ends a whole tree of calls from anywhere within it, with the result it has.</summary>
internal sealed class CallStoppedException(Func<ulong, CallResult> result, bool takesAllFuel) : Exception("the call has stopped")
{
    /// <summary>The result, given the fuel used up to the stop; a trap takes all, since what a machine counted up to it is not
    /// defined.</summary>
    public CallResult Result(ulong fuelGiven, ulong fuelLeft) => result(takesAllFuel ? fuelGiven : fuelGiven - fuelLeft);

    public static CallStoppedException Trap(TrapReason code, Digest contract, string message) =>
        new(used => new CallResult.Failed(CallFailure.Trap(code, contract, message), used), takesAllFuel: true);

    public static CallStoppedException HostCall(Digest contract, string message) => Trap(TrapReason.HostCall, contract, message);

    public static CallStoppedException Failure(Digest contract, uint code, string message) =>
        new(used => new CallResult.Failed(new CallFailure(FailureKind.Contract, code, contract, message), used), takesAllFuel: false);

    public static CallStoppedException OutsideWitness(Bytes key, bool isPrefix) =>
        new(used => new CallResult.OutsideWitness(key, isPrefix, used), takesAllFuel: false);
}
