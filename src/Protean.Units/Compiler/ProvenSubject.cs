using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;
using Protean.Workflows;

namespace Protean.Units.Compiler;

/// <summary>Instance and workflow as the request's witness shows them. Both are named by their content, and looked up where the instance
/// says.</summary>
internal sealed record ProvenSubject(Instance Instance, Workflow Workflow)
{
    public static (ProvenSubject? Subject, Refusal? Unproven) Read(ProvenHeight? state, Digest instanceId, string name)
    {
        if (state?.Witness is not { } witness)
            return (null, new Refusal("PRT-CMP-0110", "the request shows no state", Expected: "a witness of instance and workflow",
                Advice: "Prove both at the state unit."));
        if (Find(witness.Proof, WorkflowKeys.Instance(instanceId)) is not { } instanceText)
            return (null, NotShown("PRT-CMP-0111", "the instance must be shown to stand in the state unit",
                WorkflowKeys.Instance(instanceId)));
        try
        {
            var instance = Canonical.Decode<Instance>(instanceText.Span);
            if (instance.StateUnit != state.UnitId)
                return (null, new Refusal("PRT-CMP-0115", "the state shown is not of the instance's state unit", instance.Name,
                    $"{instance.StateUnit}", $"{state.UnitId}"));
            if (instance.CodeHashOf(name) is not { } codeHash)
                return (null, new Refusal("PRT-CMP-0112", "the instance has no such workflow", instance.Name,
                    string.Join(", ", instance.Workflows.Select(static pin => pin.Name)), name));
            if (Find(witness.Proof, WorkflowKeys.Workflow(codeHash)) is not { } workflowText)
                return (null, NotShown("PRT-CMP-0113", "the workflow must be shown to stand in the state unit",
                    WorkflowKeys.Workflow(codeHash)));
            return (new ProvenSubject(instance, Canonical.Decode<Workflow>(workflowText.Span)), null);
        }
        catch (MalformedException malformed)
        {
            return (null, new Refusal("PRT-CMP-0116", "instance or workflow in the state unit is malformed", Got: malformed.Message));
        }
    }

    private static Bytes? Find(MapProof proof, Bytes key) => proof.TryGet(key, out var entry) ? entry?.Value : null;

    private static Refusal NotShown(string code, string what, Bytes key) =>
        new(code, what, Expected: $"the entry {key} in the witness", Advice: "Publish it, and prove it at a sealed height.");
}
