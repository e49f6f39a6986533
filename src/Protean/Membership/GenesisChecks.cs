using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Membership;

/// <summary>What must hold of a genesis before anybody relies on it, in order.</summary>
public static class GenesisChecks
{
    public static IReadOnlyList<MembershipCheck<Genesis>> All { get; } =
    [
        new("PRT-GEN-0011", "no identity key stands twice", g => AreDistinct(g.Nodes.Select(node => node.IdentityKey))),
        new("PRT-GEN-0012", "no transport key stands twice", g => AreDistinct(g.Nodes.Select(node => node.TransportKey))),
        new("PRT-GEN-0013", "every record begins with the first epoch", g => g.Nodes.All(node => node.ValidFrom == 0)),
        new("PRT-GEN-0014", "no class and ordinal stands twice", g => AreDistinct(g.Units.Select(unit => (unit.Class, unit.Ordinal)))),
        new("PRT-GEN-0015", "every member of a unit is a node",
            g => g.Units.All(unit => unit.Members.All(g.Nodes.Select(node => node.NodeId).ToHashSet().Contains))),
        new("PRT-GEN-0016", "every committee is sound", g => g.Units.All(unit => IsSound(g, unit))),
    ];

    /// <summary>The first check that does not hold, of the records first: its code and sentence; null where all hold.</summary>
    public static (string Code, string What)? Failed(Genesis genesis)
    {
        foreach (var node in genesis.Nodes)
        {
            var record = NodeRecordCase.AtGenesis(node, genesis.Name, genesis.TimeMs);
            if (NodeRecordChecks.Failed(record, NodeRecordChecks.All) is { } failed)
                return (failed.Code, $"{failed.What} (node {node.NodeId})");
        }
        return All.FirstOrDefault(check => !check.Holds(genesis)) is { } check ? (check.Code, check.What) : null;
    }

    private static bool AreDistinct<T>(IEnumerable<T> values)
    {
        var seen = new HashSet<T>();
        return values.All(seen.Add);
    }

    private static bool IsSound(Genesis genesis, UnitSpec unit)
    {
        try
        {
            return genesis.CommitteeOf(unit).Size == unit.Members.Count;
        }
        catch (MalformedException)
        {
            return false;
        }
    }
}
