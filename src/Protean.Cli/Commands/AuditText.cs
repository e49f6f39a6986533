using System.Text.Json.Nodes;
using Protean.Client.Audit;
using Protean.Runtime;

namespace Protean.Cli.Commands;

/// <summary>An audit trail for people and for programs.</summary>
internal static class AuditText
{
    public static void Show(AuditTrail trail, Terminal terminal)
    {
        terminal.Say($"secret   {trail.Secret.Id} of {trail.Secret.Label.Owner}: {trail.Secret.Label.Note.ToText()}");
        foreach (var entry in trail.Trail)
            terminal.Say($"{(entry.Refused.Length == 0 ? "granted" : "refused"),-8} {new UnixMs(entry.TimeMs)}  {string.Join(", ", entry.Signers)}  "
                + $"{VersionOf(trail, entry)} {entry.Refused}");
        terminal.Say($"whole    up to height {trail.Height}, {new UnixMs(trail.TimeMs)}: {trail.Trail.Count} requests");
        terminal.Answer(new JsonObject
        {
            ["secret"] = trail.Secret.Id.ToString(),
            ["owner"] = trail.Secret.Label.Owner.ToString(),
            ["height"] = trail.Height,
            ["requests"] = new JsonArray([.. trail.Trail.Select(entry => new JsonObject
            {
                ["timeMs"] = entry.TimeMs,
                ["signers"] = new JsonArray([.. entry.Signers.Select(static key => JsonValue.Create(key.ToString()))]),
                ["policyVersion"] = trail.Policies.GetValueOrDefault(entry.Policy)?.Version,
                ["refused"] = entry.Refused,
            })]),
        });
    }

    private static string VersionOf(AuditTrail trail, Protean.Units.PrivateStorage.AuditEntry entry) =>
        trail.Policies.TryGetValue(entry.Policy, out var policy) ? $"policy version {policy.Version}" : "no policy";
}
