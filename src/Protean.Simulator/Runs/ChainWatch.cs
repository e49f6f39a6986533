using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>Watches what honest members send: that nobody contradicts itself, that certificates are quorums' and do not conflict, and that
/// all execute the same blocks to the same state.</summary>
public sealed class ChainWatch(Surroundings network)
{
    private readonly Dictionary<(MemberId Member, string What, ulong View), Digest> _said = [];
    private readonly Dictionary<(VoteKind Kind, ulong View), Digest> _certified = [];
    private readonly HashSet<Certificate> _seen = [];
    private readonly HashSet<SealedHeader> _sealed = [];
    private readonly SortedDictionary<ulong, SealHeader> _executed = [];
    private readonly Dictionary<Digest, BlockHeader> _blocks = [];
    private readonly Dictionary<ulong, Digest> _final = [];
    private readonly HashSet<Digest> _awaited = [];

    /// <summary>Called once for each height, by the first honest member that executed it.</summary>
    public Action<MemberId, SealHeader>? OnExecuted { get; set; }

    public ulong Height => _executed.Count == 0 ? 0 : _executed.Keys.Last();

    /// <summary>A block that anybody sent: what finality means follows from the blocks' parents.</summary>
    public void Seen(UnitMessage message)
    {
        IReadOnlyList<Block> blocks = message is not UnitMessage.Ordering ordering ? [] : ordering.Message switch
        {
            Proposal proposal => [proposal.Block],
            BlockMessage block => [block.Block],
            FinalizedRun run => run.Blocks,
            _ => [],
        };
        foreach (var block in blocks)
            if (_blocks.TryAdd(block.Id, block.Header) && _awaited.Remove(block.Id)) Final(block.Id);
    }

    /// <param name="executed">What the sender's own execution came to at a height.</param>
    public void Sent(MemberId member, UnitMessage message, Func<ulong, SealHeader?> executed)
    {
        switch (message)
        {
            case UnitMessage.Ordering ordering: Sent(member, ordering.Message); break;
            case UnitMessage.SealVote vote: Executed(member, vote, executed); break;
            case UnitMessage.Sealed certified: Sealed(certified.Header); break;
        }
    }

    /// <summary>A sealed height that an honest member vouches for.</summary>
    public void Sealed(SealedHeader seal)
    {
        if (!_sealed.Add(seal)) return;
        Invariants.Agreement.Require(
            seal.Header.Context == network.Context && IsQuorum(seal.Certificate, seal.Header.SignedPayload()),
            () => $"height {seal.Header.Height} counts as sealed without a quorum");
        if (_executed.TryGetValue(seal.Header.Height, out var known)) Same(known, seal.Header, "a quorum");
    }

    private void Sent(MemberId member, ConsensusMessage message)
    {
        switch (message)
        {
            case Proposal proposal:
                Said(member, "proposed", proposal.View, proposal.Block.Id);
                if (proposal.ParentCertificate is { } parent) Certified(parent);
                foreach (var nullification in proposal.Nullifications) Certified(nullification);
                break;
            case VoteMessage { Signed.Vote: var vote }:
                Said(member, vote.Kind == VoteKind.Notarize ? "notarized" : "gave up or finalized", vote.View, vote.BlockId);
                break;
            case CertificateMessage certificate:
                Certified(certificate.Certificate);
                break;
            case FinalizedRun run:
                Certified(run.Finality);
                break;
        }
    }

    /// <summary>The member may have lost what it said; from here on its words count anew.</summary>
    public void Forgot(MemberId member)
    {
        foreach (var said in _said.Keys.Where(said => said.Member == member).ToArray()) _said.Remove(said);
    }

    // Across restarts: what an honest member says may never contradict what it said before.
    private void Said(MemberId member, string what, ulong view, Digest id)
    {
        if (_said.TryAdd((member, what, view), id)) return;
        Invariants.Agreement.Require(_said[(member, what, view)] == id, () => $"member {member} contradicts itself in view {view}: {what} two blocks");
    }

    private void Certified(Certificate certificate)
    {
        if (!_seen.Add(certificate)) return;
        var (kind, view, id) = certificate.Vote;
        Invariants.Agreement.Require(
            IsQuorum(certificate.Signatures, certificate.Vote.SignedPayload(network.Context)), () => $"a certificate ({kind}, view {view}) is no quorum's");
        if (!_certified.TryAdd((kind, view), id))
            Invariants.Agreement.Require(_certified[(kind, view)] == id, () => $"two blocks are certified ({kind}) in view {view}");
        if (kind == VoteKind.Finalize) Final(id);
        if (_certified.TryGetValue((VoteKind.Finalize, view), out var final))
            Invariants.Agreement.Require(
                !_certified.ContainsKey((VoteKind.Nullify, view)) && _certified.GetValueOrDefault((VoteKind.Notarize, view), final) == final,
                () => $"view {view} is final and given up, or final with another block than was notarized");
    }

    // A final block makes its ancestors final, as far down as they were sent: there is one at each height.
    private void Final(Digest id)
    {
        for (; _blocks.TryGetValue(id, out var header); id = header.ParentHash)
        {
            if (_final.TryAdd(header.Height, id)) continue;
            Invariants.Agreement.Require(_final[header.Height] == id, () => $"two blocks are final at height {header.Height}");
            return;
        }
        _awaited.Add(id);
    }

    // Not the committee's own arithmetic: that may be what is wrong.
    private bool IsQuorum(QuorumSignature certificate, byte[] payload)
    {
        MemberId[] signers = [.. certificate.Signers];
        return signers.Length == certificate.Signatures.Count
            && signers.Length >= network.Committee.Size - network.Faulty
            && signers.Zip(certificate.Signatures).All(pair =>
                network.Committee.Contains(pair.First)
                && network.Scheme.Verify(Surroundings.ConsensusKey(pair.First).PublicKey, payload, pair.Second));
    }

    private void Executed(MemberId member, UnitMessage.SealVote vote, Func<ulong, SealHeader?> executed)
    {
        if (_executed.TryGetValue(vote.Height, out var known) && known.Hash == vote.SealHash) return;
        if (executed(vote.Height) is not { } own) return;
        Invariants.SameState.Require(own.Hash == vote.SealHash, () => $"member {member} votes for a seal of height {vote.Height} that is not its own");
        if (known is not null) Same(known, own, $"member {member}");
        _executed[vote.Height] = own;
        OnExecuted?.Invoke(member, own);
    }

    private static void Same(SealHeader known, SealHeader other, string who)
    {
        Invariants.Agreement.Require(known.BlockId == other.BlockId, () => $"{who} executed another block at height {known.Height}");
        Invariants.SameState.Require(known == other, () => $"{who} came to another state or other results at height {known.Height}");
    }
}
