using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;
using Protean.Workflows;

namespace Protean.Units.State;

/// <summary>An instance to be kept, with what it is judged by.</summary>
public sealed record InstanceCase(Instance Instance, PublicKey? Client, UnitContext Unit, MapView State);

/// <summary>What an instance holds to before it is kept (protocols 8.1).</summary>
public static class InstanceRules
{
    public static Requirements<InstanceCase> Checks { get; } = new(
        new("PRT-STA-0103", "an instance must be of this network", "Make the instance for this network.", static asked =>
            asked.Instance.ChainId == asked.Unit.ChainId ? null : new Finding(asked.Instance.ChainId.ToString(), asked.Unit.ChainId.ToString())),
        new("PRT-STA-0104", "an instance is kept by the state unit that it names", "Ask the state unit that the instance names.", static asked =>
            asked.Instance.StateUnit == asked.Unit.UnitId ? null : new Finding(asked.Unit.UnitId.ToString(), asked.Instance.StateUnit.ToString())),
        new("PRT-STA-0105", "an instance is kept for its creator only", "Ask with the creator's key.", static asked =>
            asked.Client == asked.Instance.Creator ? null : new Finding(asked.Client?.ToString() ?? "nobody", asked.Instance.Creator.ToString())),
        new("PRT-STA-0106", "an instance is open for a bounded time that is not over", "Choose other open and close epochs.", static asked =>
            asked.Instance.OpensProperly && asked.Instance.CloseEpoch >= asked.Unit.Epoch && asked.Instance.OpenEpoch <= asked.Unit.Epoch + Limits.MaxInstanceEpochs
                ? null
                : new Finding($"epochs {asked.Instance.OpenEpoch} to {asked.Instance.CloseEpoch}",
                    $"at most {Limits.MaxInstanceEpochs} epochs, open now (epoch {asked.Unit.Epoch}) or within as many")),
        new("PRT-STA-0107", "the workflows of an instance must be published under the names that it gives", "Publish the workflow first.", static asked =>
        {
            foreach (var pin in asked.Instance.Workflows)
                if (Published(asked.State, pin.CodeHash)?.Name != pin.Name) return new Finding($"no such workflow {pin.CodeHash}", Where: pin.Name);
            return null;
        }));

    private static Workflow? Published(MapView state, Digest codeHash) =>
        state.Get(WorkflowKeys.Workflow(codeHash)) is { } entry ? Canonical.Decode<Workflow>(entry.Value.Span) : null;
}
