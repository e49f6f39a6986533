using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Execution;

namespace Protean.Client.Proof;

/// <summary>Verifies proof files offline, trusting no node: only the genesis hash, and the mathematics (docs/proof-format.md).</summary>
public static class ProofVerifier
{
    /// <summary>The code of the first check: the bytes are a proof file's, in their one form.</summary>
    public const string Form = "PRT-PRF-0001";

    private const string FormWhat = "the file must be in its canonical form";

    /// <summary>The checks in order. Each relies only on those before it.</summary>
    internal static IReadOnlyList<ProofCheck> Checks { get; } =
        [.. GenesisChecks.All, .. KeyChecks.All, .. RunChecks.All, .. RandomnessChecks.All, .. ContractChecks.All, .. FinalStateChecks.All];

    /// <summary>The codes of all checks, in order.</summary>
    public static IReadOnlyList<string> Codes { get; } = [Form, .. Checks.Select(static check => check.Code)];

    /// <param name="bytes">The file.</param>
    /// <param name="expectedNetwork">The network's genesis hash, known from elsewhere.</param>
    /// <param name="engine">Runs the contracts again.</param>
    /// <param name="without">For tests: the codes of checks to leave out.</param>
    /// <exception cref="EngineFaultException">This machine could not run the contracts; that says nothing about the proof.</exception>
    public static ProofReport Verify(ReadOnlySpan<byte> bytes, Digest expectedNetwork, IContractEngine engine,
        params IReadOnlyList<string> without)
    {
        ProofFile file;
        try
        {
            file = Canonical.Decode<ProofFile>(bytes);
        }
        catch (MalformedException malformed)
        {
            var refusal = new Runtime.Refusal(Form, FormWhat, Expected: "a proof file", Got: malformed.Message,
                Advice: "Discard the proof, and ask for another one.");
            return new ProofReport(expectedNetwork, [new ProofLine(Form, FormWhat, 0, refusal)], null);
        }
        return Verify(new ProofCase(file, expectedNetwork, engine), without);
    }

    private static ProofReport Verify(ProofCase proof, IReadOnlyList<string> without)
    {
        var lines = new List<ProofLine> { new(Form, FormWhat, 1, null) };
        foreach (var check in Checks)
        {
            if (without.Contains(check.Code)) continue;
            lines.Add(check.Run(proof));
            if (!lines[^1].Holds) return new ProofReport(proof.Network, lines, null);
        }
        return new ProofReport(proof.Network, lines, proof.ToRun());
    }
}
