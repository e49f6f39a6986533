using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.PrivateStorage;

/// <summary>What a policy has a rule for.</summary>
public enum PolicyAction : byte
{
    /// <summary>Read what was written under it.</summary>
    Read = 1,

    /// <summary>Replace all of its rules.</summary>
    Evolve = 2,

    /// <summary>Add readers.</summary>
    Delegate = 3,

    /// <summary>Take a reader out.</summary>
    Revoke = 4,
}

/// <summary>Who may do one thing.</summary>
public sealed record PolicyRule(PolicyAction Action, PolicyExpression Allowed) : ICanonical<PolicyRule>
{
    public void Encode(Encoder to) => to.U8((byte)Action).Value(Allowed);

    public static PolicyRule Decode(ref Decoder from)
    {
        var action = (PolicyAction)from.U8();
        return Enum.IsDefined(action) ? new PolicyRule(action, from.Value<PolicyExpression>()) : throw new MalformedException($"policy action {(byte)action}");
    }
}

/// <summary>One version of a policy (protocols 5.3). Each version names the one before, so that the latest proves them all.</summary>
/// <param name="Id">The same for all versions: H("protean/policy/v1", nonce || rules of the first version).</param>
/// <param name="Version">0, 1, 2, ...</param>
/// <param name="Rules">In order of action; what has no rule, nobody may.</param>
/// <param name="Revoked">Keys that count for nothing in the rule to read; ascending.</param>
/// <param name="Previous">Hash of the version before; zeros for the first.</param>
public sealed record Policy(
    Digest Id, ulong Version, IReadOnlyList<PolicyRule> Rules, IReadOnlyList<PublicKey> Revoked, Digest Previous) : ICanonical<Policy>
{
    private const int Actions = 4;

    /// <summary>Names this version.</summary>
    public Digest Hash => new Encoder().Value(this).ToHash("protean/policy-version/v1");

    /// <summary>The first version of a new policy.</summary>
    /// <param name="nonce">Random, so that equal rules make different policies.</param>
    public static Policy First(Digest nonce, params IReadOnlyList<PolicyRule> rules) =>
        new(new Encoder().Digest(nonce).List(rules).ToHash("protean/policy/v1"), 0, rules, [], Digest.Zero);

    public PolicyExpression? Rule(PolicyAction action) => Rules.FirstOrDefault(rule => rule.Action == action)?.Allowed;

    /// <summary>The version after this one, with other rules.</summary>
    public Policy Next(IReadOnlyList<PolicyRule> rules, IReadOnlyList<PublicKey> revoked) => new(Id, Version + 1, rules, revoked, Hash);

    /// <summary>The next version, in which these may read as well.</summary>
    public Policy WithReader(PolicyExpression reader)
    {
        var readers = Rule(PolicyAction.Read) switch
        {
            null => reader,
            PolicyExpression.Or any => new PolicyExpression.Or([.. any.Terms, reader]),
            var one => new PolicyExpression.Or([one, reader]),
        };
        PolicyRule[] rules = [new(PolicyAction.Read, readers), .. Rules.Where(static rule => rule.Action != PolicyAction.Read)];
        return Next(rules, Revoked);
    }

    /// <summary>The next version, in which this key counts for nothing to readers.</summary>
    public Policy Without(PublicKey reader) => Next(Rules, [.. Revoked.Append(reader).Distinct().Order()]);

    public void Encode(Encoder to) => to.Digest(Id).U64(Version).List(Rules).List(Revoked, static (e, key) => e.Key(key)).Digest(Previous);

    public static Policy Decode(ref Decoder from)
    {
        var policy = new Policy(
            from.Digest(), from.U64(), from.List<PolicyRule>(Actions), from.List(Limits.MaxRevoked, static (ref Decoder d) => d.Key()), from.Digest());
        Ascending.Require(policy.Rules, static rule => (byte)rule.Action, "rules");
        Ascending.Require(policy.Revoked, static key => key, "revoked keys");
        return policy;
    }

    public bool Equals(Policy? other) => other is not null && Id == other.Id && Version == other.Version && Rules.SequenceEqual(other.Rules)
        && Revoked.SequenceEqual(other.Revoked) && Previous == other.Previous;

    public override int GetHashCode() => Version.GetHashCode();
}
