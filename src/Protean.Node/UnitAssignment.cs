using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Node;

/// <summary>That this node is a member of a unit in an epoch.</summary>
/// <param name="Self">This node's index in the committee of that epoch.</param>
public sealed record UnitAssignment(UnitEntry Unit, Committee Committee, MemberId Self, ulong Epoch)
{
    /// <summary>In place of an epoch, on frames for whichever epoch's member of the unit the receiver has.</summary>
    public const ulong AnyEpoch = ulong.MaxValue;

    /// <summary>For logs: class, ordinal, epoch and member.</summary>
    public string Name => $"{Unit.Class}/{Unit.Ordinal} epoch {Epoch} member {Self}";

    /// <summary>What the directory gives a node to do for a unit in its current epoch; null where nothing.</summary>
    public static UnitAssignment? Of(IDirectory directory, UnitEntry unit, Digest node) =>
        directory.CommitteeOf(unit.UnitId, directory.CurrentEpoch) is { } committee && committee.Find(node) is { } self
            ? new UnitAssignment(unit, committee, self, directory.CurrentEpoch)
            : null;

    /// <exception cref="RefusedException">The key is not the one that the committee knows this member by.</exception>
    public void Require(SigningKey consensus)
    {
        if (Committee[Self].ConsensusKey != consensus.PublicKey)
            throw new RefusedException(NodeRefusals.RecordOfOtherKeys(KeyKinds.Consensus));
    }
}
