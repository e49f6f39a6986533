using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.State;

namespace Protean.Sync;

/// <summary>Brings a member that is too far behind for the others' logs to a sealed height: follows the epochs' links, takes a snapshot that a
/// quorum sealed, and fetches its maps in pieces, each proven before it is used. Beside the member's old state until all is there; then one
/// batch makes the new one the member's (docs/protocols/state-sync.md).</summary>
/// <remarks>One peer is asked at a time. Who answers what does not hold is not asked again; who does not answer is passed over. A crash
/// begins it anew.</remarks>
internal sealed class StateSync(UnitMemberParts parts, UnitState state, Func<UnixMs, bool> lacksBlocks)
{
    public static readonly TimerId StandingTimer = new("sync/standing");
    public static readonly TimerId FetchTimer = new("sync/fetch");

    // One that knows of blocks it cannot get asks at every pause; one that stands still without knowing why, at every fifth.
    private static readonly TimeSpan StandingPause = TimeSpan.FromSeconds(2);
    private const int IdlePauses = 5;
    private static readonly TimeSpan FetchPatience = TimeSpan.FromSeconds(5);

    private readonly MemberId[] _others = [.. parts.Committee.Ids.Where(id => id != parts.Self)];
    private readonly SortedSet<MemberId> _distrusted = [];
    private (ulong Epoch, ulong Height)? _stood;
    private int _pausesStood;
    private int _next = parts.Self.Index;
    private Fetch? _fetch;

    /// <summary>The height that the store now stands at: the member is to be built anew on it.</summary>
    public ulong? Installed { get; private set; }

    /// <summary>Whether a state grows in the store beside the member's own.</summary>
    public bool Fetches => _fetch?.Pieces is not null;

    /// <summary>For people: how far it is.</summary>
    public string? Progress => _fetch is { } fetch
        ? $"state at height {fetch.Snapshot.Height} from member {fetch.Peer}: {fetch.Entries} entries" : null;

    /// <summary>How often what was refused, and how often a sync began.</summary>
    public Counters Counters { get; } = new();

    public void Start(IEffects<UnitMessage, UnitEvent> effects)
    {
        effects.SetTimer(StandingTimer, StandingPause);
        foreach (var other in _others) Tell(other, effects);
    }

    public void TimeOut(TimerId timer, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (timer == StandingTimer)
        {
            effects.SetTimer(StandingTimer, StandingPause);
            // A log that goes on needs nothing; one that stands still may be idle, or may be left behind.
            _pausesStood = _stood == Standing ? _pausesStood + 1 : 0;
            _stood = Standing;
            var asks = _pausesStood > 0 && (_pausesStood % IdlePauses == 0 || lacksBlocks(effects.Now));
            if (asks && _others.Length > 0 && _fetch is null) Tell(_others[_next++ % _others.Length], effects);
        }
        else if (_fetch is not null) PassOver(effects);
    }

    public void Receive(MemberId from, SyncMessage message, IEffects<UnitMessage, UnitEvent> effects)
    {
        switch (message)
        {
            case SyncMessage.Offer offer when _fetch is null && !_distrusted.Contains(from):
                Take(from, offer, effects);
                break;
            case SyncMessage.Links links when _fetch is { } fetch && fetch.Peer == from && fetch.NeedsLinks:
                Follow(fetch, links, effects);
                break;
            case SyncMessage.Entries entries when _fetch is { } fetch && fetch.Peer == from && !fetch.NeedsLinks:
                Add(fetch, entries, effects);
                break;
        }
    }

    private (ulong Epoch, ulong Height) Standing => (parts.Epoch, state.Executed?.Height ?? 0);

    private void Tell(MemberId other, IEffects<UnitMessage, UnitEvent> effects)
    {
        var (epoch, height) = Standing;
        effects.Send(other, new UnitMessage.Sync(new SyncMessage.Standing(epoch, height)));
    }

    private void Take(MemberId from, SyncMessage.Offer offer, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (offer.Snapshot.Height <= Standing.Height || offer.Epoch < parts.Epoch) return;
        Counters.Add("sync/begun");
        _fetch = new Fetch(from, offer, parts.Directory);
        Ask(_fetch, effects);
    }

    private void Follow(Fetch fetch, SyncMessage.Links links, IEffects<UnitMessage, UnitEvent> effects)
    {
        foreach (var link in links.Chain)
            if (!fetch.Follow(link, parts.Scheme)) { Distrust(fetch, "links", effects); return; }
        if (links.Chain.Count == 0) Distrust(fetch, "links", effects);
        else Ask(fetch, effects);
    }

    private void Add(Fetch fetch, SyncMessage.Entries entries, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (entries.Height != fetch.Snapshot.Height || entries.Map != fetch.Map) return; // a late answer
        if (fetch.Pieces is not { } pieces) return;
        if (fetch.Snapshot.Height <= Standing.Height) // the own log came further in the meantime
        {
            End(effects);
            return;
        }
        if (entries.Proof.Root != fetch.Snapshot.RootOf(fetch.MapName)
            || !entries.Proof.TryReadAfter(fetch.After?.Key, out var shown, out var complete))
        {
            Distrust(fetch, "entries", effects);
            return;
        }
        pieces.Add(fetch.Map, shown);
        fetch.Took(shown, complete);
        if (fetch.Map < Snapshot.Maps.Count) Ask(fetch, effects);
        else Finish(fetch, pieces, effects);
    }

    private void Finish(Fetch fetch, SnapshotPieces pieces, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (!pieces.Finish(fetch.Snapshot, fetch.Directory))
        {
            Distrust(fetch, "snapshot", effects);
            return;
        }
        End(effects);
        Counters.Add("sync/installed");
        Installed = fetch.Snapshot.Height;
        effects.Output(new UnitEvent.Synced(fetch.Snapshot.Height));
    }

    private void Ask(Fetch fetch, IEffects<UnitMessage, UnitEvent> effects)
    {
        if (!fetch.NeedsLinks && fetch.Pieces is null)
        {
            var offered = new SnapshotCase(fetch.Snapshot, parts.UnitId, fetch.Directory, parts.Scheme);
            if (Snapshot.Checks.FirstRefusal(offered) is { } refusal)
            {
                Distrust(fetch, refusal.Code, effects);
                return;
            }
            fetch.Pieces = new SnapshotPieces(parts.Store, fetch.Snapshot.Height);
        }
        effects.SetTimer(FetchTimer, FetchPatience);
        effects.Send(fetch.Peer, new UnitMessage.Sync(fetch.NeedsLinks
            ? new SyncMessage.WantLinks(fetch.Directory.CurrentEpoch + 1)
            : new SyncMessage.WantEntries(fetch.Snapshot.Height, fetch.Map, fetch.After)));
    }

    // Links and entries are proven, so what this peer gave before stays.
    private void Distrust(Fetch fetch, string why, IEffects<UnitMessage, UnitEvent> effects)
    {
        Counters.Refuse("sync/" + why);
        _distrusted.Add(fetch.Peer);
        PassOver(effects);
    }

    /// <summary>The same snapshot from the next peer; a new one where nobody serves this one any more, or its own word was false.</summary>
    private void PassOver(IEffects<UnitMessage, UnitEvent> effects)
    {
        var fetch = _fetch!;
        Counters.Add("sync/passed-over");
        MemberId[] trusted = [.. _others.Where(other => !_distrusted.Contains(other))];
        if (fetch.Pieces is null || fetch.Misses++ > trusted.Length || trusted.Length == 0)
        {
            if (trusted.Length == 0) _distrusted.Clear();
            End(effects);
            foreach (var other in _others.Where(other => !_distrusted.Contains(other))) Tell(other, effects);
            return;
        }
        fetch.Peer = trusted[_next++ % trusted.Length];
        Ask(fetch, effects);
    }

    private void End(IEffects<UnitMessage, UnitEvent> effects)
    {
        effects.SetTimer(FetchTimer, TimeSpan.FromTicks(-1));
        _fetch = null;
    }

    /// <summary>One snapshot being fetched.</summary>
    private sealed class Fetch(MemberId peer, SyncMessage.Offer offer, LinkedDirectory directory)
    {
        public MemberId Peer { get; set; } = peer;
        public Snapshot Snapshot => offer.Snapshot;
        public LinkedDirectory Directory { get; private set; } = directory;
        public bool NeedsLinks => Directory.CurrentEpoch < offer.Epoch;
        public SnapshotPieces? Pieces { get; set; }
        public byte Map { get; private set; }
        public string MapName => Snapshot.Maps[Map];
        public ChunkStart? After { get; private set; }
        public long Entries { get; private set; }
        public int Misses { get; set; }

        public bool Follow(EpochLink link, ISignatureScheme scheme)
        {
            if (Directory.Refusal(link, scheme) is not null) return false;
            Directory = Directory.With(link, scheme);
            return true;
        }

        public void Took(IReadOnlyList<MapEntry> shown, bool complete)
        {
            Misses = 0;
            Entries += shown.Count;
            After = complete ? null : new ChunkStart(shown[^1].Key);
            if (complete) Map++;
        }
    }
}
