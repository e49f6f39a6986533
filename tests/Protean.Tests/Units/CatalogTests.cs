using CsCheck;
using Protean.Codec;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.Units;

/// <summary>The laws that every unit of the catalog keeps.</summary>
public sealed class CatalogTests
{
    private static readonly Catalog Catalog = new(new ScriptedEngine());

    public static TheoryData<string> Units => [.. Catalog.Units.Select(static unit => unit.Name)];

    [Fact]
    public void What_workflows_are_checked_against_is_what_the_units_publish() =>
        Assert.Equal(Catalog.Units.Select(static unit => (unit.Name, unit.Transactions)),
            Catalog.Published.Select(static unit => (unit.Class, unit.Transactions)));

    [Theory]
    [MemberData(nameof(Units))]
    public void A_unit_handles_exactly_what_it_publishes(string name)
    {
        var unit = Catalog.Find(name)!;
        var joined = new TestUnit(new TestNetwork(), unit);
        Assert.Equal(unit.Transactions.Select(static transaction => transaction.Name).Order(StringComparer.Ordinal), joined.Handled);
    }

    [Theory]
    [MemberData(nameof(Units))]
    public void Every_transaction_has_an_example_of_its_inputs_kinds_in_order_of_name(string name)
    {
        foreach (var transaction in Catalog.Find(name)!.Transactions)
        {
            foreach (var value in transaction.Example) Assert.True(Values.IsOf(transaction.Input(value.Name)!.Kind, value.Value.Span),
                $"{transaction.Name} {value.Name}");
            foreach (var field in transaction.Inputs.Where(static field => !field.Repeated && field.Name != Admission.StateInput))
                Assert.Single(transaction.Example, value => value.Name == field.Name);
            Assert.Equal(transaction.Example.Select(static value => value.Name).Order(StringComparer.Ordinal),
                transaction.Example.Select(static value => value.Name));
        }
    }

    [Theory]
    [MemberData(nameof(Units))]
    public void Names_codes_and_fields_are_unique_and_codes_are_of_one_shape(string name)
    {
        foreach (var transaction in Catalog.Find(name)!.Transactions)
        {
            string[][] lists =
            [
                [.. transaction.Inputs.Select(static field => field.Name)], [.. transaction.Outputs.Select(static field => field.Name)],
                [.. transaction.Errors.Select(static error => error.Code)],
            ];
            Assert.All(lists, static list => Assert.Distinct(list));
            Assert.All(transaction.Errors, static error => Assert.Matches("^PRT-[A-Z]{3}-0[0-9]{3}$", error.Code));
        }
    }

    [Theory]
    [MemberData(nameof(Units))]
    public void Garbage_of_the_right_kinds_is_answered_and_what_is_refused_changes_nothing(string name) =>
        (from index in Gen.Int[0, Catalog.Find(name)!.Transactions.Count - 1]
         from seed in Gen.ULong
         from garbage in Gen.Byte.Array[0, 200]
         select (transaction: Catalog.Find(name)!.Transactions[index], seed, garbage)).Sample(sample =>
        {
            var network = new TestNetwork();
            var unit = new TestUnit(network, Catalog.Find(name)!);
            var inputs = sample.transaction.Inputs.Where(static field => field.Name != Admission.StateInput).OrderBy(static field =>
                field.Name, StringComparer.Ordinal)
                .Select(field => new NamedValue(field.Name, Fit(field.Kind, sample.garbage))).ToArray();
            var step = new Step("step", 0, sample.transaction.Name, [], [], null, new Authorization.Client(), Scope.Plan, null);
            var plan = new Application(network, workflow: new Workflow("garbage", [], [], [new UnitName(name, 0)], [step])).Plan;
            var outcome = sample.transaction.Direct
                ? unit.Direct(sample.transaction.Name, TestNetwork.Key(sample.seed % 8).PublicKey, inputs)
                : unit.Step(plan, 0, [.. inputs.Select(static input => new AdmittedInput(input.Name, input.Value, null))]);
            if (outcome.Code() is not null) Assert.Equal(Protean.Cryptography.Digest.Zero, unit.State.Root);
            else Assert.True(sample.transaction.Infallible || sample.transaction.Inputs.All(static field => field.Repeated), $"{outcome}");
        }, iter: 100);

    private static Bytes Fit(ValueKind kind, byte[] garbage) => kind switch
    {
        ValueKind.Text => Bytes.Of(Convert.ToHexString(garbage)),
        ValueKind.Bytes or ValueKind.Effects => new Bytes(garbage),
        _ => new Bytes([.. garbage.Concat(new byte[32]).Take(Values.FixedLength(kind)!.Value)]),
    };
}
