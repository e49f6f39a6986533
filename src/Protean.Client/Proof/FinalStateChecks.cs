using System.Buffers.Binary;
using Protean.Client.Plans;
using Protean.Codec;
using Protean.Runtime;
using Protean.State;
using Protean.Units.Contracts;

namespace Protean.Client.Proof;

/// <summary>What stands in the state unit after the run.</summary>
internal static class FinalStateChecks
{
    public static IReadOnlyList<ProofCheck> All { get; } =
    [
        new("PRT-PRF-0021", "a run that committed must show the state after it, and only such a run", static proof =>
            [(proof.LastCommit is null) == (proof.File.FinalState is null) ? null
                : new Finding(proof.LastCommit is null ? "a final state and no commit" : "no final state")]),
        new("PRT-PRF-0022", "the final state must be sealed by the state unit, no earlier than the commit", static proof =>
            Of(proof, static (proof, final, commit) =>
            final.UnitId != proof.UnitIdOf(commit) ? new Finding($"unit {final.UnitId}", $"unit {proof.UnitIdOf(commit)}")
            : final.Header.Height < commit.Result.Height ? new Finding($"height {final.Header.Height}", $"{commit.Result.Height} or later")
            : Finding.Of(proof.Receipts.Verify(final.Seal)))),
        new("PRT-PRF-0023", "the final entries must be the sealed ones", static proof => Of(proof, static (_, final, _) =>
            final.Witness is { } witness
                ? Finding.Of(witness.Verify(final.Header.StateRoot, new WitnessQuestion(ProvenHeight.DataMap, [], [])))
                : new Finding("no entries"))),
        new("PRT-PRF-0024", "every entry that the commit wrote and the final state shows must be as it was written", static proof =>
            proof.LastCommit is { } commit ? Written(proof, commit).Select(write => Stands(proof, commit, write)) : []),
    ];

    private static IEnumerable<Finding?> Of(ProofCase proof, Func<ProofCase, ProvenHeight, StepOutcome, Finding?> look) =>
        proof.LastCommit is { } commit ? [look(proof, proof.File.FinalState!, commit)] : [];

    /// <summary>What a commit wrote, as the contracts that were run again say.</summary>
    public static IEnumerable<WriteEffect> Written(ProofCase proof, StepOutcome commit) =>
        commit.Request.Proofs.Dependencies.Where(dependency => proof.Effects.ContainsKey(dependency.Step)).SelectMany(dependency =>
            proof.Effects[dependency.Step].Writes);

    /// <summary>Whether an entry is as a commit of this version wrote it, as far as the proof shows it.</summary>
    public static bool StandsIfShown(MapProof proof, WriteEffect write, ulong? version) =>
        !proof.TryGet(write.Key, out var entry)
        || (write.Value is null ? entry is null : entry?.Version == version && entry?.Value == write.Value);

    private static Finding? Stands(ProofCase proof, StepOutcome commit, WriteEffect write)
    {
        var (shown, version) = (proof.File.FinalState!.Witness!.Proof, VersionOf(commit));
        if (StandsIfShown(shown, write, version)) return null;
        shown.TryGet(write.Key, out var entry);
        return new Finding(entry is null ? "an absent entry" : $"version {entry.Version}: {entry.Value}",
            write.Value is null ? "an absent entry" : $"version {version}: {write.Value}", $"key {write.Key}");
    }

    /// <summary>The version that a commit gave to all it wrote.</summary>
    public static ulong? VersionOf(StepOutcome commit) =>
        commit.Result.Outputs.Find("version") is { Length: sizeof(ulong) } version ? BinaryPrimitives.ReadUInt64LittleEndian(version.Span)
            : null;
}
