using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.LocalNetwork;

namespace Protean.Cli.Chaos;

/// <summary>A unit's committee by its nodes.</summary>
/// <param name="Nodes">Numbers of the nodes that serve in it.</param>
/// <param name="Faulty">f: so many may be down at once.</param>
internal sealed record Crew(Digest UnitId, IReadOnlyList<int> Nodes, int Faulty)
{
    public static IReadOnlyList<Crew> Of(NetworkFolder folder)
    {
        var numbers = folder.Nodes.ToDictionary(static node => node.Record.NodeId, static node => node.Number);
        var directory = new LinkedDirectory(folder.Genesis);
        return
        [
            .. from unit in directory.Units
               let committee = directory.CommitteeOf(unit.UnitId, 0)!
               select new Crew(unit.UnitId, [.. committee.Members.Select(member => numbers[member.NodeId])], committee.Faulty),
        ];
    }

    /// <summary>As many nodes as can be down without too many of any unit, drawn.</summary>
    public static IReadOnlyList<ChaosNode> Bearable(IReadOnlyList<ChaosNode> nodes, IReadOnlyList<Crew> crews, Random random)
    {
        ChaosNode[] shuffled = [.. nodes];
        random.Shuffle(shuffled);
        var down = new List<ChaosNode>();
        foreach (var node in shuffled)
            if (crews.All(crew => crew.Nodes.Count(number => number == node.Local.Number || down.Exists(one => one.Local.Number == number)) <= crew.Faulty)) down.Add(node);
        return down;
    }
}
