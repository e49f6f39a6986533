using CsCheck;
using Protean.Node.LocalNetwork;
using Xunit;

namespace Protean.Tests.Cli;

public sealed class NetworkShapeTests
{
    [Fact]
    public void Units_are_of_different_nodes_and_no_node_serves_in_many_more_than_another() =>
        Gen.Int[NetworkShape.LeastMembers, NetworkShape.MostMembers].SelectMany(members => Gen.Int[members, NetworkShape.MostNodes].SelectMany(nodes => Gen.Int[1, 4].Select(units => new NetworkShape(nodes, members, StateUnits: units))))
            .Sample(static shape =>
            {
                var units = Enumerable.Range(0, shape.Units.Count).Select(unit => shape.MembersOf(unit).ToArray()).ToArray();
                Assert.All(units, unit => Assert.Equal(shape.Members, unit.Distinct().Count()));
                Assert.All(units.SelectMany(static unit => unit), node => Assert.InRange(node, 0, shape.Nodes - 1));
                var duties = Enumerable.Range(0, shape.Nodes).Select(node => units.Count(unit => unit.Contains(node))).ToArray();
                Assert.InRange(duties.Max() - duties.Min(), 0, 2);
            });

    [Fact]
    public void There_are_at_least_as_many_nodes_as_a_unit_has_members()
    {
        Assert.Equal(new NetworkShape(8, 4), NetworkShape.Of(null, null));
        Assert.Equal(new NetworkShape(31, 31), NetworkShape.Of(null, 31));
        Assert.Equal(new NetworkShape(5, 4), NetworkShape.Of(5, null));
    }
}
