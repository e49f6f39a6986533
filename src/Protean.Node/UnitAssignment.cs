using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Node;

/// <summary>That this node is a member of a unit in an epoch.</summary>
/// <param name="Self">This node's index in the committee.</param>
public sealed record UnitAssignment(UnitEntry Unit, Committee Committee, MemberId Self, ulong Epoch)
{
    /// <summary>For logs: class, ordinal and member.</summary>
    public string Name => $"{Unit.Class}/{Unit.Ordinal} member {Self}";

    /// <summary>The units that the directory gives a node in the current epoch.</summary>
    public static IReadOnlyList<UnitAssignment> Of(IDirectory directory, Digest node) =>
    [
        .. from unit in directory.Units
           let committee = directory.CommitteeOf(unit.UnitId, directory.CurrentEpoch)
           let self = committee?.Find(node)
           where self is not null
           select new UnitAssignment(unit, committee, self.Value, directory.CurrentEpoch),
    ];
}
