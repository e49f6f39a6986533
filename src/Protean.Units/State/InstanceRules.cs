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
            Differs(asked.Instance.ChainId, asked.Unit.ChainId)),
        new("PRT-STA-0104", "an instance is kept by the state unit that it names", "Ask the state unit that it names.", static asked =>
            Differs(asked.Instance.StateUnit, asked.Unit.UnitId)),
        new("PRT-STA-0105", "an instance is kept for its creator only", "Ask with the creator's key.", static asked =>
            asked.Client == asked.Instance.Creator ? null : new Finding(asked.Client?.ToString() ?? "nobody", $"{asked.Instance.Creator}")),
        new("PRT-STA-0106", "an instance is open for a bounded time that is not over", "Choose other open and close epochs.", WrongEpochs),
        new("PRT-STA-0107", "an instance's workflows must be published, each under its own name", "Publish the workflow first.",
            Unpublished));

    private static Finding? Differs(Digest got, Digest expected) =>
        got == expected ? null : new Finding(got.ToString(), expected.ToString());

    private static Finding? WrongEpochs(InstanceCase asked)
    {
        var (instance, now) = (asked.Instance, asked.Unit.Epoch);
        return instance.OpensProperly && instance.CloseEpoch >= now && instance.OpenEpoch <= now + Limits.MaxInstanceEpochs
            ? null
            : new Finding($"epochs {instance.OpenEpoch} to {instance.CloseEpoch}",
                $"an end after epoch {now}, {Limits.MaxInstanceEpochs} at most");
    }

    private static Finding? Unpublished(InstanceCase asked)
    {
        var pin = asked.Instance.Workflows.FirstOrDefault(pin => NameOf(asked.State, pin.CodeHash) != pin.Name);
        return pin is null ? null : new Finding(NameOf(asked.State, pin.CodeHash) ?? "nothing", pin.Name, $"workflow {pin.CodeHash}");
    }

    private static string? NameOf(MapView state, Digest codeHash) =>
        state.Get(WorkflowKeys.Workflow(codeHash)) is { } entry ? Canonical.Decode<Workflow>(entry.Value.Span).Name : null;
}
