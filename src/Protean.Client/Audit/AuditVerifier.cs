using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;
using Protean.Units.PrivateStorage;

namespace Protean.Client.Audit;

/// <summary>What an audit file shows.</summary>
/// <param name="Secret">Label, owner, encrypted data.</param>
/// <param name="Trail">Every request to read it up to <paramref name="Height"/>, in the order of the log.</param>
/// <param name="Policies">The versions that decided them, by hash.</param>
public sealed record AuditTrail(
    Secret Secret, IReadOnlyList<AuditEntry> Trail, IReadOnlyDictionary<Digest, Policy> Policies, ulong Height, ulong TimeMs);

/// <summary>Verifies audit files offline, trusting no node: only the genesis hash, and the private-storage unit's quorum.</summary>
public static class AuditVerifier
{
    private const string Advice = "Ask for the audit again; who made this one has left something out or changed it.";

    private static readonly Refusal Malformed = new("PRT-AUD-0001", "the file must be in its canonical form", Expected: "an audit file", Advice: Advice);

    internal static Requirements<AuditCase> Checks { get; } = new(
        new("PRT-AUD-0002", "the genesis must be the expected network's", "Give the network's hash, known from elsewhere.", static audit =>
            audit.File.Genesis.ChainId == audit.Network ? null : new Finding($"{audit.File.Genesis.ChainId}", $"{audit.Network}")),
        new("PRT-AUD-0003", "every node's record must be signed, and units must be safe", Advice, static audit =>
            Of(audit.File.Genesis.Nodes.Select(node => GenesisRules.RecordRefusal(audit.File.Genesis, node)).FirstOrDefault(static one => one is not null)
                ?? GenesisRules.Checks.FirstRefusal(audit.File.Genesis))),
        new("PRT-AUD-0004", "every epoch must follow from the one before", Advice, static audit =>
            Of(audit.File.Epochs.Select(audit.Follow).FirstOrDefault(static one => one is not null))),
        new("PRT-AUD-0005", "every height must be sealed, by the unit", Advice, static audit => FirstOf(audit, static (audit, shown) =>
            shown.UnitId == audit.File.UnitId ? Of(audit.Receipts.Verify(shown.Seal)) : new Finding($"unit {shown.UnitId}", $"unit {audit.File.UnitId}"))),
        new("PRT-AUD-0006", "what is shown must be the sealed state's", Advice, static audit => FirstOf(audit, static (_, shown) =>
            shown.Witness is { } witness
                ? Of(witness.Verify(shown.Header.StateRoot, new WitnessQuestion(ProvenHeight.DataMap, [], []))) : new Finding("no entries"))),
        new("PRT-AUD-0007", "the secret must be shown", Advice, static audit =>
            audit.Find(StorageKeys.Secret(audit.File.SecretId)) is null ? new Finding("nothing", $"secret {audit.File.SecretId}") : null),
        new("PRT-AUD-0008", "as many requests must be shown as there were at the latest height that says it", Advice, static audit =>
            audit.Count is not { } count ? new Finding("no count", "one")
            : (ulong)audit.Trail().Count == count ? null : new Finding($"{audit.Trail().Count} requests", $"{count}")),
        new("PRT-AUD-0009", "every policy that decided must be shown", Advice, static audit =>
            audit.Trail().FirstOrDefault(entry => entry.Policy != Digest.Zero && audit.Find(StorageKeys.PolicyVersion(entry.Policy)) is null) is { } lacks
                ? new Finding("nothing", $"version {lacks.Policy}") : null));

    /// <summary>The codes of all checks after the first, in order.</summary>
    public static IReadOnlyList<string> Codes => [.. Checks.Select(static check => check.Code)];

    /// <param name="bytes">The file.</param>
    /// <param name="expectedNetwork">The network's genesis hash, known from elsewhere.</param>
    /// <param name="trail">What the file shows, where it holds.</param>
    /// <param name="without">For tests: the code of a check to leave out.</param>
    /// <returns>Null where it holds, or the refusal of the first check that fails.</returns>
    public static Refusal? Verify(ReadOnlySpan<byte> bytes, Digest expectedNetwork, out AuditTrail? trail, string? without = null)
    {
        trail = null;
        try
        {
            var audit = new AuditCase(Canonical.Decode<AuditFile>(bytes), expectedNetwork);
            if (Checks.FirstRefusal(audit, without: without) is { } refusal) return refusal;
            trail = ReadOut(audit);
            return null;
        }
        catch (MalformedException malformed)
        {
            return Malformed with { Got = malformed.Message };
        }
    }

    private static AuditTrail ReadOut(AuditCase audit)
    {
        var trail = audit.Trail();
        var policies = trail.Select(static entry => entry.Policy).Distinct().Select(hash => audit.Find<Policy>(StorageKeys.PolicyVersion(hash)))
            .OfType<Policy>().ToDictionary(static policy => policy.Hash);
        var latest = audit.Latest!.Header;
        return new AuditTrail(audit.Find<Secret>(StorageKeys.Secret(audit.File.SecretId))!, trail, policies, latest.Height, latest.TimeMs);
    }

    private static Finding? Of(Refusal? refusal) => refusal is null ? null : new Finding(refusal.ToString());

    private static Finding? FirstOf(AuditCase audit, Func<AuditCase, ProvenHeight, Finding?> look) =>
        audit.File.Shown.Select(shown => look(audit, shown)).FirstOrDefault(static finding => finding is not null);
}
