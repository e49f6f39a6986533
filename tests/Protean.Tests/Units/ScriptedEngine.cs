using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Units.Contracts;
using Protean.Units.Execution;

namespace Protean.Tests.Units;

/// <summary>A machine with one contract, an account: "add" adds a number to what stands under "sum", "spend" takes it away, "list" gives
/// the entries back.</summary>
internal sealed class ScriptedEngine : IContractEngine
{
    public static Bytes Code { get; } = Bytes.Of("account");

    public Refusal? Check(ReadOnlySpan<byte> code) =>
        code.SequenceEqual(Code.Span) ? null
            : new Refusal("PRT-WSM-0001", "no module", Where: "byte 0", Expected: "account", Got: Convert.ToHexString(code));

    public CallResult Call(ContractCall call, IContractHost host)
    {
        if (!host.TryCode(call.Contract, out _)) return new CallResult.Failed(
            CallFailure.Trap(TrapReason.UnknownContract, call.Contract, "no such contract"), 1);
        var from = new Decoder(call.Input.Span);
        var method = from.Text(64);
        var key = ContractKeys.Full(call.ExecutionUnit, call.Contract, "sum"u8);
        var prefix = ContractKeys.Prefix(call.ExecutionUnit, call.Contract);
        if (method == "list")
            return host.TryScan(prefix, out var hash, out var entries)
                ? new CallResult.Completed(new Effects([], [new PrefixEffect(prefix, hash)], [], Values.OfU64((ulong)entries.Count)), 1)
                : new CallResult.OutsideWitness(prefix, true, 1);
        if (!host.TryRead(key, out var entry)) return new CallResult.OutsideWitness(key, false, 1);
        var (sum, amount) = (entry is null ? 0 : BitConverter.ToUInt64(entry.Value.Span), from.U64());
        if (method == "spend" && amount > sum) return new CallResult.Failed(
            new CallFailure(FailureKind.Contract, 7, call.Contract, "not enough coins"), 1);
        var after = Values.OfU64(method == "spend" ? sum - amount : sum + amount);
        return new CallResult.Completed(
            new Effects([new ReadEffect(key, entry?.Version)], [], [new WriteEffect(call.Contract, key, after)], after), 1);
    }
}
