using System.Collections;
using System.Reflection;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Node.Transport;
using Protean.Runtime;
using Protean.State;
using Protean.Units;
using Xunit;

namespace Protean.Tests.Tidy;

/// <summary>The test shows that each check of a list is needed: something is refused by it, and passes where only that check is left
/// out.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class LeavesOutAttribute(Type owner, string list) : Attribute
{
    public string List => $"{owner.FullName}.{list}";
}

/// <summary>No verifier has a check that nothing shows to be needed.</summary>
public sealed class CheckRemovalTests
{
    private static readonly Assembly[] Assemblies =
        [typeof(Hash).Assembly, typeof(Canonical).Assembly, typeof(Catalog).Assembly, typeof(ProofFile).Assembly, typeof(Hello).Assembly];

    private static readonly Type[] Verifiers = [typeof(Verifier<>), typeof(Requirements<>)];
    private static readonly Type[] Checks = [typeof(GreetingCheck), typeof(ProposalRule), typeof(WitnessCheck)];

    [Fact]
    public void Every_list_of_checks_has_a_test_that_leaves_each_of_them_out()
    {
        var lists = Assemblies.SelectMany(static assembly => assembly.GetTypes())
            .SelectMany(static type => type.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(static property => IsList(property.PropertyType)).Select(property => $"{type.FullName}.{property.Name}"))
            // The offline verifier's list is put together from its parts.
            .Append($"{typeof(ProofVerifier).FullName}.{nameof(ProofVerifier.Codes)}");
        var shown = typeof(CheckRemovalTests).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).Cast<MemberInfo>().Append(type))
            .SelectMany(static member => member.GetCustomAttributes<LeavesOutAttribute>()).Select(static attribute => attribute.List);
        Assert.Equal("", string.Join('\n', lists.Except(shown).Select(static list => $"{list} is not shown to be needed")
            .Concat(shown.Except(lists).Select(static list => $"{list} is no list of checks"))));
    }

    private static bool IsList(Type type) => type.IsGenericType && (Verifiers.Contains(type.GetGenericTypeDefinition())
        || (type.IsAssignableTo(typeof(IEnumerable)) && type.GetGenericArguments() is [var item] && Checks.Contains(item)));
}
