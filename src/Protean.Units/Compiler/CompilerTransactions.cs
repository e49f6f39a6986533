using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Workflows;

namespace Protean.Units.Compiler;

/// <summary>What the compiler unit offers.</summary>
public static class CompilerTransactions
{
    public static Transaction Compile { get; } = new(
        SealedPlan.Function, "Makes a plan: one client's way through one workflow of one instance. Its receipt is the plan's signature.",
        [
            new("instance", ValueKind.Digest, "The run of the application."),
            new("workflow", ValueKind.Text, "Its name in the instance."),
            new("nonce", ValueKind.U64, "Tells the client's plans for this workflow apart."),
            new(Admission.StateInput, ValueKind.Digest,
                "The sealed height whose state proves instance and workflow; bound from the request's witness."),
        ],
        [
            new(SealedPlan.Output, ValueKind.Digest, "Names the plan."),
            new("plan", ValueKind.Bytes, "The canonical plan."),
        ],
        Direct: true, Infallible: false, Pending: false,
        [],
        [new("instance", new Bytes(Digest.Zero.Span)), new("nonce", Values.OfU64(0)), new("workflow", Bytes.Of("workflow"))]);

    public static IReadOnlyList<Transaction> All { get; } = [Compile];
}
