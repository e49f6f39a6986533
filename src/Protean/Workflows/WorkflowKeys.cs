using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Workflows;

/// <summary>Where workflows and instances stand, frozen, in a state unit's data: what the state unit writes, and a request to the compiler
/// proves.</summary>
public static class WorkflowKeys
{
    /// <summary><c>"w/" || codeHash[32]</c>: the workflow's canonical text.</summary>
    public static Bytes Workflow(Digest codeHash) => Bytes.Wrap([.. "w/"u8, .. codeHash.Span]);

    /// <summary><c>"i/" || instanceId[32]</c>: the instance's canonical bytes.</summary>
    public static Bytes Instance(Digest instanceId) => Bytes.Wrap([.. "i/"u8, .. instanceId.Span]);
}
