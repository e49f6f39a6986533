using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>Finds pending results from members' shares: says the own one, gathers others', keeps what is found (protocols 0.4, Rules O and P).</summary>
/// <remarks>A subject is begun only once its entry is final here, so no share leaves before (Rule O). Shares of members that are ahead wait.</remarks>
internal sealed class SharedResults(UnitContext context, Committee committee, SigningKey key, ISignatureScheme scheme)
{
    private readonly SortedDictionary<Digest, Open> _open = [];
    private readonly SortedDictionary<MemberId, EarlyShares> _early = [];
    private readonly Recent<Digest> _ended = new(Limits.EarlyShares * 4);
    private readonly HashSet<(MemberId, Digest)> _guilty = [];

    /// <summary>Whether there is anything under way.</summary>
    public bool Any => _open.Count > 0;

    /// <summary>Members whose signed share was provably wrong, with the subject: evidence E9.</summary>
    public IReadOnlyCollection<(MemberId Member, Digest Subject)> Guilty => _guilty;

    /// <summary>For people: what is waited for, with have and need.</summary>
    public IEnumerable<(Digest Subject, string Function, int Have, int Need)> Waiting =>
        from pair in _open
        where pair.Value.Result.Result is null
        let progress = pair.Value.Result.Progress
        select (pair.Key, pair.Value.Function, progress.Have, progress.Need);

    /// <returns>The own share, to be said to all; null where this member holds none.</returns>
    /// <param name="silent">This member says no share in this epoch.</param>
    public UnitMessage.Share? Begin(PendingResult pending, ISharedResult result, bool silent)
    {
        var open = new Open(pending.Function, result);
        if (!_open.TryAdd(pending.ReplayKey, open)) return null;
        if (!silent && result.OwnShare is { } share) open.OwnMessage = Sign(pending.ReplayKey, pending.Function, share);
        foreach (var (from, shares) in _early)
            if (shares.Take(pending.ReplayKey) is { } early) Count(from, early, open);
        return open.OwnMessage;
    }

    /// <returns>The own share where the sender seems to lack it: it still says its own after this member has the result.</returns>
    public UnitMessage.Share? Receive(MemberId from, UnitMessage.Share share)
    {
        if (_open.TryGetValue(share.Subject, out var open))
        {
            if (open.Result.Result is not null) return open.IsAskedTwice(from) ? open.OwnMessage : null;
            Count(from, share, open);
            return null;
        }
        if (_ended.Contains(share.Subject)) return null;
        if (!_early.TryGetValue(from, out var shares)) _early.Add(from, shares = new EarlyShares());
        shares.Keep(share);
        return null;
    }

    /// <summary>Results found and not reported yet.</summary>
    public IReadOnlyList<(Digest Subject, Outputs Outputs, Bytes Record)> Found()
    {
        var found = new List<(Digest, Outputs, Bytes)>();
        foreach (var (subject, open) in _open)
        {
            if (open.Reported || open.Result.Result is not { } outputs) continue;
            open.Reported = true;
            found.Add((subject, outputs, open.Result.Record ?? Bytes.Empty));
        }
        return found;
    }

    /// <summary>The quorum's word for this subject is final.</summary>
    public void End(Digest subject)
    {
        _open.Remove(subject);
        _ended.Add(subject);
    }

    /// <summary>Own shares of results that this member has not found yet, to be said again.</summary>
    public IEnumerable<UnitMessage.Share> Unanswered() =>
        from open in _open.Values
        where open.Result.Result is null && open.OwnMessage is not null
        select open.OwnMessage;

    private void Count(MemberId from, UnitMessage.Share share, Open open)
    {
        if (!scheme.Verify(committee[from].ConsensusKey, Payload(share.Subject, open.Function, share.Value), share.Signature)) return;
        if (!open.Result.Accept(from, share.Value)) _guilty.Add((from, share.Subject));
    }

    private UnitMessage.Share Sign(Digest subject, string function, Bytes share) =>
        new(subject, share, scheme.Sign(key, Payload(subject, function, share)));

    private byte[] Payload(Digest subject, string function, Bytes share) =>
        new Encoder().Value(context).Text(function).Bytes(subject.Span).Raw(share.Span).ToSignMsg("share");

    /// <summary>One member's shares for subjects that the own log has not reached; the oldest goes when there are too many.</summary>
    private sealed class EarlyShares
    {
        private readonly Dictionary<Digest, UnitMessage.Share> _shares = [];
        private readonly Queue<Digest> _order = [];
        private int _bytes;

        public void Keep(UnitMessage.Share share)
        {
            if (!_shares.TryAdd(share.Subject, share)) return;
            _order.Enqueue(share.Subject);
            _bytes += share.Value.Length;
            while (_order.Count > Limits.EarlyShares || _bytes > Limits.EarlyShareBytes) Take(_order.Dequeue());
        }

        public UnitMessage.Share? Take(Digest subject)
        {
            if (!_shares.Remove(subject, out var share)) return null;
            _bytes -= share.Value.Length;
            return share;
        }
    }

    private sealed class Open(string function, ISharedResult result)
    {
        private readonly SortedSet<MemberId> _asked = [];

        public string Function { get; } = function;
        public ISharedResult Result { get; } = result;
        public UnitMessage.Share? OwnMessage { get; set; }
        public bool Reported { get; set; }

        /// <summary>Every second time only: two members that both have the result would answer each other's answers for ever.</summary>
        public bool IsAskedTwice(MemberId from)
        {
            if (_asked.Add(from)) return false;
            _asked.Remove(from);
            return true;
        }
    }
}
