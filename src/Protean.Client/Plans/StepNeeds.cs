using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Workflows;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Client.Plans;

/// <summary>What one unit must be asked for so that a step's request can show it.</summary>
internal sealed class UnitNeed
{
    public SortedSet<Bytes> Keys { get; } = [];
    public SortedSet<Bytes> Prefixes { get; } = [];
    public ulong MinHeight { get; set; }
    public ulong MinTimeMs { get; set; }
    public bool NeedsWitness => Keys.Count > 0 || Prefixes.Count > 0;
}

/// <summary>What a step's request must show of other units: state, heights, times, beacon rounds (protocols 8.2, 8.5).</summary>
internal sealed class StepNeeds
{
    private readonly AdmissionCase.Planned _subject;
    private readonly SortedDictionary<Digest, UnitNeed> _units = [];
    private readonly SortedSet<(Digest Unit, ulong Round)> _beacons = [];

    /// <param name="subject">The step, without proofs.</param>
    /// <param name="heightOf">The least height that this client accepts of a unit.</param>
    public StepNeeds(AdmissionCase.Planned subject, Func<Digest, ulong> heightOf)
    {
        _subject = subject;
        foreach (var argument in subject.Subject.Arguments) Add(argument.Source);
        if (subject.Subject.Barrier is { } barrier) Add(barrier);
        foreach (var (unit, need) in _units)
            if (need.NeedsWitness) need.MinHeight = Math.Max(need.MinHeight, heightOf(unit));
    }

    /// <summary>What must be shown, by unit. The step's own unit is there only if its state is read.</summary>
    public IReadOnlyDictionary<Digest, UnitNeed> Shown => _units;

    /// <summary>What the step's own unit must have reached before it is asked: it compares with its own clock.</summary>
    public UnitNeed Own { get; } = new();

    public IReadOnlyCollection<(Digest Unit, ulong Round)> Beacons => _beacons;

    public UnitNeed Of(Digest unit)
    {
        if (!_units.TryGetValue(unit, out var need)) _units.Add(unit, need = new UnitNeed());
        return need;
    }

    private void Add(Source source)
    {
        switch (source)
        {
            case Source.State state: Of(_subject.IdOf(state.Unit)).Keys.Add(_subject.KeyOf(state.Key)); break;
            case Source.StatePrefix state: Of(_subject.IdOf(state.Unit)).Prefixes.Add(_subject.KeyOf(state.Prefix)); break;
            case Source.Beacon beacon: AddBeacon(beacon.Unit, beacon.Round); break;
        }
    }

    private void Add(Barrier barrier)
    {
        switch (barrier)
        {
            case Barrier.And and: foreach (var term in and.Terms) Add(term); break;
            case Barrier.Or { Terms.Count: > 0 } or: Add(or.Terms.MinBy(PassesAt)!); break;
            case Barrier.AfterHeight after: Wait(after.Unit).MinHeight = Math.Max(Wait(after.Unit).MinHeight, Resolve(after.Height)); break;
            case Barrier.AfterTime after: Wait(after.Unit).MinTimeMs = Math.Max(Wait(after.Unit).MinTimeMs, Resolve(after.Time)); break;
            case Barrier.StateIs state: Of(_subject.IdOf(state.Unit)).Keys.Add(_subject.KeyOf(state.Key)); break;
            case Barrier.BeaconDue beacon: AddBeacon(beacon.Unit, beacon.Round); break;
        }
    }

    private UnitNeed Wait(ushort unit) => _subject.IdOf(unit) == _subject.UnitId ? Own : Of(_subject.IdOf(unit));

    // Of alternatives the one that can pass first: what waits for no time, then the earliest time.
    private ulong PassesAt(Barrier barrier) =>
        barrier.All().OfType<Barrier.AfterTime>().Select(after => Resolve(after.Time)).DefaultIfEmpty().Max();

    private void AddBeacon(ushort unit, Bound round) => _beacons.Add((_subject.IdOf(unit), Resolve(round)));

    private ulong Resolve(Bound bound) => _subject.Instance.Resolve(bound) ?? 0;
}
