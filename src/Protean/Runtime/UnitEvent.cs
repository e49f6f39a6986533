using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>What a unit's member tells the node around it.</summary>
public abstract record UnitEvent
{
    private UnitEvent() { }

    /// <summary>A request that was submitted here has its answer.</summary>
    /// <param name="Request">The entry's hash, as the member's <c>Submit</c> returned it.</param>
    public sealed record Answered(Digest Request, Reply Reply) : UnitEvent;

    /// <summary>A height is sealed: reads at it can be proven.</summary>
    public sealed record SealedHeight(SealedHeader Header) : UnitEvent;

    /// <summary>The log's epoch has ended and its last height is sealed: a member of the next epoch goes on from the same store. This one only
    /// serves those that are behind.</summary>
    public sealed record EpochEnded(EpochLink Link) : UnitEvent;

    /// <summary>The store now holds the unit's state at this height, as others had it: a new member is to be built on it, of whichever epoch it has
    /// entered. This one does nothing any more.</summary>
    public sealed record Synced(ulong Height) : UnitEvent;

    /// <summary>A seal of a quorum contradicts this member's own execution: it has stopped (protocols 2.2).</summary>
    public sealed record Halted(Refusal Why) : UnitEvent;
}

/// <summary>The answer to a request.</summary>
public abstract record Reply
{
    private Reply() { }

    /// <summary>Executed and sealed, now or before.</summary>
    /// <param name="Outputs">Open the receipt's output digest.</param>
    /// <param name="Record">What convinces a third party of a shared result without trusting the quorum; empty for others.</param>
    public sealed record Done(Receipt Receipt, Outputs Outputs, Bytes Record) : Reply;

    /// <summary>Not executed; nothing changed.</summary>
    public sealed record Refused(Refusal Refusal) : Reply;
}
