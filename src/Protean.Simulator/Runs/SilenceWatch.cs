using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>Watches members whose disks forget: from the moment that one knows it, it signs nothing new, restarts included.</summary>
internal sealed class SilenceWatch(Surroundings network)
{
    private readonly Dictionary<MemberId, ulong> _since = [];
    private readonly HashSet<(MemberId, object)> _said = [];

    /// <summary>The member knows that its disk is not the one that it had.</summary>
    public void Knows(MemberId member, ulong time) => _since.TryAdd(member, time);

    public void Sent(MemberId member, UnitMessage message, ulong time)
    {
        if (Signed(message, member) is { } signed && _said.Add((member, signed)))
            Invariants.Silence.Require(
                !_since.TryGetValue(member, out var since) || time <= since, () => $"member {member}, whose disk has forgotten, signs {message}");
    }

    // Saying again what it knows to have said is no news; nor is passing on what somebody made up in its name.
    private object? Signed(UnitMessage message, MemberId member) => message switch
    {
        UnitMessage.SealVote or UnitMessage.Share => message,
        UnitMessage.Ordering { Message: VoteMessage vote } => vote,
        UnitMessage.Ordering { Message: Proposal { Header: var header } } => header,
        UnitMessage.Ordering { Message: Gossip { Entry: { Kind: EntryKind.Contribution } entry } }
            when Canonical.Decode<Contribution>(entry.Body.Span) is var posted && posted.Member == member
            && posted.IsSigned(network.Context, network.Committee, network.Scheme) => entry.Hash,
        _ => null,
    };
}
