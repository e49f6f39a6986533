using Protean.Units;
using Protean.Workflows;

namespace Protean.Node.LocalNetwork;

/// <summary>How large a development network is. It has one unit of each class of the catalog, and more state units if they are asked for.</summary>
/// <param name="Nodes">At least as many as a unit has members.</param>
/// <param name="Members">Of each unit.</param>
/// <param name="EpochSeconds">Length of an epoch; 0 is one epoch for good.</param>
/// <param name="BeaconSeconds">Period of the randomness beacon; 0 is none.</param>
/// <param name="StateUnits">Side by side, each with a log of its own.</param>
public sealed record NetworkShape(int Nodes, int Members, int EpochSeconds = 0, int BeaconSeconds = 0, int StateUnits = 1)
{
    public const int DefaultNodes = 8, DefaultMembers = 4;

    /// <summary>The smallest committee that tolerates a fault, and the largest that the units' protocols are sized for (protocols 9.4).</summary>
    public const int LeastMembers = 4, MostMembers = 31;

    /// <summary>All of them live on one machine.</summary>
    public const int MostNodes = 64;

    /// <summary>Defaults for what is not said; as many nodes as the members need.</summary>
    /// <exception cref="RefusedException">Out of bounds.</exception>
    public static NetworkShape Of(int? nodes, int? members)
    {
        var size = members ?? DefaultMembers;
        if (size is < LeastMembers or > MostMembers) throw new RefusedException(LocalRefusals.Members(size));
        var count = nodes ?? Math.Max(DefaultNodes, size);
        if (count < size || count > MostNodes) throw new RefusedException(LocalRefusals.Nodes(count, size));
        return new NetworkShape(count, size);
    }

    /// <summary>Each by its class, and its number among those of its class.</summary>
    public IReadOnlyList<(string Class, uint Ordinal)> Units =>
    [
        .. Catalog.Published.Select(static unit => (unit.Class, 0u)),
        .. Enumerable.Range(1, StateUnits - 1).Select(static ordinal => (PlanVerifier.StateClass, (uint)ordinal)),
    ];

    /// <summary>Which nodes serve in a unit, counted from 0: windows that begin evenly around the circle of nodes, so that units overlap and no node has
    /// much more to do than another.</summary>
    /// <param name="unit">Position in <see cref="Units"/>.</param>
    public IEnumerable<int> MembersOf(int unit) => Enumerable.Range(unit * Nodes / Units.Count, Members).Select(position => position % Nodes);
}
