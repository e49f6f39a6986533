using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Workflows;

namespace Protean.Units.PrivateStorage;

/// <summary>Policies as the unit's state has them, asked about a request.</summary>
internal static class StoredPolicies
{
    public static Policy? Latest(MapView state, Digest id) => state.Find<Policy>(StorageKeys.Policy(id));

    /// <summary>The policy that a secret is read by.</summary>
    public static Policy? Of(MapView state, SecretLabel label) =>
        state.Find<Policy>(label.IsPinned ? StorageKeys.PolicyVersion(label.PolicyId) : StorageKeys.Policy(label.PolicyId));

    public static PolicyVerdict Judge(MapView state, Policy policy, PolicyAction action, AdmittedRequest request) =>
        PolicyEvaluation.Of(policy, action, EvidenceOf(request), id => Latest(state, id));

    private static PolicyEvidence EvidenceOf(AdmittedRequest request) => new(request.Signers, request.Caller, wanted => Holds(request, wanted));

    // Admission has verified the receipts. Where a step runs once for all, anybody could show what another has done.
    private static bool Holds(AdmittedRequest request, PolicyExpression.Receipt wanted) =>
        request.Plan is { } plan && plan.Workflow.CodeHash == wanted.Workflow
        && wanted.Parameters.All(parameter => plan.Instance.Parameter(parameter.Name) == parameter.Value)
        && request.Proofs.Dependencies.Any(shown =>
            plan.Workflow.Steps[shown.Step].Scope != Scope.Instance && shown.Receipt.Leaf.Function == wanted.Function
            && shown.Receipt.Leaf.Status == ResultStatus.Ok && shown.Receipt.Header.Context.UnitId == wanted.UnitId);
}
