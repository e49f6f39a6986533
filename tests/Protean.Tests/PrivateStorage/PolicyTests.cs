using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Tests.Units;
using Protean.Units.PrivateStorage;
using Xunit;
using static Protean.Units.PrivateStorage.PolicyExpression;

namespace Protean.Tests.PrivateStorage;

/// <summary>Who may do what (protocols 5.3).</summary>
public sealed class PolicyTests
{
    private static readonly PublicKey[] Keys = [.. Enumerable.Range(1, 6).Select(i => TestNetwork.Key((ulong)i).PublicKey)];
    private static readonly PublicKey A = Keys[0], B = Keys[1], C = Keys[2];
    private static readonly Key KeyA = new(A), KeyB = new(B), KeyC = new(C);

    private readonly SortedDictionary<Digest, Policy> _policies = [];

    [Fact]
    public void Keys_conjunctions_and_alternatives_are_met_by_signatures()
    {
        Assert.True(Allows(KeyA, A));
        Assert.False(Allows(KeyA, B));
        Assert.False(Allows(KeyA));
        Assert.True(Allows(new And([KeyA, KeyB]), A, B));
        Assert.False(Allows(new And([KeyA, KeyB]), A));
        Assert.True(Allows(new Or([KeyA, KeyB]), B));
        Assert.False(Allows(new Or([KeyA, KeyB]), C));
    }

    [Fact]
    public void A_threshold_counts_principals_and_not_the_ways_to_them()
    {
        Assert.True(Allows(new Threshold(2, [KeyA, KeyB, KeyC]), A, C));
        Assert.False(Allows(new Threshold(2, [KeyA, KeyB, KeyC]), C));
        // One key that stands twice, and one that is reached through another policy as well.
        Assert.False(Allows(new Threshold(2, [KeyA, KeyA, KeyB]), A));
        var team = Store(new Or([KeyA, KeyB]));
        Assert.False(Allows(new Threshold(2, [KeyA, Of(team)]), A));
        Assert.True(Allows(new Threshold(2, [KeyA, Of(team)]), A, B));
        // Three terms are met, by three principals, yet two of them only by the same one.
        Assert.False(Allows(new Threshold(3, [KeyA, new Or([KeyA]), new And([KeyB, KeyC])]), A, B, C));
        Assert.True(Allows(new Threshold(2, [KeyA, new Or([KeyA]), new And([KeyB, KeyC])]), A, B, C));
    }

    [Fact]
    public void A_threshold_is_what_trying_every_assignment_finds() =>
        Gen.Select(Gen.Int[0, 5].HashSet[1, 4].Array[1, 5], Gen.Int[0, 5].HashSet[0, 6], Gen.Int[1, 5]).Sample((terms, signers, wanted) =>
        {
            var needed = Math.Min(wanted, terms.Length);
            var expression = new Threshold((ushort)needed, [.. terms.Select(term => new Or([.. term.Order().Select(i => new Key(Keys[i]))]))]);
            return Allows(expression, [.. signers.Select(i => Keys[i])]) == (Most(terms, signers, 0, []) >= needed);
        }, iter: 300, threads: 1);

    [Fact]
    public void More_signatures_never_take_a_permission_away() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 5].HashSet[0, 6], Gen.Int[0, 5]).Sample((seed, signers, another) =>
        {
            var expression = Random(new Random((int)seed), depth: 4);
            PublicKey[] some = [.. signers.Select(i => Keys[i])];
            return !Allows(expression, some) || Allows(expression, [.. some, Keys[another]]);
        }, iter: 300, threads: 1);

    [Fact]
    public void A_policy_that_comes_back_to_itself_grants_nothing_on_that_way()
    {
        var (one, other, self) = (IdOf("one"), IdOf("other"), IdOf("self"));
        Put(one, Of(other));
        Put(other, new Or([Of(one), KeyB]));
        Put(self, new Or([Of(self), KeyA]));
        Assert.False(Allows(Of(one), A));
        Assert.True(Allows(Of(one), B));
        Assert.True(Allows(Of(self), A));
        Assert.False(Allows(new And([Of(self), KeyB]), B));
    }

    [Fact]
    public void Policies_that_multiply_on_the_way_are_refused_in_bounded_time()
    {
        // Each names the one below sixteen times: 16^6 leaves if all were followed.
        var below = Store(KeyA);
        for (var level = 0; level < 6; level++) below = Store(new Or([.. Enumerable.Repeat(Of(below), 16)]));
        Assert.Equal(PolicyVerdict.TooLarge, Verdict(new Or([KeyA, Of(below)]), A));
    }

    [Fact]
    public void Policies_nested_too_deep_are_refused_also_where_a_shorter_way_would_grant()
    {
        var below = Store(KeyA);
        for (var level = 0; level < Protean.Limits.MaxPolicyDepth; level++) below = Store(Of(below));
        Assert.Equal(PolicyVerdict.TooLarge, Verdict(new Or([KeyA, Of(below)]), A));
        Assert.Equal(PolicyVerdict.Granted, Verdict(Of(Store(Of(Store(KeyA)))), A));
    }

    [Fact]
    public void An_expression_beyond_its_bounds_does_not_decode()
    {
        PolicyExpression deep = KeyA, wide = new Or([.. Enumerable.Repeat(KeyA, 16)]);
        for (var level = 0; level < Protean.Limits.MaxPolicyDepth; level++) deep = new Or([deep]);
        Refused(deep);
        Refused(new Or([.. Enumerable.Repeat(wide, 17)]));
        Refused(new Or([]));
        Refused(new Threshold(0, [KeyA]));
        Refused(new Threshold(2, [KeyA]));
        Refused(new Receipt(Digest.Zero, Digest.Zero, "commit", [new("b", Bytes.Empty), new("a", Bytes.Empty)]));
        Assert.Equal(wide, Canonical.Decode<PolicyExpression>(Canonical.Encode(wide)));

        static void Refused(PolicyExpression expression) =>
            Assert.Throws<MalformedException>(() => Canonical.Decode<PolicyExpression>(Canonical.Encode(expression)));
    }

    [Fact]
    public void A_revoked_reader_reads_no_more_whichever_way_it_is_reached()
    {
        var team = Store(new Or([KeyA, KeyB]));
        var policy = Policy.First(IdOf("n"), new PolicyRule(PolicyAction.Read, new Or([KeyA, Of(team)])), new PolicyRule(PolicyAction.Evolve, KeyA));
        Assert.Equal(PolicyVerdict.Granted, Verdict(policy, PolicyAction.Read, A));
        var without = policy.Without(A);
        Assert.Equal(PolicyVerdict.Denied, Verdict(without, PolicyAction.Read, A));
        Assert.Equal(PolicyVerdict.Granted, Verdict(without, PolicyAction.Read, B));
        Assert.Equal(PolicyVerdict.Granted, Verdict(without, PolicyAction.Evolve, A));
        // And what a named policy revokes stays revoked there.
        _policies[team] = _policies[team].Without(B);
        Assert.Equal(PolicyVerdict.Denied, Verdict(without, PolicyAction.Read, B));
    }

    [Fact]
    public void A_receipt_counts_as_the_key_of_its_holder()
    {
        var paid = new Receipt(IdOf("workflow"), IdOf("unit"), "commit", []);
        var other = paid with { Function = "other" };
        var evidence = new PolicyEvidence([A], A, receipt => receipt == paid);
        Assert.Equal(PolicyVerdict.Granted, Verdict(paid, evidence));
        Assert.Equal(PolicyVerdict.Denied, Verdict(other, evidence));
        Assert.Equal(PolicyVerdict.Denied, Verdict(new Threshold(2, [KeyA, paid]), evidence));
        Assert.Equal(PolicyVerdict.Denied, Verdict(paid, evidence with { Holder = null }));
    }

    [Fact]
    public void What_has_no_rule_nobody_may()
    {
        var policy = Policy.First(IdOf("n"), new PolicyRule(PolicyAction.Read, KeyA));
        Assert.Equal(PolicyVerdict.Denied, Verdict(policy, PolicyAction.Evolve, A));
        Assert.Equal(PolicyVerdict.Denied, Verdict(Of(IdOf("nothing there")), new PolicyEvidence([A], A, _ => true)));
    }

    [Fact]
    public void Each_version_names_the_one_before()
    {
        var first = Policy.First(IdOf("n"), new PolicyRule(PolicyAction.Read, KeyA));
        var second = first.WithReader(KeyB);
        Assert.Equal((first.Id, 1ul, first.Hash), (second.Id, second.Version, second.Previous));
        Assert.Equal(second, Canonical.Decode<Policy>(Canonical.Encode(second)));
        Assert.Equal(new Or([KeyA, KeyB, KeyC]), second.WithReader(KeyC).Rule(PolicyAction.Read));
        Assert.NotEqual(first.Id, Policy.First(IdOf("m"), first.Rules).Id);
    }

    private static Digest IdOf(string name) => Hash.H("test/policy", System.Text.Encoding.ASCII.GetBytes(name));
    private static Named Of(Digest id) => new(id);

    private Digest Store(PolicyExpression read)
    {
        var policy = Policy.First(IdOf($"{_policies.Count}"), new PolicyRule(PolicyAction.Read, read));
        _policies.Add(policy.Id, policy);
        return policy.Id;
    }

    private void Put(Digest id, PolicyExpression read) =>
        _policies.Add(id, new Policy(id, 0, [new PolicyRule(PolicyAction.Read, read)], [], Digest.Zero));

    private bool Allows(PolicyExpression read, params PublicKey[] signers) => Verdict(read, signers) == PolicyVerdict.Granted;

    private PolicyVerdict Verdict(PolicyExpression read, params PublicKey[] signers) => Verdict(read, new PolicyEvidence(signers, null, _ => false));

    private PolicyVerdict Verdict(PolicyExpression read, PolicyEvidence evidence) => PolicyEvaluation.Of(
        Policy.First(IdOf("asked"), new PolicyRule(PolicyAction.Read, read)), PolicyAction.Read, evidence, _policies.GetValueOrDefault);

    private PolicyVerdict Verdict(Policy policy, PolicyAction action, params PublicKey[] signers) =>
        PolicyEvaluation.Of(policy, action, new PolicyEvidence(signers, null, _ => false), _policies.GetValueOrDefault);

    private static int Most(HashSet<int>[] terms, HashSet<int> signers, int at, HashSet<int> used) => at == terms.Length ? 0
        : terms[at].Where(i => signers.Contains(i) && !used.Contains(i))
            .Select(i => 1 + Most(terms, signers, at + 1, [.. used, i])).Append(Most(terms, signers, at + 1, used)).Max();

    private PolicyExpression Random(Random random, int depth)
    {
        if (depth == 0 || random.Next(4) == 0) return new Key(Keys[random.Next(Keys.Length)]);
        PolicyExpression[] terms = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Random(random, depth - 1))];
        return random.Next(4) switch
        {
            0 => new And(terms),
            1 => new Or(terms),
            2 => Of(Store(new Or(terms))),
            _ => new Threshold((ushort)random.Next(1, terms.Length + 1), terms),
        };
    }
}
