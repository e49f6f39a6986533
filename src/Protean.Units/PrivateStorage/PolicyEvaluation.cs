using Protean.Cryptography;

namespace Protean.Units.PrivateStorage;

/// <summary>What an asker shows.</summary>
/// <param name="Signers">Keys whose signatures under the request were checked.</param>
/// <param name="Holder">Who holds the receipts; null where nobody signed for the plan.</param>
/// <param name="Holds">Whether a receipt of this kind was shown and verified.</param>
public sealed record PolicyEvidence(IReadOnlyCollection<PublicKey> Signers, PublicKey? Holder, Func<PolicyExpression.Receipt, bool> Holds);

/// <summary>What a policy says.</summary>
public enum PolicyVerdict
{
    Granted,

    /// <summary>Those who ask are not enough.</summary>
    Denied,

    /// <summary>Followed through the policies that it names, it is deeper or larger than allowed: nobody may.</summary>
    TooLarge,
}

/// <summary>Decides what policies allow: a function of the policies as they stand and of what is shown, in bounded time (protocols
/// 5.3).</summary>
/// <param name="find">The version of a policy that counts; null where there is none.</param>
public sealed class PolicyEvaluation(Func<Digest, Policy?> find, PolicyEvidence evidence, PolicyAction action)
{
    private readonly List<Digest> _path = [];
    private int _leaves;
    private bool _isTooLarge;

    public static PolicyVerdict Of(Policy policy, PolicyAction action, PolicyEvidence evidence, Func<Digest, Policy?> find)
    {
        var evaluation = new PolicyEvaluation(find, evidence, action);
        var isMet = evaluation.Follow(policy, depth: 1, []).Count > 0;
        return evaluation._isTooLarge ? PolicyVerdict.TooLarge : isMet ? PolicyVerdict.Granted : PolicyVerdict.Denied;
    }

    // The principals by whom the policy is met; none where it is not. A policy that comes back to itself grants nothing on that way.
    private SortedSet<PublicKey> Follow(Policy policy, int depth, IReadOnlyList<PublicKey> excluded)
    {
        if (_path.Contains(policy.Id) || policy.Rule(action) is not { } rule) return [];
        _path.Add(policy.Id);
        var principals = Meet(rule, depth, action == PolicyAction.Read ? [.. excluded, .. policy.Revoked] : excluded);
        _path.RemoveAt(_path.Count - 1);
        return principals;
    }

    private SortedSet<PublicKey> Meet(PolicyExpression expression, int depth, IReadOnlyList<PublicKey> excluded)
    {
        _isTooLarge |= depth > Limits.MaxPolicyDepth;
        if (_isTooLarge) return [];
        return expression switch
        {
            PolicyExpression.And and => AllOf(MeetAll(and.Terms, depth, excluded)),
            PolicyExpression.Or or => Union(MeetAll(or.Terms, depth, excluded)),
            PolicyExpression.Threshold threshold => AtLeast(threshold.Needed, MeetAll(threshold.Terms, depth, excluded)),
            _ => Leaf(expression, depth, excluded),
        };
    }

    private SortedSet<PublicKey> Leaf(PolicyExpression leaf, int depth, IReadOnlyList<PublicKey> excluded)
    {
        _isTooLarge |= ++_leaves > Limits.MaxPolicyLeaves;
        if (_isTooLarge) return [];
        return leaf switch
        {
            PolicyExpression.Key key => One(evidence.Signers.Contains(key.Value) ? key.Value : null, excluded),
            PolicyExpression.Receipt receipt => One(evidence.Holds(receipt) ? evidence.Holder : null, excluded),
            PolicyExpression.Named named => find(named.Id) is { } policy ? Follow(policy, depth + 1, excluded) : [],
            _ => throw new InvalidOperationException("an unknown expression was decoded"),
        };
    }

    // Every term, met or not: how long it takes depends on the policies alone.
    private SortedSet<PublicKey>[] MeetAll(IReadOnlyList<PolicyExpression> terms, int depth, IReadOnlyList<PublicKey> excluded) =>
        [.. terms.Select(term => Meet(term, depth + 1, excluded))];

    private static SortedSet<PublicKey> One(PublicKey? principal, IReadOnlyList<PublicKey> excluded) =>
        principal is { } key && !excluded.Contains(key) ? [key] : [];

    private static SortedSet<PublicKey> AllOf(SortedSet<PublicKey>[] terms) => Array.TrueForAll(terms, static term => term.Count > 0) ? Union(terms) : [];

    private static SortedSet<PublicKey> Union(SortedSet<PublicKey>[] terms) => [.. terms.SelectMany(static term => term)];

    private static SortedSet<PublicKey> AtLeast(int needed, SortedSet<PublicKey>[] terms) => Distinct(terms) >= needed ? Union(terms) : [];

    /// <summary>The most terms that can each be given a principal of its own (Kuhn's augmenting paths).</summary>
    private static int Distinct(SortedSet<PublicKey>[] terms)
    {
        var given = new SortedDictionary<PublicKey, int>();
        var count = 0;
        for (var term = 0; term < terms.Length; term++)
            if (Give(term, terms, given, [])) count++;
        return count;
    }

    private static bool Give(int term, SortedSet<PublicKey>[] terms, SortedDictionary<PublicKey, int> given, SortedSet<PublicKey> tried)
    {
        foreach (var principal in terms[term])
        {
            if (!tried.Add(principal)) continue;
            if (given.TryGetValue(principal, out var holder) && !Give(holder, terms, given, tried)) continue;
            given[principal] = term;
            return true;
        }
        return false;
    }
}
