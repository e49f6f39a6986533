using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units.Contracts;

namespace Protean.Units.Execution;

/// <summary>What the execution unit offers.</summary>
public static class ExecutionTransactions
{
    /// <summary>The input of <see cref="CallContract"/> that holds the method's arguments.</summary>
    public const string ArgumentInput = "argument";

    public static Transaction PublishContract { get; } = new(
        "publish", "Keeps a contract's code, for ever, under its hash. The same code again changes nothing.",
        [new("code", ValueKind.Bytes, "The code, as the unit's machine reads it.")],
        [new("contractId", ValueKind.Digest, "Names the contract everywhere.")],
        Direct: true, Infallible: false, Pending: false,
        [],
        [new("code", Bytes.Empty)]);

    public static Transaction CallContract { get; } = new(
        Effects.Function, "Runs a contract on proven state. Changes nothing by itself: the effects are committed at the state unit.",
        [
            new("contract", ValueKind.Digest, "The contract called first."),
            new("method", ValueKind.Text, "Its method."),
            new(ArgumentInput, ValueKind.Bytes,
                "The method's arguments in order; only the last may have a length that the workflow does not fix.", Repeated: true),
            new(Admission.StateInput, ValueKind.Digest, "The sealed height whose state the call reads; bound from the request's witness."),
        ],
        [
            new(Effects.OutputName, ValueKind.Effects, "What the call read and wrote."),
            new("output", ValueKind.Bytes, "What the method gave back."),
        ],
        Direct: false, Infallible: false, Pending: false,
        [CallFailures.Contract, .. CallFailures.Traps],
        [new("contract", new Bytes(Digest.Zero.Span)), new("method", Bytes.Of("method"))]);

    public static IReadOnlyList<Transaction> All { get; } = [PublishContract, CallContract];
}
