using System.Globalization;
using Protean.Runtime;

namespace Protean.Units.Execution;

/// <summary>Failed calls as failure receipts tell them.</summary>
public static class CallFailures
{
    public static (string Code, string Meaning) Contract { get; } = ("PRT-EXE-0110", "the contract refused, by its own code and message");

    /// <summary>PRT-EXE-0120 and on: the machine stopped the call; the last digits are 20 and the <see cref="TrapReason"/>.</summary>
    public static IReadOnlyList<(string Code, string Meaning)> Traps { get; } =
        [.. Enum.GetValues<TrapReason>().Select(static trap => (CodeOf(trap), $"the machine stopped the call: {trap}"))];

    public static Outcome ToOutcome(CallFailure failure) => failure.Kind switch
    {
        FailureKind.Contract => new Outcome.Failed(
            Contract.Code, string.Create(CultureInfo.InvariantCulture,
                $"{failure.Message} [code {failure.Code} of contract {failure.Contract}]")),
        _ => new Outcome.Failed(CodeOf((TrapReason)failure.Code),
            $"{failure.Message} [{(TrapReason)failure.Code} in contract {failure.Contract}]"),
    };

    private static string CodeOf(TrapReason trap) => string.Create(CultureInfo.InvariantCulture, $"PRT-EXE-{120 + (uint)trap:0000}");
}
